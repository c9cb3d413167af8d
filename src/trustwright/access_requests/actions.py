"""What is done with requests for access."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from trustwright.access import actions as access
from trustwright.access_requests import steps, store, telling
from trustwright.access_requests.admission import end_of_access
from trustwright.access_requests.model import AccessRequest, Approval, Status, Step
from trustwright.access_requests.steps import get_request
from trustwright.access_requests.submission import ask_for_more_time, submit
from trustwright.access_requests.transitions import Event, Move, Work, outcome
from trustwright.agreements import actions as agreements
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.events.model import EventType
from trustwright.settings import Settings
from trustwright.trust.actions import get_trust_center
from trustwright.trust.model import FlowType

__all__ = [
    "approve",
    "ask_for_more_time",
    "deny",
    "get_request",
    "hold",
    "resend",
    "revoke",
    "signature_completed",
    "signature_declined",
    "signature_expired",
    "signature_failed",
    "signature_sent",
    "submit",
]


async def hold(tx: Tx, request_id: UUID) -> None:
    """Has the rest of the transaction alone with the person of a request. Whoever locks an envelope and then tells what
    became of it calls this first: decisions lock in that order. No error for a request that is not there."""
    request = await store.get(tx, request_id)
    if request is not None:
        await steps.lock_person(tx, request.workspace_id, request.email)


async def approve(tx: Tx, request_id: UUID, approval: Approval, settings: Settings) -> AccessRequest:
    """Raises NotFound, Invalid (the table of states)."""
    request = await steps.locked(tx, request_id)
    center = await get_trust_center(tx, request.workspace_id)
    ends_at = end_of_access(tx.now, approval.expiration, center.default_expiration_days)
    # Who approves a renewal means to give more time.
    anew = approval.is_new_expiration or (request.is_renewal and request.status is Status.PENDING)
    event = Event.APPROVE_ANEW if anew else Event.APPROVE
    last_approval = await store.last_approval(tx, request.workspace_id, request.email)
    by = await steps.actor(tx)
    found = outcome(request.status, event)
    changes: dict[str, Any] = {"managed_by": by}
    if anew or (isinstance(found, Move) and found.work is Work.BEGIN):
        changes |= {"expires_at": ends_at, "expiration_type": approval.expiration_type}
    if isinstance(found, Move):
        changes |= _decided(tx, found.work)
    before = request
    request, work = await steps.react(tx, request, event, by=by, **changes)
    if work is not Work.NOTHING and request.status is before.status:
        request = await store.save(tx, replace(request, **changes))
        await steps.record_change(tx, EventType.REQUEST_STATUS_CHANGED, before, request, "approved again")
    return await _do(tx, request, work, before, settings, anew=anew, last_approval=last_approval)


def _decided(tx: Tx, work: Work) -> dict[str, Any]:
    """What a decision sets beside its status. A fresh one leaves behind who approved before, and what that opened."""
    if work is not Work.BEGIN:
        return {"reviewed_at": tx.now}
    return {"reviewed_at": tx.now, "is_auto_approved": False, "auto_approve_type": None, "grant_id": None}


async def _do(
    tx: Tx,
    request: AccessRequest,
    work: Work,
    before: AccessRequest,
    settings: Settings,
    *,
    anew: bool = False,
    last_approval: datetime | None = None,
) -> AccessRequest:
    """What the table leaves to do once the status stands."""
    match work:
        case Work.BEGIN:
            await store.decide_documents(tx, request.id, approved=True)
            if anew:
                await _extend(tx, request)
            return await steps.carry_out(tx, request, settings, last_approval)
        case Work.RESTART if before.failed_step is Step.DELIVERY:
            signs = request.flow_type is FlowType.DIGITAL_SIGNATURE or request.tracking_id is not None
            return await steps.deliver(tx, request, settings, signed=signs)
        case Work.RESTART:
            return await steps.carry_out(tx, request, settings, last_approval)
        case Work.ASK:
            return await steps.ask(tx, request, settings)
        case Work.DELIVER:
            return await steps.deliver(tx, request, settings, signed=True)
        case Work.EXTEND if await _extend(tx, request):
            request = await get_request(tx, request.request_id)
            center = await get_trust_center(tx, request.workspace_id)
            names = await steps.document_names(tx, request)
            await telling.tell_extended(tx, center, request, names, request.grant_expires_at)
    return request


async def _extend(tx: Tx, request: AccessRequest) -> bool:
    """Moves the end of all that the person holds; False for who holds nothing."""
    grant = await access.live_grant(tx, request.workspace_id, request.email)
    if grant is None:
        return False
    await access.extend(tx, grant, request.expires_at)
    return True


async def deny(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Raises NotFound, Invalid (the table of states)."""
    request = await steps.locked(tx, request_id)
    by = await steps.actor(tx)
    request, work = await steps.react(tx, request, Event.DENY, by=by, managed_by=by, reviewed_at=tx.now)
    if work is Work.TAKE_BACK:
        await steps.take_back(tx, request, "The request was denied")
        await store.decide_documents(tx, request.id, approved=False)
        await telling.tell_denied(tx, await get_trust_center(tx, request.workspace_id), request)
    return request


