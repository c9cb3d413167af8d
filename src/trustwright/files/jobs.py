"""Jobs on files: scan the new ones, collect what no file names."""

from datetime import datetime, timedelta

import procrastinate

from trustwright.db import Database, Tx
from trustwright.files import actions, scanning
from trustwright.files.model import ScanState
from trustwright.files.scanning import NoVerdict, Verdict
from trustwright.files.storage import Storage
from trustwright.jobs import as_scheduler, database_of, each_account, jobs, storage_of
from trustwright.settings import Settings

ATTEMPTS = 5


@jobs.task(
    name=actions.SCAN,
    pass_context=True,
    retry=procrastinate.RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=4),
)
async def scan(context: procrastinate.JobContext, *, account_id: int, file_id: int) -> None:
    """Has the scanner look at a file. When it cannot say after several attempts, the file is in ERROR."""
    database, storage = database_of(context), storage_of(context)
    settings: Settings = context.additional_context["settings"]
    async with database.read(as_scheduler(account_id)) as tx:
        file = await actions.get_file(tx, file_id)
    if file.scan_state not in actions.UNSETTLED or not settings.clamd_url:
        return
    try:
        verdict = await scanning.scan(settings.clamd_url, await storage.get(account_id, file.sha256))
    except NoVerdict as error:
        if context.job.attempts < ATTEMPTS - 1:
            raise
        verdict = Verdict(ScanState.ERROR, str(error))
    async with database.begin(as_scheduler(account_id)) as tx:
        await actions.settle(tx, file_id, verdict.state, verdict.detail)


@jobs.periodic(cron="23 * * * *")
@jobs.task(name="files.look_after", pass_context=True, queueing_lock="files.look_after")
async def look_after(context: procrastinate.JobContext, timestamp: int) -> None:
    """Has contents collected that no file came to name, and files scanned again that the scanner did not settle."""
    settings: Settings = context.additional_context["settings"]
    for account_id in await each_account(context):
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            if await actions.collectable(tx, _before(tx, settings.collect_after)):
                await tx.defer(actions.COLLECT)
            if settings.clamd_url:
                await actions.scan_again(tx)


@jobs.task(name=actions.COLLECT, pass_context=True)
async def collect(context: procrastinate.JobContext, *, account_id: int) -> None:
    """Removes the contents of one account that no file came to name."""
    settings: Settings = context.additional_context["settings"]
    await collect_account(database_of(context), storage_of(context), account_id, settings.collect_after)


async def collect_account(database: Database, storage: Storage, account_id: int, after: int) -> int:
    """Removes the contents that no file names and that nobody uploaded in the last `after` seconds; how many."""
    removed = 0
    while True:
        async with database.read(as_scheduler(account_id)) as tx:
            before = _before(tx, after)
            found = await actions.collectable(tx, before)
        done = removed
        for sha256 in found:
            async with database.begin(as_scheduler(account_id)) as tx:
                removed += await actions.collect(tx, storage, sha256, before)
        if removed == done:
            return removed


def _before(tx: Tx, after: int) -> datetime:
    return tx.now - timedelta(seconds=after)
