"""What a definition comes to on some data, and the records behind that."""

import time
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from msgspec.structs import replace

from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound
from trustwright.monitors import evaluation, findings, history
from trustwright.monitors.actions import definition_of
from trustwright.monitors.evaluation import Part, Tally, judged_by
from trustwright.monitors.findings import Evaluated, Passed, Shown
from trustwright.monitors.model import (
    SHOWN,
    CannotEvaluate,
    Definition,
    Failure,
    Group,
    Monitor,
    Outcome,
    Passing,
    Population,
    PopulationKind,
    RanGroup,
    ResultStatus,
    Run,
)
from trustwright.monitors.outcomes import Measured, combined, group_status, measure, measured_status
from trustwright.monitors.record_types import textless
from trustwright.records.actions import get_connection, get_resource, resources_of
from trustwright.records.datasets import live_dataset, staged_dataset
from trustwright.records.model import Dataset, Resource

NOBODY = Tally(seen=0, out_of_scope=0, out_of_scope_missing=0, matching=0, failed=0, failing="{}")

# Checks that judge the resource, and no record of it.
WHOLE = (PopulationKind.COUNT, PopulationKind.EXISTS, PopulationKind.FRESHNESS)


class Aim(Struct, frozen=True, kw_only=True):
    """How a definition is evaluated. `targets`: the records that are excluded. `run_id`: where failures are written
    down, None for nowhere. `seconds`: all that it may take."""

    targets: list[str]
    run_id: int | None = None
    seconds: int


class Source(Struct, frozen=True, kw_only=True):
    """What a group reads. `pages`: of the table, where so much of it is to be read that others should read too."""

    resource: Resource
    provider_name: str
    dataset: Dataset
    pushed_at: datetime | None
    pages: int | None


class Judged(Struct, frozen=True, kw_only=True):
    """A group with what was found: `counted` without the excluded records, `excluded` among them."""

    group: Group
    source: Source
    counted: Tally
    excluded: Tally
    ran: RanGroup


async def sources_of(tx: Tx, definition: Definition, session_id: str | None = None) -> list[Source]:
    """What each group reads; with a session, the records staged there in place of the live ones. Raises
    CannotEvaluate."""
    known: dict[tuple[int, int], Source] = {}
    for group in definition.groups:
        key = group.connection_id, group.resource_id
        if key not in known:
            known[key] = await _source(tx, *key, session_id)
    if session_id and not any(source.dataset.session_id == session_id for source in known.values()):
        raise CannotEvaluate(f"No resource of this test has a session {session_id}")
    return [known[group.connection_id, group.resource_id] for group in definition.groups]


async def evaluate(
    tx: Tx, definition: Definition, sources: list[Source], aim: Aim, readers: Sequence[Tx] = ()
) -> Outcome:
    """Evaluates a definition at the transaction's time; the transaction must see one moment only (`Database.read` or
    `snapshot`), which the `readers` see too (`Database.beside`). Failures that are written down are not among what it
    returns. Raises CannotEvaluate."""
    deadline = time.monotonic() + aim.seconds
    # Few connections do all the reading of a process, and so have got to know the database's memory.
    counted = await _tallies(list(readers) or [tx], definition, sources, aim.targets, deadline, inside=False)
    excluded = [NOBODY] * len(sources)
    if aim.targets:
        excluded = await _tallies([tx], definition, sources, aim.targets, deadline, inside=True)
    judged = [
        _judged(definition, group, source, without, among, tx.now)
        for group, source, without, among in zip(definition.groups, sources, counted, excluded, strict=True)
    ]
    failures: list[Failure] = []
    if aim.run_id is None:
        failures = await _shown(tx, judged)
    else:
        await _keep_all(tx, judged, aim.run_id)
    return _outcome(definition, [each.ran for each in judged], failures, tx.now)


async def definition_of_run(tx: Tx, run: Run) -> Definition:
    """What a run is to evaluate. Raises CannotEvaluate for what an earlier release wrote and this one cannot read."""
    try:
        return await definition_of(tx, run.monitor_id, run.version)
    except Invalid as error:
        raise CannotEvaluate(f"Its definition cannot be read any more: {error.message}") from error


