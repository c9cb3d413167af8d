"""Jobs on monitors: they run after their data changed, every day, and when somebody asks."""

from datetime import UTC, datetime, timedelta

import procrastinate
import structlog

from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.monitors import history, store
from trustwright.monitors.actions import RUN
from trustwright.monitors.concluding import give_up, latest_begin_of_lost, request_runs_of
from trustwright.monitors.model import LOST, AlreadyRunning, Cause
from trustwright.monitors.running import run_monitor
from trustwright.records.actions import CHECK
from trustwright.records.datasets import changed_resources, take_change

log = structlog.get_logger()

# How long direct uploads are waited for, so that many make one run.
DEBOUNCE = timedelta(seconds=3)
# How soon a monitor runs once more whose data changed during a run.
AGAIN = timedelta(seconds=2)


@jobs.task(name=RUN, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4))
async def run(context: procrastinate.JobContext, *, account_id: int, monitor_id: int, cause: str) -> None:
    """One run of a monitor. While another goes on, which may not have seen what this one is for, it is put off."""
    database, who = database_of(context), as_scheduler(account_id)
    try:
        await run_monitor(database, who, context.additional_context["settings"], monitor_id, Cause(cause))
    except AlreadyRunning:
        async with database.begin(who) as tx:
            await store.set_due(tx, monitor_id, tx.now + AGAIN)
    except NotFound:
        log.info("monitor was deleted or disabled before its run", account_id=account_id, monitor_id=monitor_id)


@jobs.task(name=CHECK, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4))
async def check_resource(context: procrastinate.JobContext, *, account_id: int, resource_id: int) -> None:
    """The live records of a resource were exchanged, or it was deleted: its monitors run, each in a job of its own."""
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await request_runs_of(tx, resource_id)


@jobs.periodic(cron="* * * * * */5")
@jobs.task(name="monitors.look_around", pass_context=True, queueing_lock="monitors.look_around")
async def look_around(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every five seconds: resources that direct uploads changed, and monitors whose time has come."""
    database, now = database_of(context), datetime.now(UTC)
    for change in await changed_resources(database, now - DEBOUNCE):
        async with database.begin(as_scheduler(change.account_id)) as tx:
            if await take_change(tx, change.connection_id, change.resource_id):
                await request_runs_of(tx, change.resource_id)
    for due in await history.due_monitors(database, now):
        async with database.begin(as_scheduler(due.account_id)) as tx:
            await _run_once(tx, due.monitor_id)


@jobs.periodic(cron="* * * * *")
@jobs.task(name="monitors.give_up_lost_runs", pass_context=True, queueing_lock="monitors.give_up_lost_runs")
async def give_up_lost_runs(context: procrastinate.JobContext, timestamp: int) -> None:
    """Every minute: runs whose process died, such as those by hand, which no job makes again."""
    database, time_limit = database_of(context), context.additional_context["settings"].monitor_time_limit
    for lost in await history.lost_runs(database, latest_begin_of_lost(datetime.now(UTC), time_limit)):
        async with database.begin(as_scheduler(lost.account_id)) as tx:
            await give_up(tx, lost.run_id)


async def _run_once(tx: Tx, monitor_id: int) -> None:
    await store.set_due(tx, monitor_id, tx.now + LOST)
    await tx.defer(RUN, monitor_id=monitor_id, cause=Cause.SCHEDULE.value)
