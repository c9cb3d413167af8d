"""Requests on their way in: from the form, from a program, and from who holds access and wants it longer."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import structlog
from msgspec import Struct
from msgspec.structs import replace

from trustwright.access import actions as access
from trustwright.access.model import Grant
from trustwright.access_requests import steps, store, telling
from trustwright.access_requests.admission import admit, auto_approval, clicks, end_of_access, more_binding
from trustwright.access_requests.directory import look_up
from trustwright.access_requests.model import AccessRequest, NewRequest, Status
from trustwright.access_requests.waiting import may_tell_team
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import Nda, Signer
from trustwright.db import Tx
from trustwright.events.model import EventType
from trustwright.settings import Settings
from trustwright.trust.actions import get_trust_center, preapproval, requested_documents
from trustwright.trust.addresses import normalized
from trustwright.trust.model import Document, FlowType, TrustCenter

log = structlog.get_logger()


class Form(Struct, frozen=True, kw_only=True):
    """A request that may be taken in, and what it is measured by."""

    center: TrustCenter
    nda: Nda | None
    new: NewRequest
    wanted: list[Document]
    is_public: bool
    ip: str | None
    user_agent: str | None

    @property
    def names(self) -> list[str]:
        return [document.name for document in self.wanted]


async def submit(
    tx: Tx,
    workspace_id: int,
    new: NewRequest,
    settings: Settings,
    *,
    is_public: bool,
    ip: str | None = None,
    user_agent: str | None = None,
) -> AccessRequest:
    """Takes a request in, merged into the one of the same person that waits already, and approves it by itself where
    a rule says so. Raises Invalid."""
    new = replace(new, email=normalized(new.email))
    nda = await agreements.current_nda(tx, workspace_id)
    admit(new.flow_type, accepts_terms=new.accepts_terms, has_nda=nda is not None)
    form = Form(
        center=await get_trust_center(tx, workspace_id),
        nda=nda,
        new=new,
        wanted=await requested_documents(tx, workspace_id, new.documents, listed_only=is_public),
        is_public=is_public,
        ip=ip,
        user_agent=user_agent,
    )
    grant = await steps.lock_person(tx, workspace_id, new.email)
    held = await access.granted_documents(tx, grant.id) if grant else set[int]()
    lacking = [document for document in form.wanted if document.id not in held]
    if grant and not lacking:
        return await _again(tx, form, grant, settings)
    waiting = await store.pending_of(tx, workspace_id, new.email)
    if waiting:
        request = await _merge(tx, form, waiting, lacking, settings)
    else:
        request = await _add(tx, form, lacking, settings)
    if grant and len(lacking) < len(form.wanted) and request.mailed_at != tx.now:
        held_now = [document.name for document in form.wanted if document.id in held]
        await _mail_held(tx, form.center, request, grant, held_now, settings)
    return request


async def _again(tx: Tx, form: Form, grant: Grant, settings: Settings) -> AccessRequest:
    """Who holds all of it already needs no decision and no more rights, only a link."""
    request = await _insert(
        tx,
        form,
        form.wanted,
        status=Status.AUTO_APPROVED,
        auto_approve_type=form.new.flow_type.value,
        ends_at=grant.expires_at,
        grant_id=grant.id,
    )
    event = await _mail_held(tx, form.center, request, grant, form.names, settings)
    return await store.save(tx, replace(request, mail_event=event, mailed_at=tx.now if event else None))


async def _mail_held(
    tx: Tx, center: TrustCenter, request: AccessRequest, grant: Grant, names: Sequence[str], settings: Settings
) -> str | None:
    """Mails a link to what a person holds already; the event of the mail. Where there were too many links, none is
    mailed and nobody told: the form answers everybody alike."""
    link = await access.new_link_if_allowed(tx, grant, settings.public_url)
    if link is None:
        log.warning("no link mailed, there were too many", request_id=str(request.request_id))
        return None
    return await telling.tell_given(tx, center, request, names, link, grant.expires_at)


async def _merge(
    tx: Tx, form: Form, waiting: AccessRequest, lacking: list[Document], settings: Settings
) -> AccessRequest:
    """One request a person waits at a time; what is asked for meanwhile joins it (trust-center 1.8)."""
    added = await store.insert_documents(tx, waiting.id, [document.id for document in lacking])
    request = await store.save(
        tx,
        replace(
            waiting,
            flow_type=more_binding(waiting.flow_type, form.new.flow_type),
            accepts_terms=waiting.accepts_terms or form.new.accepts_terms,
        ),
    )
    await _accept(tx, form, request.request_id)
    if added:
        await steps.record_change(
            tx, EventType.REQUEST_STATUS_CHANGED, waiting, request, f"{len(added)} more documents asked for"
        )
        if may_tell_team(request.team_told_at, tx.now):
            request = await _tell_team(tx, form.center, request, form.nda, settings)
    await telling.tell_received(tx, form.center, request, form.names)
    return request


async def _add(tx: Tx, form: Form, lacking: list[Document], settings: Settings) -> AccessRequest:
    auto_approve_type = await _auto_approve_type(tx, form, lacking)
    if auto_approve_type is None:
        request = await _insert(tx, form, lacking, status=Status.PENDING)
        await telling.tell_received(tx, form.center, request, form.names)
        return await _tell_team(tx, form.center, request, form.nda, settings)
    last = await store.last_approval(tx, form.center.workspace_id, form.new.email)
    request = await _insert(
        tx,
        form,
        lacking,
        status=Status.AUTO_APPROVED,
        auto_approve_type=auto_approve_type,
        ends_at=end_of_access(tx.now, None, form.center.default_expiration_days),
    )
    return await steps.carry_out(tx, request, settings, last)


async def _auto_approve_type(tx: Tx, form: Form, lacking: list[Document]) -> str | None:
    flow, email, workspace_id = form.new.flow_type, form.new.email, form.center.workspace_id
    return auto_approval(
        flow,
        is_preapproved=await preapproval(tx, workspace_id, email) is not None,
        needs_review=any(document.needs_review for document in lacking),
        crm=await look_up(tx, workspace_id, email) if flow is FlowType.SALESFORCE_CRM else None,
    )


async def _insert(
    tx: Tx,
    form: Form,
    documents: list[Document],
    *,
    status: Status,
    auto_approve_type: str | None = None,
    ends_at: datetime | None = None,
    grant_id: int | None = None,
) -> AccessRequest:
    """Adds a request as it begins, with its documents, its first status, its events, and the tick of its box."""
    new, center = form.new, form.center
    is_approved = status is Status.AUTO_APPROVED
    blank = _blank(tx, center.workspace_id, new, is_public=form.is_public)
    request = await store.insert(
        tx,
        replace(
            blank,
            status=status,
            is_auto_approved=is_approved,
            auto_approve_type=auto_approve_type,
            had_access_before=await access.held_before(tx, center.workspace_id, new.email),
            reviewed_at=tx.now if is_approved else None,
            expires_at=ends_at,
            expiration_type=center.default_expiration_type if is_approved else None,
            grant_id=grant_id,
        ),
    )
    await store.insert_documents(tx, request.id, [document.id for document in documents])
    await steps.note_status(tx, request, None)
    await steps.record_change(tx, EventType.NEW_REQUEST, None, request, "received")
    if is_approved:
        await store.decide_documents(tx, request.id, approved=True)
        await steps.record_change(tx, EventType.AUTO_APPROVE_REQUEST, None, request)
    await _accept(tx, form, request.request_id)
    return request


def _blank(tx: Tx, workspace_id: int, new: NewRequest, *, is_public: bool) -> AccessRequest:
    """A request that nothing has happened to; its ids are the database's to give."""
    return AccessRequest(
        id=0,
        request_id=UUID(int=0),
        workspace_id=workspace_id,
        email=new.email,
        first_name=new.first_name,
        last_name=new.last_name,
        company=new.company,
        flow_type=new.flow_type,
        accepts_terms=new.accepts_terms,
        status=Status.PENDING,
        is_auto_approved=False,
        auto_approve_type=None,
        is_public=is_public,
        is_renewal=False,
        had_access_before=False,
        tracking_id=None,
        failed_step=None,
        managed_by="",
        reviewed_at=None,
        expires_at=None,
        expiration_type=None,
        grant_id=None,
        grant_expires_at=None,
        team_told_at=None,
        nags=0,
        mail_event=None,
        mailed_at=None,
        created_at=tx.now,
        updated_at=tx.now,
    )


