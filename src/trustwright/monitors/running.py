"""Runs of monitors, each in three transactions: it is begun where others see it, it evaluates at one moment, and it
ends with whatever follows from its result."""

import time

import structlog
from msgspec.structs import replace
from prometheus_client import Histogram

from trustwright.db import Database, Who
from trustwright.errors import Invalid
from trustwright.events.model import Source as Actor
from trustwright.monitors import concluding, exclusions, history
from trustwright.monitors.actions import get_monitor
from trustwright.monitors.evaluating import Aim, Source, definition_of_run, evaluate, sources_of
from trustwright.monitors.model import SHOWN, CannotEvaluate, Cause, Definition, Outcome, ResultStatus, Run
from trustwright.settings import Settings

log = structlog.get_logger()

DURATION = Histogram(
    "trustwright_monitor_run_seconds",
    "Time of a monitor's run, by its result",
    ["result"],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300),
)


async def run_monitor(
    database: Database, who: Who, settings: Settings, monitor_id: int, cause: Cause
) -> tuple[Run, Outcome]:
    """Runs a monitor now. What cannot be evaluated is a run with the status ERROR, and its message says why. Raises
    NotFound, and AlreadyRunning while another run of it goes on."""
    autopilot, started = replace(who, source=Actor.AUTOPILOT), time.perf_counter()
    async with database.begin(autopilot) as tx:
        begun = await concluding.begin(tx, monitor_id, cause, settings.monitor_time_limit)
    aim = Aim(targets=begun.targets, run_id=begun.run.id, seconds=settings.monitor_time_limit)
    try:
        async with database.snapshot(autopilot) as tx:
            definition = await definition_of_run(tx, begun.run)
            sources = await sources_of(tx, definition)
            async with database.beside(tx, readers_for(sources, settings)) as readers:
                outcome = await evaluate(tx, definition, sources, aim, readers)
    except CannotEvaluate as error:
        log.warning("monitor not evaluated", account_id=who.account_id, monitor_id=monitor_id, reason=str(error))
        async with database.begin(autopilot) as tx:
            run = await concluding.fail(tx, begun, str(error))
        _measure(ResultStatus.ERROR, started)
        return run, _nothing(run)
    except Exception:
        # Ours is the fault; but a run that never ends would keep all others waiting.
        log.exception("monitor failed to run", account_id=who.account_id, monitor_id=monitor_id)
        async with database.begin(autopilot) as tx:
            await concluding.fail(tx, begun, "The evaluation broke off; the server's log says why")
        _measure(ResultStatus.ERROR, started)
        raise
    async with database.begin(autopilot) as tx:
        run = await concluding.conclude(tx, begun, definition, outcome)
        shown = replace(outcome, failures=await history.first_failures(tx, run.id, SHOWN))
    _measure(outcome.status, started)
    return run, shown


def _measure(result: ResultStatus, started: float) -> None:
    DURATION.labels(result.value).observe(time.perf_counter() - started)


def readers_for(sources: list[Source], settings: Settings) -> int:
    """How many should share the reading: none of their own where there is not very much."""
    many = settings.monitor_processes > 1 and any(source.pages for source in sources)
    return settings.monitor_processes if many else 0


def _nothing(run: Run) -> Outcome:
    return Outcome(
        status=ResultStatus.ERROR,
        now_at=None,
        evaluated=run.evaluated,
        passed=run.passed,
        failed=run.failed,
        excluded=run.excluded,
        out_of_scope=run.out_of_scope,
        out_of_scope_missing=run.out_of_scope_missing,
        groups=[],
        failures=[],
    )


async def dry_run(
    database: Database,
    who: Who,
    settings: Settings,
    workspace_id: int,
    definition: Definition,
    *,
    session_id: str | None,
    test_id: int | None,
) -> Outcome:
    """What a definition would come to now; nothing is stored. `session_id`: on the records staged there. `test_id`:
    with the exclusions of that test. Raises NotFound for the test, and Invalid for what cannot be evaluated."""
    try:
        async with database.read(who) as tx:
            targets: list[str] = []
            if test_id is not None:
                monitor = await get_monitor(tx, workspace_id, test_id)
                targets = await exclusions.targets_of(tx, monitor.id)
            aim = Aim(targets=targets, seconds=settings.monitor_time_limit)
            sources = await sources_of(tx, definition, session_id)
            async with database.beside(tx, readers_for(sources, settings)) as readers:
                return await evaluate(tx, definition, sources, aim, readers)
    except CannotEvaluate as error:
        raise Invalid(str(error)) from error
