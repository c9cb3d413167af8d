"""What a group and a run come to, and what a monitor says of itself then: rules, nothing else."""

from datetime import datetime, timedelta

from msgspec import Struct

from trustwright.monitors.conditions import Operator
from trustwright.monitors.model import (
    DAILY,
    Definition,
    Monitor,
    OnEmpty,
    Population,
    PopulationKind,
    Requirement,
    ResultStatus,
)


class Measured(Struct, frozen=True, kw_only=True):
    """What a population check found: a number, and whether that is as it should be; None where there is nothing to
    judge."""

    value: float | None
    passes: bool | None


def group_status(on_empty: OnEmpty, *, seen: int, failed: int) -> ResultStatus:
    """Of a group whose records are judged one by one (custom-data 3.2): without records it is what the monitor says of
    empty resources; with all of them out of scope, or excluded, it passes."""
    if seen == 0:
        return ResultStatus(on_empty)
    return ResultStatus.FAILED if failed else ResultStatus.PASSED


def measured_status(on_empty: OnEmpty, measured: Measured) -> ResultStatus:
    """Of a group with a population check."""
    if measured.passes is None:
        return ResultStatus(on_empty)
    return ResultStatus.PASSED if measured.passes else ResultStatus.FAILED


def measure(check: Population, *, evaluated: int, matching: int, pushed_at: datetime | None, now: datetime) -> Measured:
    """What a check finds among `evaluated` records, of which `matching` meet its condition, or for `unique` stand
    alone. Of no records there is no share, and nothing that could be double. Freshness is in hours."""
    if check.kind is PopulationKind.FRESHNESS:
        hours = None if pushed_at is None else (now - pushed_at) / timedelta(hours=1)
        return Measured(value=hours, passes=hours is not None and hours <= (check.value or 0))
    if check.kind is PopulationKind.EXISTS:
        return Measured(value=matching, passes=matching > 0)
    if check.kind is PopulationKind.COUNT:
        return Measured(value=matching, passes=_compares(matching, check))
    if not evaluated:
        return Measured(value=None, passes=None)
    if check.kind is PopulationKind.UNIQUE:
        return Measured(value=evaluated - matching, passes=matching == evaluated)
    share = matching * 100 / evaluated
    return Measured(value=share, passes=_compares(share, check))


def _compares(found: float, check: Population) -> bool:
    wanted = check.value or 0
    return {
        Operator.EQUAL: found == wanted,
        Operator.NOT_EQUAL: found != wanted,
        Operator.GREATER_THAN: found > wanted,
        Operator.GREATER_THAN_OR_EQUAL: found >= wanted,
        Operator.LESS_THAN: found < wanted,
        Operator.LESS_THAN_OR_EQUAL: found <= wanted,
    }[check.operator or Operator.EQUAL]


def combined(requirement: Requirement, statuses: list[ResultStatus]) -> ResultStatus:
    """What groups come to together. One that waits for records keeps the result open only while it could turn it. At
    most one may fail: a single group that fails is one (custom-data 3.2)."""
    failed = statuses.count(ResultStatus.FAILED)
    waiting = statuses.count(ResultStatus.READY)
    passed = len(statuses) - failed - waiting
    if requirement is Requirement.ANY:
        met, lost = passed >= 1, failed == len(statuses)
    else:
        allowed = 1 if requirement is Requirement.AT_MOST_ONE_FAIL else 0
        met, lost = failed + waiting <= allowed and passed + failed > 0, failed > allowed
    if met:
        return ResultStatus.PASSED
    return ResultStatus.FAILED if lost or not waiting else ResultStatus.READY


def failed_since(monitor: Monitor, status: ResultStatus, now: datetime) -> datetime | None:
    """Since when it fails, with a new result. An error says nothing about that."""
    if status is ResultStatus.FAILED:
        return monitor.failed_since or now
    return monitor.failed_since if status is ResultStatus.ERROR else None


def next_due(definition: Definition, pushed_at: list[datetime | None], now: datetime) -> datetime:
    """When to look again: after a day, or as soon as what was pushed last is too old by a check of freshness."""
    stale = [
        pushed + timedelta(hours=group.check.value or 0, seconds=1)
        for group, pushed in zip(definition.groups, pushed_at, strict=True)
        if isinstance(group.check, Population) and group.check.kind is PopulationKind.FRESHNESS and pushed
    ]
    return min([now + DAILY, *(moment for moment in stale if moment > now)])
