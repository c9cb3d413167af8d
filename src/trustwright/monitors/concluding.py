"""How a run begins, and what follows from its result: the monitor's standing, its controls, events and webhooks."""

from datetime import datetime, timedelta

from msgspec import Struct

from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.monitors import exclusions, history, store
from trustwright.monitors.actions import RUN
from trustwright.monitors.following import follow
from trustwright.monitors.model import (
    DAILY,
    AlreadyRunning,
    Cause,
    Definition,
    Monitor,
    Outcome,
    Reader,
    ResultStatus,
    Run,
)
from trustwright.monitors.outcomes import failed_since, next_due
from trustwright.times import iso
from trustwright.webhooks.actions import announce

STATUS_CHANGED = "monitor.status_changed"

# Over the time that a run may take, for what it does before and after.
GRACE = timedelta(minutes=1)

INTERRUPTED = "The run was interrupted"


class Begun(Struct, frozen=True, kw_only=True):
    """A run that nobody else makes, and the records that it leaves out."""

    run: Run
    targets: list[str]


async def begin(tx: Tx, monitor_id: int, cause: Cause, time_limit: int) -> Begun:
    """Begins a run of a monitor. One that was left by a process that died is given up. Raises NotFound for a monitor
    that was deleted, or is disabled and not run by hand, and AlreadyRunning."""
    monitor = await store.monitor_by_id(tx, monitor_id)
    if monitor is None or not (monitor.is_enabled or cause is Cause.MANUAL):
        raise NotFound(f"No monitor {monitor_id} that would run")
    under_way = await history.run_under_way(tx, monitor_id)
    if under_way is not None and under_way.created_at < latest_begin_of_lost(tx.now, time_limit):
        await history.give_up_run(tx, under_way.id, INTERRUPTED)
    run = await history.begin_run(tx, monitor_id, monitor.version, cause)
    if run is None:
        raise AlreadyRunning
    return Begun(run=run, targets=await exclusions.targets_of(tx, monitor_id))


def latest_begin_of_lost(now: datetime, time_limit: int) -> datetime:
    """What was begun before then and has not ended was left by a process that died. `time_limit` in seconds."""
    return now - timedelta(seconds=time_limit) - GRACE


async def request_runs_of(tx: Tx, resource_id: int) -> None:
    """Has the enabled monitors of a resource run soon, because its records changed."""
    for monitor_id in await store.monitors_of_resource(tx, resource_id):
        await tx.defer(RUN, monitor_id=monitor_id, cause=Cause.DATA.value)


async def readers_of(tx: Tx, resource_ids: list[int]) -> list[Reader]:
    """The monitors that read resources, of all workspaces."""
    return await store.readers_of(tx, resource_ids)


async def conclude(tx: Tx, begun: Begun, definition: Definition, outcome: Outcome) -> Run:
    """Ends a run with its result, and makes it the monitor's. Raises AlreadyRunning for one that was given up."""
    run = await history.end_run(tx, begun.run.id, outcome)
    if run is None:
        raise AlreadyRunning(f"Run {begun.run.id} took too long: another took its place")
    await _settle(tx, run, next_due(definition, [group.pushed_at for group in run.groups], tx.now))
    return run


async def fail(tx: Tx, begun: Begun, message: str) -> Run:
    """Ends a run that could not be made. What the monitor found before stays readable."""
    run = await history.give_up_run(tx, begun.run.id, message)
    if run is None:
        raise AlreadyRunning(f"Run {begun.run.id} took too long: another took its place")
    await _settle(tx, run, tx.now + DAILY)
    return run


async def give_up(tx: Tx, run_id: int) -> None:
    """Ends a run whose process died, unless it has ended meanwhile. An enabled monitor runs once more; of another, this
    is the result."""
    run = await history.give_up_run(tx, run_id, INTERRUPTED)
    if run is None:
        return
    monitor = await store.monitor_by_id(tx, run.monitor_id)
    if monitor is not None and monitor.is_enabled:
        await store.set_due(tx, monitor.id, tx.now)
    else:
        await _settle(tx, run, tx.now + DAILY)


async def _settle(tx: Tx, run: Run, due_at: datetime) -> None:
    before = await store.monitor_by_id(tx, run.monitor_id, lock=True)
    if before is None or run.status is None:
        return  # deleted meanwhile; the run is kept all the same
    is_error = run.status is ResultStatus.ERROR
    after = await store.conclude(
        tx,
        before.id,
        status=run.status,
        last_run_id=None if is_error else run.id,
        checked_at=tx.now,
        last_passed_at=tx.now if run.status is ResultStatus.PASSED else before.last_passed_at,
        failed_since=failed_since(before, run.status, tx.now),
        due_at=due_at,
    )
    await follow(tx, [link.control_id for link in await store.controls_of(tx, [before.id])])
    await _record(tx, after, run)
    if after.status is not before.status:
        await announce(tx, STATUS_CHANGED, _news(before, after, run))


async def _record(tx: Tx, monitor: Monitor, run: Run) -> None:
    counts = f"{run.evaluated} evaluated, {run.failed} failed" if run.message is None else run.message
    await record(
        tx,
        EventType.AP_CUSTOM_TEST,
        f"Test {monitor.name}: {run.status} ({counts})",
        target={"kind": "monitor", "id": monitor.id, "testId": monitor.test_id, "testName": monitor.name},
        after={"runId": run.id, "cause": run.cause, **_counts(run)},
        workspace_id=monitor.workspace_id,
        status=run.status,
    )


def _counts(run: Run) -> dict[str, int]:
    return {
        "evaluated": run.evaluated,
        "passed": run.passed,
        "failed": run.failed,
        "excluded": run.excluded,
        "outOfScope": run.out_of_scope,
    }


def _news(before: Monitor, after: Monitor, run: Run) -> dict[str, object]:
    return {
        "workspaceId": after.workspace_id,
        "testId": after.test_id,
        "testName": after.name,
        "previousStatus": before.status,
        "status": after.status,
        "runId": run.id,
        "message": run.message,
        "failedSince": after.failed_since and iso(after.failed_since),
        **_counts(run),
    }
