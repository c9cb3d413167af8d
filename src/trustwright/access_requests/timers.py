"""What the clock does with requests. Whether access is live is asked of its dates at each read; here its end is written
down and told."""

from datetime import timedelta

import structlog
from msgspec.structs import replace

from trustwright.access import actions as access
from trustwright.access_requests import steps, store, telling
from trustwright.access_requests.model import Step
from trustwright.access_requests.transitions import Event, Move, outcome
from trustwright.access_requests.waiting import NAGS, NOTICES, business_days, nags_due, notice_due
from trustwright.agreements.actions import current_nda
from trustwright.db import Tx
from trustwright.mail.actions import failed_since
from trustwright.settings import Settings
from trustwright.trust.actions import get_trust_center

log = structlog.get_logger()

# A mail is given up after a day of attempts; who stood still for so long has other worries.
LOOKS_BACK = timedelta(days=30)
# The others have their turn five minutes later.
NAGS_AT_ONCE = 200


async def run(tx: Tx, settings: Settings) -> None:
    """All timers of an account. Run twice they do no more. Where no address for links is known, only what has no link
    is told, for the ends of others must not wait for that."""
    await end_access(tx)
    if not settings.public_url:
        log.warning("no TRUSTWRIGHT_PUBLIC_URL, so nothing that has a link is mailed")
        return
    await notice_lost_mails(tx, settings)
    await nag(tx, settings)
    await offer_renewals(tx, settings)


async def end_access(tx: Tx) -> int:
    """ACCESS_EXPIRED for the requests whose grant has come to its end, and E8; of how many grants."""
    ended = await access.ended_grants(tx)
    for grant in ended:
        for request in await store.under_grant(tx, grant.id):
            if isinstance(outcome(request.status, Event.ACCESS_ENDED), Move):
                await steps.react(tx, request, Event.ACCESS_ENDED)
        # Whoever was given access anew meanwhile has lost nothing.
        if await access.live_grant(tx, grant.workspace_id, grant.email) is None:
            center = await get_trust_center(tx, grant.workspace_id)
            await telling.tell_ended(tx, center, grant.email, str(grant.id))
    return len(ended)


async def offer_renewals(tx: Tx, settings: Settings) -> int:
    """E8 ahead of the end, once for each end and each of the notices; how many."""
    offered = 0
    for grant in await access.ending_grants(tx, tx.now, tx.now + timedelta(days=max(NOTICES))):
        days = notice_due(grant, tx.now)
        if days is None or grant.expires_at is None:
            continue
        if await store.has_notice(tx, grant.id, grant.expires_at, days):
            continue
        link = await access.new_link_if_allowed(tx, grant, settings.public_url)
        if link is None:
            # Who has had too many within the hour is told when that is over.
            continue
        center = await get_trust_center(tx, grant.workspace_id)
        await store.insert_notice(tx, grant.id, grant.expires_at, days)
        await telling.tell_ending(tx, center, grant, days, link)
        offered += 1
    return offered


async def nag(tx: Tx, settings: Settings) -> int:
    """Tells the team of requests that wait too long; of how many."""
    nagged = 0
    for request in await store.waiting(tx, tx.now - timedelta(days=min(NAGS)), len(NAGS), NAGS_AT_ONCE):
        due = nags_due(request.created_at, tx.now)
        if due <= request.nags:
            continue
        center = await get_trust_center(tx, request.workspace_id)
        has_nda = await current_nda(tx, request.workspace_id) is not None
        waited = business_days(request.created_at, tx.now)
        await telling.tell_team(tx, center, request, settings, has_nda=has_nda, waited=waited)
        await store.save(tx, replace(request, nags=due))
        nagged += 1
    return nagged


async def notice_lost_mails(tx: Tx, settings: Settings) -> int:
    """PROCESS_ERROR for the requests whose documents went out by a mail that was given up; how many."""
    lost = await store.mailed_by(tx, await failed_since(tx, tx.now - LOOKS_BACK))
    for seen in lost:
        request = await steps.locked(tx, seen.request_id)
        if request.mail_event == seen.mail_event:
            await steps.fail(tx, request, Step.DELIVERY, "the mail could not be delivered", settings)
    return len(lost)
