"""Monitors, what they check, and what their runs found."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from msgspec import Struct

from trustwright.errors import Conflict
from trustwright.monitors.conditions import Condition, Operator, Term

DAILY = timedelta(days=1)
# A job that was lost is made again after so long.
LOST = timedelta(hours=1)

# Failures of a run whose reasons are kept (decisions 24), and those that an answer shows.
EXPLAINED = 1000
SHOWN = 100


class ResultStatus(StrEnum):
    """READY: there is no result yet, or nothing to check."""

    READY = "READY"
    PASSED = "PASSED"
    FAILED = "FAILED"
    ERROR = "ERROR"
    PREAUDIT = "PREAUDIT"


class CheckStatus(StrEnum):
    """NEW: not evaluated yet."""

    UNUSED = "UNUSED"
    NEW = "NEW"
    ENABLED = "ENABLED"
    DISABLED = "DISABLED"
    TESTING = "TESTING"


class MonitorSource(StrEnum):
    DRATA = "DRATA"
    CUSTOM = "CUSTOM"
    EXTERNAL = "EXTERNAL"
    ACORN = "ACORN"
    DRATA_LIBRARY = "DRATA_LIBRARY"


class CheckType(StrEnum):
    POLICY = "POLICY"
    IN_DRATA = "IN_DRATA"
    AGENT = "AGENT"
    INFRASTRUCTURE = "INFRASTRUCTURE"
    VERSION_CONTROL = "VERSION_CONTROL"
    IDENTITY = "IDENTITY"
    TICKETING = "TICKETING"
    HRIS = "HRIS"
    OBSERVABILITY = "OBSERVABILITY"
    CUSTOM = "CUSTOM"


class Requirement(StrEnum):
    """How many of a monitor's groups must pass."""

    ALL = "ALL_PASS"
    ANY = "ANY_PASS"
    AT_MOST_ONE_FAIL = "AT_MOST_ONE_FAIL"


class OnEmpty(StrEnum):
    """What a group comes to whose resource has no records."""

    READY = "READY"
    PASSED = "PASSED"
    FAILED = "FAILED"


class FilterMode(StrEnum):
    """Exclusion: records that meet the criteria are out of scope. Inclusion: those that do not."""

    EXCLUSION = "exclusion"
    INCLUSION = "inclusion"


class Filtering(Struct, frozen=True, kw_only=True):
    mode: FilterMode
    evaluator: Condition


class PopulationKind(StrEnum):
    COUNT = "count"
    EXISTS = "exists"
    PERCENT = "percent"
    UNIQUE = "unique"
    FRESHNESS = "freshness"


class Population(Struct, frozen=True, kw_only=True):
    """A check of all records together.

    count, percent: how many, or how many of a hundred, of the records in scope meet `where` (all of them without one),
    compared by `operator` with `value`. exists: some record does. unique: no two of them have the same value of `term`;
    records without it, or with null, count for nothing. freshness: records were pushed within the last `value` hours.
    """

    kind: PopulationKind
    where: Condition | None = None
    operator: Operator | None = None
    value: float | None = None
    term: Term | None = None


class Group(Struct, frozen=True, kw_only=True):
    """What is checked of one resource: each record by an evaluator, or all of them by a population check."""

    connection_id: int
    resource_id: int
    filtering: Filtering | None
    check: Condition | Population


class Definition(Struct, frozen=True, kw_only=True):
    """What a monitor checks. `allow_unknown`: its conditions may name fields that the schemas do not list."""

    requirement: Requirement
    on_empty: OnEmpty
    allow_unknown: bool
    groups: list[Group]


class Fault(Struct, frozen=True):
    """What is wrong with a definition: where (`groups[0].evaluator.all[1].operator`), and what would be right."""

    path: str
    message: str


class Draft(Struct, frozen=True, kw_only=True):
    """What a monitor is made of."""

    name: str
    description: str | None
    is_enabled: bool
    control_ids: list[int]
    definition: Definition