async def _accept(tx: Tx, form: Form, request_id: UUID) -> None:
    """Keeps that the box was ticked, where that agrees to anything."""
    new = form.new
    if form.nda is None or not clicks(new.flow_type, accepts_terms=new.accepts_terms):
        return
    signer = Signer(
        workspace_id=form.center.workspace_id,
        request_id=request_id,
        email=new.email,
        name=f"{new.first_name} {new.last_name}".strip(),
        company=new.company,
    )
    await agreements.accept_by_click(tx, form.nda, signer, form.ip, form.user_agent)


async def _tell_team(
    tx: Tx, center: TrustCenter, request: AccessRequest, nda: Nda | None, settings: Settings
) -> AccessRequest:
    await telling.tell_team(tx, center, request, settings, has_nda=nda is not None)
    return await store.save(tx, replace(request, team_told_at=tx.now))


async def ask_for_more_time(tx: Tx, grant: Grant, settings: Settings) -> AccessRequest:
    """A renewal: a PENDING request for what the grant opens, which nothing approves by itself. What waits already for
    the same person becomes one too; a second renewal changes nothing."""
    await steps.lock_person(tx, grant.workspace_id, grant.email)
    center = await get_trust_center(tx, grant.workspace_id)
    documents = sorted(await access.granted_documents(tx, grant.id))
    waiting = await store.pending_of(tx, grant.workspace_id, grant.email)
    if waiting and waiting.is_renewal and not await store.insert_documents(tx, waiting.id, documents):
        return waiting
    if waiting:
        request = await store.save(tx, replace(waiting, is_renewal=True))
    else:
        request = await store.insert(tx, await _renewal(tx, grant, center))
        await steps.note_status(tx, request, None)
    await store.insert_documents(tx, request.id, documents)
    await steps.record_change(tx, EventType.NEW_REQUEST, waiting, request, "more time asked for")
    nda = await agreements.current_nda(tx, grant.workspace_id)
    await telling.tell_received(tx, center, request, await steps.document_names(tx, request))
    if waiting and not may_tell_team(waiting.team_told_at, tx.now):
        return request
    return await _tell_team(tx, center, request, nda, settings)


async def _renewal(tx: Tx, grant: Grant, center: TrustCenter) -> AccessRequest:
    """A request as the last one under the grant was made."""
    under = await store.under_grant(tx, grant.id)
    last = under[-1] if under else None
    new = NewRequest(
        email=grant.email,
        first_name=last.first_name if last else grant.name,
        last_name=last.last_name if last else "",
        company=grant.company,
        accepts_terms=last.accepts_terms if last else False,
        flow_type=last.flow_type if last else center.flow_type,
        documents=[],
    )
    return replace(_blank(tx, grant.workspace_id, new, is_public=True), is_renewal=True, had_access_before=True)