async def revoke(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Ends what a request opened, and with it the other requests of the same person that keep one of its documents
    open. Raises NotFound, Invalid (the table of states)."""
    request = await steps.locked(tx, request_id)
    by = await steps.actor(tx)
    shared = await store.sharing_documents(tx, request) if request.grant_id is not None else []
    request, work = await steps.react(tx, request, Event.REVOKE, by=by, managed_by=by)
    if work is not Work.TAKE_BACK:
        return request
    await steps.take_back(tx, request, "Access was revoked")
    for other in shared:
        if outcome(other.status, Event.REVOKE) == Move(Status.REVOKED, Work.TAKE_BACK):
            ended, _ = await steps.react(tx, other, Event.REVOKE, by=by, managed_by=by)
            await steps.take_back(tx, ended, "Access was revoked")
    center = await get_trust_center(tx, request.workspace_id)
    await telling.tell_revoked(tx, center, request, await steps.document_names(tx, request))
    return request


async def resend(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Mails a fresh link: to the documents, or to the agreement that waits to be signed. Raises NotFound, Invalid,
    TooManyRequests."""
    request = await steps.locked(tx, request_id)
    last_approval = await store.last_approval(tx, request.workspace_id, request.email)
    before = request
    request, work = await steps.react(tx, request, Event.RESEND, by=await steps.actor(tx))
    match work:
        case Work.LINK:
            grant = await access.live_grant(tx, request.workspace_id, request.email)
            if grant is None:
                raise Invalid(
                    "The agreement is being handed over to be signed: wait until it is out, then send it again"
                )
            link = await access.new_link(tx, grant, settings.public_url, rotate=True)
            request = await steps.mail_link(tx, request, grant, link)
        case Work.REMIND if request.tracking_id is not None:
            await agreements.send_again(tx, request.tracking_id, settings)
    request = await _do(tx, request, work, before, settings, last_approval=last_approval)
    await steps.record_change(tx, EventType.REQUEST_STATUS_CHANGED, before, request, "sent again")
    return request


async def signature_sent(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """Another provider took the envelope over."""
    await _signature(tx, tracking_id, Event.SIGNATURE_SENT, settings)


async def signature_failed(tx: Tx, tracking_id: UUID, reason: str, settings: Settings) -> None:
    """No provider took it, after all attempts: PROCESS_ERROR."""
    request = await _of_envelope(tx, tracking_id)
    if request is not None:
        await steps.fail(tx, request, Step.SIGNATURE, reason, settings)


async def signature_completed(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """NDA_SIGNED, then the documents: FILES_SENT."""
    await _signature(tx, tracking_id, Event.SIGNED, settings)


async def signature_declined(tx: Tx, tracking_id: UUID, reason: str, settings: Settings) -> None:
    """The signer declined, or the provider voided the envelope: DENIED."""
    request = await _signature(tx, tracking_id, Event.DECLINED, settings)
    if request is not None and request.status is Status.DENIED:
        await store.decide_documents(tx, request.id, approved=False)


async def signature_expired(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """The signing window closed: NDA_EXPIRED."""
    await _signature(tx, tracking_id, Event.SIGNING_EXPIRED, settings)


async def _signature(tx: Tx, tracking_id: UUID, event: Event, settings: Settings) -> AccessRequest | None:
    request = await _of_envelope(tx, tracking_id)
    if request is None:
        return None
    before = request
    request, work = await steps.react(tx, request, event)
    return await _do(tx, request, work, before, settings)


async def _of_envelope(tx: Tx, tracking_id: UUID) -> AccessRequest | None:
    """The request, locked, that this envelope is for; None for an envelope in whose place there is another by now."""
    request_id = await store.id_of_tracking(tx, tracking_id)
    request = None if request_id is None else await steps.locked(tx, request_id)
    return request if request is not None and request.tracking_id == tracking_id else None
