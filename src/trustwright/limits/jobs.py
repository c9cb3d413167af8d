"""Jobs of rates."""

import procrastinate

from trustwright.jobs import database_of, jobs
from trustwright.limits import store


@jobs.periodic(cron="*/5 * * * *")
@jobs.task(name="limits.forget_idle", pass_context=True, queueing_lock="limits.forget_idle")
async def forget_idle(context: procrastinate.JobContext, timestamp: int) -> None:
    """Removes those that do not call any more, addresses among them."""
    await store.forget_idle(database_of(context))
