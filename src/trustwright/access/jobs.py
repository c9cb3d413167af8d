"""Jobs on grants: tell holders of new versions, mail lost links, clean up after visitors."""

import asyncio

import procrastinate

from trustwright.access import actions, serving, visiting
from trustwright.jobs import as_scheduler, database_of, each_account, jobs
from trustwright.settings import Settings
from trustwright.trust.actions import TELL_HOLDERS

RETRY = procrastinate.RetryStrategy(max_attempts=5, exponential_wait=4)


@jobs.task(name=TELL_HOLDERS, pass_context=True, retry=RETRY)
async def tell_holders(context: procrastinate.JobContext, *, account_id: int, document_id: int) -> None:
    """Mails those who may see a document that it has a new version; all of them, or none yet."""
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await visiting.tell_holders(tx, document_id, _settings(context).public_url)


@jobs.task(name=visiting.FIND_LOST, pass_context=True, retry=RETRY)
async def find_lost(context: procrastinate.JobContext, *, account_id: int, workspace_id: int, email: str) -> None:
    """Mails a fresh link to who has lost it, if there is anything that it opens."""
    async with database_of(context).begin(as_scheduler(account_id)) as tx:
        await visiting.mail_lost_link(tx, workspace_id, email, _settings(context).public_url)


@jobs.periodic(cron="47 * * * *")
@jobs.task(name="access.clean_up", pass_context=True, queueing_lock="access.clean_up")
async def clean_up(context: procrastinate.JobContext, timestamp: int) -> None:
    """Removes sessions that are over, and stamped copies that nobody gets any more."""
    await asyncio.to_thread(serving.remove_all_old, _settings(context).data_dir)
    for account_id in await each_account(context):
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await actions.clean_up(tx)


def _settings(context: procrastinate.JobContext) -> Settings:
    settings: Settings = context.additional_context["settings"]
    return settings
