"""Requests for access, in the console: the inbox, and what is decided of several at once."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from uuid import UUID

from msgspec import Struct

from trustwright.access_requests import actions, console_customers, console_request, console_submission, inbox_store
from trustwright.access_requests.choices import STATUSES, agreement, hints
from trustwright.access_requests.console_request import decider, request_id_of
from trustwright.access_requests.model import AccessRequest, Approval, ListedRequest, Status
from trustwright.access_requests.waiting import business_days
from trustwright.accounts.model import Entitlement
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file
from trustwright.console.navigation import DECIDE_REQUESTS, REQUESTS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit, attempt
from trustwright.errors import Invalid, NotFound, Problem
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust.model import ExpirationType

INBOX = "/trust-center/requests"
SORTS = {"created": "r.created_at", "email": "r.email"}
COLUMNS = ["created", "name", "email", "company", "status", "documents", "agreement", "decided", "managed by", "notes"]
MOST_AT_ONCE = 100


class Decided(Struct, frozen=True):
    """What became of one request among several; `problem` says why nothing did."""

    request: AccessRequest
    problem: Problem | None


async def list_waiting(visit: Visit) -> Answer:
    """Requests that wait for a decision, those first that wait the longest."""
    listing = Listing(visit, SORTS)
    return await _listed(visit, listing, Status.PENDING, is_inbox=True)


async def list_all(visit: Visit) -> Answer:
    """All requests of the workspace, the newest first."""
    listing = Listing(visit, {"-created": SORTS["created"], "email": SORTS["email"]}, filters=("status",))
    return await _listed(visit, listing, listing.choice("status", Status), is_inbox=False)


async def _listed(visit: Visit, listing: Listing, status: Status | None, *, is_inbox: bool) -> Answer:
    if listing.wants_csv:
        return csv_file("access-requests", COLUMNS, _lines(visit, listing, status))
    async with visit.read() as tx:
        found = await inbox_store.page(tx, listing.slice, visit.workspace_id, status, listing.q)
        waited = {request.id: business_days(request.created_at, tx.now) for request in found}
    values = {
        "listing": listing,
        "shown": listing.of(found),
        "waited": waited,
        "is_inbox": is_inbox,
        "may_decide": decider(visit),
        "statuses": STATUSES,
        "agreement": agreement,
        "hints": hints,
    }
    return visit.page("request_inbox", values)


async def _lines(visit: Visit, listing: Listing, status: Status | None) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        rows = inbox_store.stream(tx, listing.slice, visit.workspace_id, status, listing.q)
        async with aclosing(rows):
            async for request in rows:
                yield _line(request)


def _line(request: ListedRequest) -> list[str]:
    notes = "; ".join(text for text, _ in hints(request))
    documents = "; ".join(request.documents)
    said = [request.full_name, request.email, request.company, request.status, documents, agreement(request)]
    decided = iso(request.reviewed_at) if request.reviewed_at else ""
    return [iso(request.created_at), *map(cell, said), decided, cell(request.managed_by), notes]


async def decide_several(visit: Visit, form: Form) -> Answer:
    """Approves or denies the ticked requests, each in a transaction of its own, and says what became of each."""
    asked = form.texts("request")[:MOST_AT_ONCE]
    if not asked:
        return visit.see_other(INBOX, "Nothing was done: no request was ticked.")
    approves = form.text("decision") == "approve"
    if not approves and form.text("decision") != "deny":
        raise Invalid("decision: choose whether to approve or to deny")
    outcomes = [await _decided(visit, request_id_of(text), approves=approves) for text in dict.fromkeys(asked)]
    return visit.page("request_results", {"outcomes": outcomes, "approves": approves, "statuses": STATUSES})


async def _decided(visit: Visit, request_id: UUID, *, approves: bool) -> Decided:
    problem = await attempt(_decide(visit, request_id, approves=approves))
    async with visit.read() as tx:
        return Decided(await actions.get_request(tx, request_id), problem)


async def _decide(visit: Visit, request_id: UUID, *, approves: bool) -> None:
    async with visit.begin() as tx:
        await actions.hold(tx, request_id)
        request = await actions.get_request(tx, request_id)
        if request.workspace_id != visit.workspace_id:
            raise NotFound(f"No access request {request_id} in this workspace")
        if request.status is not Status.PENDING:
            raise Invalid("It was decided already; nothing was changed")
        if approves:
            usual = Approval(expiration=None, expiration_type=ExpirationType.DAYS, is_new_expiration=False)
            await actions.approve(tx, request_id, usual, visit.settings)
        else:
            await actions.deny(tx, request_id, visit.settings)


PAGES: list[Page | FormPage | Button] = [
    Page(path=INBOX, show=list_waiting, right=REQUESTS, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS),
    Page(path=f"{INBOX}/all", show=list_all, right=REQUESTS, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS),
    Button(path=f"{INBOX}/decide", press=decide_several, right=DECIDE_REQUESTS, entitlement=Entitlement.TRUST_CENTER),
    *console_submission.PAGES,
    *console_customers.PAGES,
    *console_request.PAGES,
]
