"""Jobs on requests: every few minutes it is looked at what the clock has brought."""

import procrastinate

from trustwright.access_requests import timers
from trustwright.jobs import as_scheduler, database_of, each_account, jobs

LOOK_AT_CLOCK = "access_requests.look_at_clock"


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(
    name="access_requests.every_five_minutes", pass_context=True, queueing_lock="access_requests.every_five_minutes"
)
async def every_five_minutes(context: procrastinate.JobContext, timestamp: int) -> None:
    """A job of its own for each account, so that none waits for another."""
    for account_id in await each_account(context):
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await tx.defer(LOOK_AT_CLOCK)


@jobs.task(name=LOOK_AT_CLOCK, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=3, exponential_wait=6))
async def look_at_clock(context: procrastinate.JobContext, *, account_id: int) -> None:
    """The timers of one account."""
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await timers.run(tx, context.additional_context["settings"])