async def _source(tx: Tx, connection_id: int, resource_id: int, session_id: str | None) -> Source:
    try:
        resource = await get_resource(tx, connection_id, resource_id)
    except NotFound as error:
        raise CannotEvaluate(f"{error.message}: it was deleted") from error
    connection = await get_connection(tx, connection_id)
    staged = await staged_dataset(tx, resource, session_id) if session_id else None
    dataset = staged or await live_dataset(tx, resource)
    pushed = await evaluation.last_push(tx, dataset.id)
    return Source(
        resource=resource,
        provider_name=connection.client_alias or resource.name,
        dataset=dataset,
        pushed_at=max(filter(None, (pushed, dataset.activated_at)), default=None),
        pages=await evaluation.pages(tx, dataset.id),
    )


async def _tallies(
    readers: list[Tx],
    definition: Definition,
    sources: list[Source],
    targets: list[str],
    deadline: float,
    *,
    inside: bool,
) -> list[Tally]:
    """What each group finds; groups that read the same records share one scan."""
    found: dict[int, Tally] = {}
    for dataset_id in {source.dataset.id for source in sources}:
        numbers = [number for number, source in enumerate(sources) if source.dataset.id == dataset_id]
        groups = [definition.groups[number] for number in numbers]
        source = sources[numbers[0]]
        key = source.resource.display_name_key
        part = Part(
            dataset_id=dataset_id,
            pages=source.pages,
            display_key=key,
            textless=textless(source.resource.schema),
            targets=targets,
            inside=inside,
        )
        sharing = readers if source.pages else readers[:1]
        await evaluation.prepare(sharing, deadline - time.monotonic())
        tallies = await evaluation.scan(sharing, part, groups, readers[0].now, deadline)
        for number, group, tally in zip(numbers, groups, tallies, strict=True):
            found[number] = await _with_doubles(readers[0], part, group, tally, deadline)
    return [found[number] for number in range(len(sources))]


async def _with_doubles(tx: Tx, part: Part, group: Group, tally: Tally, deadline: float) -> Tally:
    """Two excluded records may well be the same."""
    term = group.check.term if isinstance(group.check, Population) else None
    if term is None or part.inside:
        return tally
    await evaluation.prepare([tx], deadline - time.monotonic())
    doubles = await evaluation.scan_doubles(tx, part, group.filtering, term, tx.now)
    return replace(tally, matching=doubles.matching, failed=doubles.failed, failing=doubles.failing)


def _judged(
    definition: Definition, group: Group, source: Source, counted: Tally, excluded: Tally, now: datetime
) -> Judged:
    evaluated = counted.seen - counted.out_of_scope
    measured = Measured(value=None, passes=None)
    if isinstance(group.check, Population):
        pushed_at = source.pushed_at
        measured = measure(group.check, evaluated=evaluated, matching=counted.matching, pushed_at=pushed_at, now=now)
        status = measured_status(definition.on_empty, measured)
        failed = counted.failed if status is ResultStatus.FAILED else 0
        if group.check.kind in WHOLE:
            evaluated, failed = 1, int(status is ResultStatus.FAILED)
    else:
        failed = counted.failed
        status = group_status(definition.on_empty, seen=counted.seen + excluded.seen, failed=failed)
    ran = RanGroup(
        connection_id=group.connection_id,
        resource_id=group.resource_id,
        provider_name=source.provider_name,
        resource_name=source.resource.name,
        dataset_id=source.dataset.id,
        session_id=source.dataset.session_id,
        pushed_at=source.pushed_at,
        seen=counted.seen + excluded.seen,
        evaluated=evaluated,
        failed=failed,
        excluded=excluded.seen - excluded.out_of_scope,
        out_of_scope=counted.out_of_scope + excluded.out_of_scope,
        out_of_scope_missing=counted.out_of_scope_missing + excluded.out_of_scope_missing,
        status=status,
        measured=measured.value,
        note="No record is in scope" if counted.seen and not evaluated else None,
    )
    return Judged(group=group, source=source, counted=counted, excluded=excluded, ran=ran)


def _outcome(definition: Definition, groups: list[RanGroup], failures: list[Failure], now: datetime) -> Outcome:
    evaluated, failed = sum(group.evaluated for group in groups), sum(group.failed for group in groups)
    return Outcome(
        status=combined(definition.requirement, [group.status for group in groups]),
        now_at=now,
        evaluated=evaluated,
        passed=evaluated - failed,
        failed=failed,
        excluded=sum(group.excluded for group in groups),
        out_of_scope=sum(group.out_of_scope for group in groups),
        out_of_scope_missing=sum(group.out_of_scope_missing for group in groups),
        groups=groups,
        failures=failures,
    )


