"""Jobs on records."""

import procrastinate

from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.records import actions, datasets

BATCH = 10_000


@jobs.task(name=actions.PURGE, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=10, wait=10))
async def purge(context: procrastinate.JobContext, *, account_id: int, dataset_id: int) -> None:
    """Removes the rows of a dataset that nobody can reach any more, in small transactions."""
    database = database_of(context)
    last: str | None = ""
    while last is not None:
        async with database.begin(as_scheduler(account_id)) as tx:
            last = await datasets.purge_some(tx, dataset_id, last, BATCH)
