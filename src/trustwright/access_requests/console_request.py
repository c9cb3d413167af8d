"""One request for access, in the console: all that is known of it, and what is decided."""

from functools import partial
from uuid import UUID

from trustwright.access import actions as access
from trustwright.access_requests import actions, store
from trustwright.access_requests.choices import STATUSES, agreement, approving, choices, hints
from trustwright.access_requests.model import AccessRequest, Approval, Status
from trustwright.access_requests.waiting import business_days
from trustwright.accounts.model import Entitlement
from trustwright.agreements import actions as agreements
from trustwright.console.forms import Form
from trustwright.console.navigation import DECIDE_REQUESTS, REQUESTS, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.files.actions import get_file
from trustwright.times import iso
from trustwright.trust import actions as trust
from trustwright.trust.model import ExpirationType, FlowType

REQUEST = "/trust-center/requests/{request_id}"
MOST_VISITS = 50
MOST_PAPERS = 20

FLOWS = {
    FlowType.SELF: "Agrees to the NDA in the form",
    FlowType.DIGITAL_SIGNATURE: "Signs the NDA",
    FlowType.NO_NDA_REQUIRED: "No NDA",
    FlowType.SALESFORCE_CRM: "Customers are looked up",
}


def decider(visit: Visit) -> bool:
    """Whether the visitor may decide, and the account's plan has it."""
    return visit.may(DECIDE_REQUESTS) and visit.signed_in.entitled(Entitlement.TRUST_CENTER)


def request_id_of(text: str) -> UUID:
    """Raises NotFound for what can be none."""
    if len(text) != 36 or not all(character in "0123456789abcdef-" for character in text):
        raise NotFound("There is no such request in this workspace")
    digits = text.replace("-", "")
    if len(digits) != 32:
        raise NotFound("There is no such request in this workspace")
    return UUID(digits)


async def _request(visit: Visit, tx: Tx) -> AccessRequest:
    """The request of the path, in the workspace that is looked at. Raises NotFound."""
    request = await actions.get_request(tx, request_id_of(visit.request.path_params["request_id"]))
    if request.workspace_id != visit.workspace_id:
        raise NotFound("There is no such request in this workspace")
    return request


async def _held(visit: Visit, tx: Tx, form: Form) -> AccessRequest:
    """The same for who changes it, as it was when the form was opened. Raises NotFound, Conflict."""
    request_id = (await _request(visit, tx)).request_id
    await actions.hold(tx, request_id)
    request = await actions.get_request(tx, request_id)
    form.require_unchanged(request.updated_at, "this request")
    return request


async def show_request(visit: Visit, form: Form | None = None) -> Answer:
    """All that is known of a request; with a form, why what was decided could not be done."""
    async with visit.read() as tx:
        request = await _request(visit, tx)
        documents = await store.documents_of(tx, request.id)
        preapproved = await trust.preapproval(tx, request.workspace_id, request.email)
        envelope = await agreements.get_envelope(tx, request.tracking_id) if request.tracking_id else None
        values = {
            "form": form or Form(),
            "request": request,
            "documents": documents,
            "now_documents": await trust.documents_by_id(tx, {document.id for document in documents}),
            "changes": await store.statuses_of(tx, request.id),
            "papers": await agreements.papers_of(tx, request.workspace_id, request.email, MOST_PAPERS),
            "envelope": envelope,
            "grant": await access.get_grant(tx, request.grant_id) if request.grant_id else None,
            "visits": await access.last_visits(tx, request.grant_id, MOST_VISITS) if request.grant_id else [],
            "preapproved": preapproved,
            "waited": business_days(request.created_at, tx.now),
            "now": tx.now,
        }
    return visit.page("request_page", values | _said(visit, request))


def _said(visit: Visit, request: AccessRequest) -> dict[str, object]:
    return {
        "choices": choices(request),
        "agreement": agreement(request),
        "hints": hints(request),
        "status": STATUSES[request.status],
        "statuses": STATUSES,
        "flow": FLOWS[request.flow_type],
        "may_decide": decider(visit),
        "sees_documents": visit.may(TRUST_CENTER),
        "most_visits": MOST_VISITS,
        # The present one, also where a form is shown again.
        "revision": iso(request.updated_at),
    }