async def _keep_all(tx: Tx, judged: list[Judged], run_id: int) -> None:
    """Writes down every failure of a run, those of excluded records last."""
    position = 0
    for number, each in enumerate(judged):
        position = await _keep(tx, run_id, each, number, position, is_excluded=False)
        if whole := _whole(each, number, position, tx.now):
            await history.insert_failure(tx, run_id, whole)
            position += 1
    for number, each in enumerate(judged):
        position = await _keep(tx, run_id, each, number, position, is_excluded=True)


async def _keep(tx: Tx, run_id: int, each: Judged, number: int, first: int, *, is_excluded: bool) -> int:
    """Writes down failures of one group from a position on; the position behind them."""
    tally = each.excluded if is_excluded else each.counted
    if not tally.failed or not _names_records(each):
        return first
    shown = Shown(group_number=number, first=first, is_excluded=is_excluded)
    await findings.keep_failures(tx, run_id, each.source.dataset.id, each.group, tally.failing, shown, tx.now)
    return first + tally.failed


async def _shown(tx: Tx, judged: list[Judged]) -> list[Failure]:
    """The first failures, written down nowhere."""
    found: list[Failure] = []
    for number, each in enumerate(judged):
        left = SHOWN - len(found)
        if _names_records(each) and each.counted.failed and left > 0:
            shown = Shown(group_number=number, first=len(found), is_excluded=False)
            dataset_id, failing = each.source.dataset.id, each.counted.failing
            found += await findings.show_failures(tx, dataset_id, each.group, failing, shown, left, tx.now)
        if whole := _whole(each, number, len(found), tx.now):
            found.append(whole)
    return found[:SHOWN]


def _names_records(each: Judged) -> bool:
    """A population check that is met has nothing against single records."""
    return each.ran.status is ResultStatus.FAILED or not isinstance(each.group.check, Population)


def _whole(each: Judged, number: int, position: int, now: datetime) -> Failure | None:
    """The failure of a check that names no single record."""
    check = each.group.check
    if not isinstance(check, Population) or check.kind not in WHOLE or each.ran.status is not ResultStatus.FAILED:
        return None
    reason = {
        "fact": None,
        "path": None,
        "operator": check.kind.value if check.operator is None else f"{check.kind.value} {check.operator.value}",
        "value": check.value,
        "result": False,
        "factResult": each.ran.measured,
    }
    resource = each.source.resource
    return Failure(
        position=position,
        group_number=number,
        target_id=f"resource:{resource.id}",
        target_name=resource.name,
        is_excluded=False,
        tags=None,
        cause=[reason],
        created_at=now,
        updated_at=now,
    )


async def page_passes(tx: Tx, part: Slice, monitor: Monitor, run: Run) -> list[Passing]:
    """A page of the records that pass by a run's definition, among those that it saw and that are still there."""
    about = await _passed(tx, monitor, run)
    return await findings.page_passing(tx, part, about) if about else []


async def count_passes(tx: Tx, monitor: Monitor, run: Run) -> int:
    """How many they are."""
    about = await _passed(tx, monitor, run)
    return await findings.count_passing(tx, about) if about else 0


async def _passed(tx: Tx, monitor: Monitor, run: Run) -> Passed | None:
    definition = await definition_of(tx, monitor.id, run.version)
    found = await resources_of(tx, sorted({group.connection_id for group in definition.groups}))
    resources = {(resource.connection_id, resource.id): resource for resource in found}
    groups = []
    for number, (group, ran) in enumerate(zip(definition.groups, run.groups, strict=True)):
        resource = resources.get((group.connection_id, group.resource_id))
        # Where it was deleted, so were its records.
        if judged_by(group) is None or resource is None:
            continue
        key = resource.display_name_key
        groups.append(Evaluated(group_number=number, group=group, dataset_id=ran.dataset_id, display_key=key))
    if not groups or run.now_at is None:
        return None
    return Passed(groups=groups, monitor_id=monitor.id, seen_at=run.now_at)
