"""Jobs on reviews: those that recur are started, and owners are reminded of deadlines."""

import procrastinate

from trustwright.jobs import as_scheduler, database_of, each_account, jobs
from trustwright.reviews.deadlines import remind_owners, start_recurring

LOOK_AT_DEADLINES = "reviews.look_at_deadlines"


@jobs.periodic(cron="30 5 * * *")
@jobs.task(name="reviews.every_morning", pass_context=True, queueing_lock="reviews.every_morning")
async def every_morning(context: procrastinate.JobContext, timestamp: int) -> None:
    """Each morning at half past five UTC: a job of its own for each account, so that none waits for another."""
    for account_id in await each_account(context):
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await tx.defer(LOOK_AT_DEADLINES)


@jobs.task(
    name=LOOK_AT_DEADLINES, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=5, exponential_wait=6)
)
async def look_at_deadlines(context: procrastinate.JobContext, *, account_id: int) -> None:
    """Starts the reviews of one account that recur, and reminds of its deadlines. Run twice a day it does no more."""
    public_url = context.additional_context["settings"].public_url
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await start_recurring(tx)
        await remind_owners(tx, public_url)