class Monitor(Struct, frozen=True, kw_only=True):
    """A test of a workspace. `test_id` names it there, `id` is nobody's business (Q66). `failed_since`: when it first
    failed, since it passed for the last time. `last_run_id`: the last run that came to a result."""

    id: int
    workspace_id: int
    test_id: int
    name: str
    description: str | None
    is_enabled: bool
    version: int
    status: ResultStatus
    last_run_id: int | None
    last_checked_at: datetime | None
    last_passed_at: datetime | None
    failed_since: datetime | None
    due_at: datetime | None
    disabled_by_id: int | None
    disabled_message: str | None
    created_at: datetime
    updated_at: datetime

    @property
    def check_status(self) -> CheckStatus:
        if not self.is_enabled:
            return CheckStatus.DISABLED
        return CheckStatus.ENABLED if self.last_checked_at else CheckStatus.NEW


class Cause(StrEnum):
    """Why a run began."""

    DATA = "DATA"
    SCHEDULE = "SCHEDULE"
    MANUAL = "MANUAL"
    CHANGE = "CHANGE"


class RanGroup(Struct, frozen=True, kw_only=True, rename="camel"):
    """What one group of a run saw and found. `status`: READY, PASSED or FAILED. `session_id`: of the live data, None
    for direct uploads alone. `pushed_at`: when its newest record came. `measured`: of a population check."""

    connection_id: int
    resource_id: int
    provider_name: str
    resource_name: str
    dataset_id: int
    session_id: str | None
    pushed_at: datetime | None
    seen: int
    evaluated: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    status: ResultStatus
    measured: float | None = None
    note: str | None = None


class Run(Struct, frozen=True, kw_only=True):
    """One evaluation. `status` is None, and `finished_at`, while it goes on. `now_at`: what dates were compared with.
    `out_of_scope_missing`: of those out of scope, how many because they lack what the criteria ask for."""

    id: int
    monitor_id: int
    version: int
    cause: Cause
    status: ResultStatus | None
    message: str | None
    now_at: datetime | None
    evaluated: int
    passed: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    groups: list[RanGroup]
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class Failure(Struct, frozen=True, kw_only=True):
    """A record that failed, or a resource that failed a population check. `cause` is None behind the first thousand.
    The times are those of the run."""

    position: int
    group_number: int
    target_id: str
    target_name: str
    is_excluded: bool
    tags: dict[str, Any] | None
    cause: list[dict[str, Any]] | None
    created_at: datetime
    updated_at: datetime


class ExcludedFailure(Failure, frozen=True, kw_only=True):
    """A failure that is left out of the result now."""

    reason: str
    excluded_by_id: int | None
    excluded_at: datetime


class Passing(Struct, frozen=True, kw_only=True):
    """A record that passes."""

    record_id: str
    position: int
    group_number: int
    target_name: str
    tags: dict[str, Any] | None
    created_at: datetime
    updated_at: datetime


class Exclusion(Struct, frozen=True, kw_only=True):
    """A record that is left out of a monitor's result, whatever session brings it."""

    id: int
    monitor_id: int
    target_id: str
    target_name: str
    connection_id: int | None
    reason: str
    created_by_id: int | None
    created_at: datetime
    updated_at: datetime


class Outcome(Struct, frozen=True, kw_only=True):
    """What a definition came to on some data: totals over its groups, and the first failures. `now_at`: what dates were
    compared with."""

    status: ResultStatus
    now_at: datetime | None
    evaluated: int
    passed: int
    failed: int
    excluded: int
    out_of_scope: int
    out_of_scope_missing: int
    groups: list[RanGroup]
    failures: list[Failure]


class AlreadyRunning(Conflict):
    """There is one run of a monitor at a time."""

    sentence = "A run of this test is under way; wait until it has ended"


class CannotEvaluate(Exception):
    """The database cannot evaluate the conditions on this data; the message says why."""


class TooSlow(CannotEvaluate):
    """An evaluation was stopped because it took longer than the settings allow."""

    def __init__(self) -> None:
        super().__init__("The evaluation took longer than TRUSTWRIGHT_MONITOR_TIME_LIMIT allows")


class Reader(Struct, frozen=True, kw_only=True):
    """A monitor that reads a resource."""

    resource_id: int
    workspace_id: int
    test_id: int
    name: str
    is_enabled: bool
    status: ResultStatus
    last_checked_at: datetime | None
