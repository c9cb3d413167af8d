"""Jobs of the trust page: subscribers are mailed what was published."""

import procrastinate

from trustwright.db import Tx
from trustwright.http.secret import secret_key
from trustwright.jobs import as_scheduler, database_of, jobs
from trustwright.settings import Settings
from trustwright.trust_page import subscriber_store as store
from trustwright.trust_page import subscriptions
from trustwright.trust_page.subscribers import link


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="trust_page.look_for_updates", pass_context=True, queueing_lock="trust_page.look_for_updates")
async def look_for_updates(context: procrastinate.JobContext, timestamp: int) -> None:
    """Takes up what was published in any account."""
    database = database_of(context)
    for account_id in await store.accounts_with_untold(database):
        async with database.begin(as_scheduler(account_id)) as tx:
            await subscriptions.take_up_updates(tx)


@jobs.task(
    name=subscriptions.TELL,
    pass_context=True,
    retry=procrastinate.RetryStrategy(max_attempts=3, exponential_wait=6),
)
async def tell_subscribers(
    context: procrastinate.JobContext, *, account_id: int, workspace_id: int, item_ids: list[int], after_id: int
) -> None:
    """Mails updates to some subscribers of a page."""
    settings: Settings = context.additional_context["settings"]
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await told(tx, settings, workspace_id, item_ids, after_id)


async def told(tx: Tx, settings: Settings, workspace_id: int, item_ids: list[int], after_id: int) -> None:
    """The work of the job, with links that the settings make."""
    key, account_id, base = secret_key(settings), tx.account_id, settings.public_url
    await subscriptions.tell(
        tx, workspace_id, item_ids, after_id, base.rstrip("/"), lambda id_: link(base, key, account_id, id_)
    )
