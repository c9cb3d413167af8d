"""What happens to one request: how it gets from a status into the next, and what each step does."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from trustwright.access import actions as access
from trustwright.access.model import Grant, Person
from trustwright.access_requests import store, telling
from trustwright.access_requests.admission import owes_signature
from trustwright.access_requests.directory import look_up
from trustwright.access_requests.model import AccessRequest, Status, Step
from trustwright.access_requests.transitions import Event, Move, Refused, Work, outcome, source_of
from trustwright.accounts.actions import users_by_id
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import EnvelopeState, Nda, Signer
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.settings import Settings
from trustwright.trust.actions import get_trust_center
from trustwright.trust.model import FlowType

EVENTS = {
    Status.APPROVED: EventType.APPROVED_REQUEST,
    Status.AUTO_APPROVED: EventType.AUTO_APPROVE_REQUEST,
    Status.DENIED: EventType.DENIED_REQUEST,
    Status.REVOKED: EventType.REVOKE_REQUEST,
}


async def get_request(tx: Tx, request_id: UUID, *, lock: bool = False) -> AccessRequest:
    """Raises NotFound."""
    request = await store.get(tx, request_id, lock=lock)
    if request is None:
        raise NotFound(f"No access request {request_id}")
    return request


async def lock_person(tx: Tx, workspace_id: int, email: str) -> Grant | None:
    """Has the rest of the transaction alone with one person of one workspace: two reviewers, or a reviewer and a
    form, never do the same twice. Returns the live grant, which everybody locks before the requests."""
    await store.lock_person(tx, f"access requests/{tx.account_id}/{workspace_id}/{email}")
    return await access.live_grant(tx, workspace_id, email)


async def locked(tx: Tx, request_id: UUID) -> AccessRequest:
    """A request that nobody else changes meanwhile. Where its access is over and the timer has not come by yet, it is
    as the timer would leave it. Raises NotFound."""
    seen = await get_request(tx, request_id)
    await lock_person(tx, seen.workspace_id, seen.email)
    request = await get_request(tx, request_id, lock=True)
    if request.grant_id is not None and request.grant_expires_at is not None and request.grant_expires_at <= tx.now:
        request, _ = await react(tx, request, Event.ACCESS_ENDED)
    return request


async def react(
    tx: Tx, request: AccessRequest, event: Event, *, by: str | None = None, **changes: Any
) -> tuple[AccessRequest, Work]:
    """Does to the status what the table says, and returns what is left to do. `by` is the name of who decided;
    `changes` go along with a new status. Raises Invalid for what the table refuses."""
    found = outcome(request.status, event)
    if isinstance(found, Refused):
        raise Invalid(found.sentence)
    if isinstance(found, Move):
        return await enter(tx, request, found.to, by=by, **changes), found.work
    return request, found.work


async def enter(
    tx: Tx, request: AccessRequest, status: Status, *, by: str | None = None, **changes: Any
) -> AccessRequest:
    """Gives a request a status, and writes that into its history."""
    changes = {"failed_step": None, **changes, "status": status}
    after = await store.save(tx, replace(request, **changes))
    await note_status(tx, after, by)
    await record_change(tx, EVENTS.get(status, EventType.REQUEST_STATUS_CHANGED), request, after)
    return after


async def note_status(tx: Tx, request: AccessRequest, by: str | None) -> None:
    source = source_of(request.status, request.flow_type)
    await store.insert_status(tx, request, source.value, by or None, tx.who.user_id if by else None)


async def record_change(
    tx: Tx, type_: EventType, before: AccessRequest | None, after: AccessRequest, what: str | None = None
) -> None:
    """The event of a change: what of the request became otherwise."""
    await record(
        tx,
        type_,
        f"Access request of {after.email}: {what or after.status}",
        target={"kind": "access request", "id": str(after.request_id)},
        before=facts(before) if before else None,
        after=facts(after),
        workspace_id=after.workspace_id,
    )


def facts(request: AccessRequest) -> dict[str, object]:
    return {
        "status": request.status,
        "email": request.email,
        "expiresAt": request.grant_expires_at if request.grant_id else request.expires_at,
        "trackingId": request.tracking_id,
        "failedStep": request.failed_step,
        "managedBy": request.managed_by,
    }


async def actor(tx: Tx) -> str:
    """The name of who acts, else the address; empty for who is no user."""
    user = (await users_by_id(tx, {tx.who.user_id})).get(tx.who.user_id) if tx.who.user_id else None
    if user is None:
        return ""
    return f"{user.first_name or ''} {user.last_name or ''}".strip() or user.email


async def carry_out(
    tx: Tx, request: AccessRequest, settings: Settings, last_approval: datetime | None
) -> AccessRequest:
    """What follows an approval: the signature where one is owed, else the documents. `last_approval` is the one before,
    from which the memory of a signature is counted (trust-center 1.7). Raises Invalid where nobody could sign."""
    nda = await agreements.current_nda(tx, request.workspace_id)
    crm = None
    if request.flow_type is FlowType.SALESFORCE_CRM:
        crm = await look_up(tx, request.workspace_id, request.email)
    if not owes_signature(request.flow_type, accepts_terms=request.accepts_terms, has_nda=nda is not None, crm=crm):
        return await deliver(tx, request, settings, signed=False)
    if await _remembered(tx, request, last_approval):
        return await deliver(tx, request, settings, signed=True)
    return await ask(tx, request, settings, nda)


async def _remembered(tx: Tx, request: AccessRequest, last_approval: datetime | None) -> bool:
    """Whether this person signed the agreement in force, and was approved not too long ago."""
    if last_approval is None:
        return False
    center = await get_trust_center(tx, request.workspace_id)
    if tx.now - last_approval > timedelta(days=center.nda_memory_days):
        return False
    return await agreements.standing_signature(tx, request.workspace_id, request.email) is not None


async def ask(tx: Tx, request: AccessRequest, settings: Settings, nda: Nda | None = None) -> AccessRequest:
    """Makes an envelope for the agreement in force. Raises Invalid when there is none."""
    nda = nda or await agreements.current_nda(tx, request.workspace_id)
    if nda is None:
        raise Invalid("There is no NDA to be signed: upload one, then approve the request")
    center = await get_trust_center(tx, request.workspace_id)
    signer = Signer(
        workspace_id=request.workspace_id,
        request_id=request.request_id,
        email=request.email,
        name=request.full_name,
        company=request.company,
    )
    envelope = await agreements.ask_for_signature(tx, nda, signer, center.signing_window_days, settings)
    request = await store.save(tx, replace(request, tracking_id=envelope.id))
    if envelope.state is EnvelopeState.SENT:
        request, _ = await react(tx, request, Event.SIGNATURE_SENT)
    return request


async def deliver(tx: Tx, request: AccessRequest, settings: Settings, *, signed: bool) -> AccessRequest:
    """Opens the documents and mails their link. What cannot be delivered is a failed step, and not an error: the
    signature and the decision before it stand."""
    if request.expires_at is not None and request.expires_at <= tx.now:
        return await _came_too_late(tx, request)
    documents = [each for each in await store.documents_of(tx, request.id) if each.file_id is not None]
    if not documents:
        return await fail(tx, request, Step.DELIVERY, "all documents of the request were deleted", settings)
    center = await get_trust_center(tx, request.workspace_id)
    grant = await access.give(
        tx,
        request.workspace_id,
        Person(email=request.email, name=request.full_name, company=request.company),
        [document.id for document in documents],
        request.request_id,
        request.expires_at,
        asks_on_new_device=center.asks_on_new_device,
        moves_end=False,
    )
    request = await store.save(tx, replace(request, grant_id=grant.id))
    link = await access.new_link_if_allowed(tx, grant, settings.public_url)
    if link is None:
        return await fail(tx, request, Step.DELIVERY, "too many links were mailed to this person just now", settings)
    request = await mail_link(tx, request, grant, link)
    if signed:
        request, _ = await react(tx, request, Event.DELIVERED)
    return request


async def _came_too_late(tx: Tx, request: AccessRequest) -> AccessRequest:
    """The signature came when the access that was decided would have ended."""
    request, _ = await react(tx, request, Event.ACCESS_ENDED)
    center = await get_trust_center(tx, request.workspace_id)
    await telling.tell_ended(tx, center, request.email, f"{request.request_id}:{request.tracking_id}")
    return request


async def mail_link(tx: Tx, request: AccessRequest, grant: Grant, link: str) -> AccessRequest:
    """Mails a link to the documents (E4), and keeps which mail that is."""
    center = await get_trust_center(tx, request.workspace_id)
    event = await telling.tell_given(tx, center, request, await document_names(tx, request), link, grant.expires_at)
    return await store.save(tx, replace(request, mail_event=event, mailed_at=tx.now))


async def document_names(tx: Tx, request: AccessRequest) -> list[str]:
    return [document.name for document in await store.documents_of(tx, request.id) if document.file_id is not None]


async def fail(tx: Tx, request: AccessRequest, step: Step, reason: str, settings: Settings) -> AccessRequest:
    """Writes down that a step after the decision failed, and tells the team (E9)."""
    before = request.status
    request, _ = await react(tx, request, Event.FAILED, failed_step=step, mail_event=None)
    if request.status is not before:
        center = await get_trust_center(tx, request.workspace_id)
        await telling.tell_failed(tx, center, request, step, reason, settings)
    return request


async def take_back(tx: Tx, request: AccessRequest, reason: str) -> None:
    """Voids the envelope of a request and ends what the request opened. Whoever has nothing left signs anew, should
    there be another time."""
    if request.tracking_id is not None:
        await agreements.void(tx, request.tracking_id, reason)
    if request.grant_id is not None and await access.revoke(tx, request.grant_id, request.request_id):
        await agreements.supersede(tx, request.workspace_id, request.email, reason)