async def show_approval(visit: Visit, form: Form) -> Answer:
    """What is approved, and for how long."""
    async with visit.read() as tx:
        request = await _request(visit, tx)
        documents = await store.documents_of(tx, request.id)
        values = {
            "form": form,
            "request": request,
            "documents": documents,
            "now_documents": await trust.documents_by_id(tx, {document.id for document in documents}),
            "center": await trust.get_trust_center(tx, request.workspace_id),
            "nda": await agreements.current_nda(tx, request.workspace_id),
            "approving": approving(request),
            "now": tx.now,
        }
    return visit.page("request_approve", values | _said(visit, request))


async def approve(visit: Visit, form: Form) -> Answer:
    """Approves a request, or moves the end of what was approved."""
    async with visit.begin() as tx:
        before = await _held(visit, tx, form)
        choice = approving(before)
        if choice is None:
            raise Invalid("There is nothing to approve now")
        approval = Approval(
            expiration=form.number("expiration") if choice.has_length else None,
            expiration_type=ExpirationType.DAYS,
            is_new_expiration=choice.is_anew,
        )
        request = await actions.approve(tx, before.request_id, approval, visit.settings)
    return visit.see_other(f"/trust-center/requests/{request.request_id}", _approved(before, request))


def _approved(before: AccessRequest, request: AccessRequest) -> str:
    if request.status is Status.PROCESS_ERROR:
        return "Approved, but the next step failed. The history says which."
    if request.status is Status.NDA_SENT and before.status is not Status.NDA_SENT:
        return "Approved. The agreement is on its way to be signed."
    if request.status is before.status:
        return "The end of access was changed."
    return "Approved. The documents are on their way."


async def deny(visit: Visit, form: Form) -> Answer:
    """Denies a request that opened nothing yet."""
    async with visit.begin() as tx:
        request = await _held(visit, tx, form)
        await actions.deny(tx, request.request_id, visit.settings)
    return visit.see_other(f"/trust-center/requests/{request.request_id}", "Denied.")


async def revoke(visit: Visit, form: Form) -> Answer:
    """Ends what a request opened, at once."""
    async with visit.begin() as tx:
        request = await _held(visit, tx, form)
        await actions.revoke(tx, request.request_id, visit.settings)
    return visit.see_other(f"/trust-center/requests/{request.request_id}", "Access was revoked.")


async def resend(visit: Visit, form: Form) -> Answer:
    """Mails a fresh link, or the agreement once more."""
    async with visit.begin() as tx:
        request = await _held(visit, tx, form)
        await actions.resend(tx, request.request_id, visit.settings)
    return visit.see_other(f"/trust-center/requests/{request.request_id}", "Sent again.")


async def download_agreement(visit: Visit) -> Answer:
    """The signed agreement of a request, or the one that is to be signed."""
    async with visit.read() as tx:
        request = await _request(visit, tx)
        file_id = await agreements.signed_file(tx, request.tracking_id) if request.tracking_id else None
        if file_id is None:
            raise NotFound("No agreement was sent for this request")
        file = await get_file(tx, file_id)
    return visit.see_other(visit.link_to(file))


look = partial(Page, right=REQUESTS, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)
decide = partial(FormPage, show=show_request, right=DECIDE_REQUESTS, entitlement=Entitlement.TRUST_CENTER)

PAGES: list[Page | FormPage | Button] = [
    look(path=REQUEST, show=show_request),
    look(path=f"{REQUEST}/agreement", show=download_agreement),
    FormPage(
        path=f"{REQUEST}/approve",
        show=show_approval,
        submit=approve,
        right=DECIDE_REQUESTS,
        entitlement=Entitlement.TRUST_CENTER,
    ),
    decide(path=f"{REQUEST}/deny", submit=deny),
    decide(path=f"{REQUEST}/revoke", submit=revoke),
    decide(path=f"{REQUEST}/resend", submit=resend),
]
