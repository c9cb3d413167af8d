"""Jobs on agreements: hand envelopes to another provider, end those that were not signed in time, remind."""

import time
from uuid import UUID

import procrastinate
import structlog

from trustwright.access_requests import actions as access_requests
from trustwright.agreements import actions, calls, store
from trustwright.agreements.model import Envelope, EnvelopeState
from trustwright.agreements.papers import read_agreement
from trustwright.agreements.providers import HAND_OVER, Outside, Refused, Unreachable
from trustwright.db import Database, Tx
from trustwright.files.storage import Storage
from trustwright.jobs import as_scheduler, database_of, each_account, jobs, storage_of
from trustwright.links import address
from trustwright.settings import Settings

log = structlog.get_logger()

# With waits of 4, 16, 64 ... seconds between them: an hour and a half in all.
ATTEMPTS = 7


@jobs.task(
    name=HAND_OVER, pass_context=True, retry=procrastinate.RetryStrategy(max_attempts=ATTEMPTS - 1, exponential_wait=4)
)
async def hand_over(context: procrastinate.JobContext, *, account_id: int, envelope_id: str) -> None:
    """Hands one envelope to the provider. When it cannot be after all attempts, the envelope has FAILED."""
    settings: Settings = context.additional_context["settings"]
    is_last = context.job.attempts >= ATTEMPTS - 1
    await attempt(database_of(context), storage_of(context), settings, account_id, UUID(envelope_id), is_last=is_last)


async def attempt(
    database: Database, storage: Storage, settings: Settings, account_id: int, envelope_id: UUID, *, is_last: bool
) -> None:
    """Tries once; what is taken back meanwhile stays so. Raises Unreachable when it is worth another attempt."""
    who = as_scheduler(account_id)
    async with database.read(who) as tx:
        envelope = await actions.get_envelope(tx, envelope_id)
        nda = await store.get_nda(tx, envelope.nda_id)
    if envelope.state is not EnvelopeState.PREPARED:
        return
    content = await read_agreement(storage, account_id, nda)
    body = calls.hand_over(envelope, nda, content, address(settings.public_url, "/signatures"))
    try:
        taken = await Outside(settings).hand_over(body, int(time.time()))
    except (Unreachable, Refused) as error:
        log.warning("envelope not handed over", account_id=account_id, envelope_id=str(envelope_id), reason=str(error))
        if isinstance(error, Unreachable) and not is_last:
            raise
        async with database.begin(who) as tx:
            await fail(tx, envelope, str(error), settings)
        return
    async with database.begin(who) as tx:
        await access_requests.hold(tx, envelope.request_id)
        if await actions.mark_sent(tx, envelope_id, taken.reference, taken.signing_url, settings):
            await access_requests.signature_sent(tx, envelope_id, settings)


async def fail(tx: Tx, envelope: Envelope, reason: str, settings: Settings) -> bool:
    """Writes down that no provider took an envelope; False when it was settled meanwhile."""
    await access_requests.hold(tx, envelope.request_id)
    failed = await actions.settle(tx, envelope.id, EnvelopeState.FAILED, reason)
    if failed:
        await access_requests.signature_failed(tx, envelope.id, reason, settings)
    return failed


@jobs.periodic(cron="*/10 * * * *")
@jobs.task(name="agreements.look_after", pass_context=True, queueing_lock="agreements.look_after")
async def look_after(context: procrastinate.JobContext, timestamp: int) -> None:
    """Ends what was not signed in time, in all accounts, and then reminds."""
    settings: Settings = context.additional_context["settings"]
    accounts = await each_account(context)
    for account_id in accounts:
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await close_windows(tx, settings)
    for account_id in accounts:
        async with database_of(context).begin(as_scheduler(account_id)) as tx:
            await actions.remind(tx, settings)


async def close_windows(tx: Tx, settings: Settings) -> int:
    """Ends the envelopes of an account that nobody signed in time, and those that no provider was handed; how many."""
    ended = 0
    for envelope in await actions.overdue(tx):
        await access_requests.hold(tx, envelope.request_id)
        if await actions.settle(tx, envelope.id, EnvelopeState.EXPIRED):
            await access_requests.signature_expired(tx, envelope.id, settings)
            ended += 1
    for envelope in await actions.stuck(tx):
        ended += await fail(tx, envelope, actions.STUCK, settings)
    return ended
