"""The form by which a person asks for documents, and what it says when it cannot be taken."""

import time
from typing import Any

from litestar import Request, Response
from msgspec import Struct

from trustwright.access_requests import actions
from trustwright.access_requests.model import NewRequest
from trustwright.access_requests.throttle import admit_address, admit_email, nothing, place_of, who_asks
from trustwright.db import Database, Tx
from trustwright.errors import Invalid
from trustwright.http import bodies
from trustwright.http.limiter import AddressLimiter
from trustwright.http.visitor_pages import page as visitor_page
from trustwright.http.visitors import visitor_of
from trustwright.trust.actions import documents_of_workspace, get_trust_center
from trustwright.trust.addresses import normalized
from trustwright.trust.model import DocumentType, FlowType, TrustCenter, Visibility
from trustwright.trust_page import actions as trust_page
from trustwright.trust_page.page import Page

MOST_FIELDS = 600
LONGEST = 255
ALL_HIDDEN = "0"

TITLES = {
    DocumentType.COMPLIANCE: "Compliance",
    DocumentType.SECURITY_REPORT: "Security reports",
    DocumentType.POLICY: "Policies",
}

pages_of_address = AddressLimiter(120)


class Typed(Struct, frozen=True, kw_only=True):
    """What was typed. `documents` are like `POLICY:7`; 0 stands for all of a kind whose names are not shown."""

    email: str = ""
    name: str = ""
    lastname: str = ""
    company: str = ""
    accepts_terms: bool = False
    documents: list[str] = []


async def show(
    request: Request[Any, Any, Any],
    slug: str,
    typed: Typed,
    faults: dict[str, str] | None = None,
) -> Response[str]:
    """The form. `faults` are sentences by field. Raises NotFound, TooManyRequests."""
    pages_of_address.admit(visitor_of(request).ip, time.time())
    database: Database = request.app.state.database
    place = await place_of(database, slug)
    async with database.read(who_asks(place)) as tx:
        page = await trust_page.page(tx, place.workspace_id)
    if not page.accepts_requests:
        raise nothing()
    values = {
        "page": page,
        "slug": slug,
        "typed": typed,
        "faults": faults or {},
        "groups": _groups(page),
        "flow": page.flow_type,
        "clicks": page.nda.address is not None and page.flow_type in (FlowType.SELF, FlowType.SALESFORCE_CRM),
        "must_accept": page.flow_type is FlowType.SELF,
    }
    return visitor_page("request_form.html.jinja", values, status=400 if faults else 200)


def _groups(page: Page) -> list[tuple[str, list[tuple[str, str]]]]:
    """By kind, what can be asked for: the value of its box, and its name."""
    found = []
    for kind, title in TITLES.items():
        boxes = [(f"{kind}:{each.id}", each.name) for each in page.documents if each.is_locked and each.type is kind]
        if count := page.hidden_documents.get(kind):
            boxes.append((f"{kind}:{ALL_HIDDEN}", f"{count} {'document' if count == 1 else 'documents'}"))
        if boxes:
            found.append((title, boxes))
    return found


async def submit(request: Request[Any, Any, Any], slug: str, body: bytes) -> Response[str]:
    """Takes the form in, or shows it again as it was typed. Raises NotFound, TooManyRequests."""
    database: Database = request.app.state.database
    visitor = visitor_of(request)
    await admit_address(database, slug, visitor.ip)
    place = await place_of(database, slug)
    typed = _typed(body)
    faults = _faults(typed)
    if faults:
        return await show(request, slug, typed, faults)
    await admit_email(database, place, visitor.ip, normalized(typed.email))
    try:
        async with database.begin(who_asks(place)) as tx:
            center = await get_trust_center(tx, place.workspace_id)
            if not (await trust_page.page(tx, place.workspace_id)).accepts_requests:
                raise nothing()
            new = await _request(tx, center, typed)
            settings = request.app.state.settings
            ip, agent = visitor.ip, visitor.user_agent
            await actions.submit(tx, place.workspace_id, new, settings, is_public=True, ip=ip, user_agent=agent)
    except Invalid as fault:
        return await show(request, slug, typed, _said(fault))
    return visitor_page("request_received.html.jinja", {"company": center.name, "email": typed.email, "slug": slug})


def _typed(body: bytes) -> Typed:
    pairs = bodies.urlencoded(body, MOST_FIELDS)
    fields = {name: value.strip()[:LONGEST] for name, value in pairs}
    return Typed(
        email=fields.get("email", ""),
        name=fields.get("name", ""),
        lastname=fields.get("lastname", ""),
        company=fields.get("company", ""),
        accepts_terms="acceptTerms" in fields,
        documents=[value for name, value in pairs if name == "documents"],
    )


def _faults(typed: Typed) -> dict[str, str]:
    found = {
        "documents": "" if typed.documents else "Choose at least one document",
        "name": "" if typed.name else "Write your first name",
        "email": "" if _is_address(typed.email) else "Write your address like name@company.com",
    }
    return {field: sentence for field, sentence in found.items() if sentence}


def _is_address(text: str) -> bool:
    try:
        normalized(text)
    except Invalid:
        return False
    return True


async def _request(tx: Tx, center: TrustCenter, typed: Typed) -> NewRequest:
    """Raises Invalid."""
    wanted = [_marked(text) for text in typed.documents]
    if any(number == 0 for _, number in wanted) and center.hides_private_names:
        kinds = {kind for kind, number in wanted if number == 0}
        wanted = [each for each in wanted if each[1] != 0]
        wanted += [
            (document.type, document.id)
            for document in await documents_of_workspace(tx, center.workspace_id)
            if document.type in kinds and document.visibility is Visibility.ON_REQUEST and document.is_offered(tx.now)
        ]
    return NewRequest(
        email=typed.email,
        first_name=typed.name,
        last_name=typed.lastname,
        company=typed.company,
        accepts_terms=typed.accepts_terms,
        flow_type=center.flow_type,
        documents=wanted,
    )


def _marked(text: str) -> tuple[DocumentType, int]:
    kind, _, number = text.partition(":")
    if kind not in list(DocumentType) or not (number.isascii() and number.isdecimal() and len(number) <= 9):
        raise Invalid("documents: choose from the documents of this page")
    return DocumentType(kind), int(number)


def _said(fault: Invalid) -> dict[str, str]:
    """What could not be taken, at its field where it has one."""
    field, found, rest = fault.message.partition(":")
    if found and field == "acceptTerms":
        return {field: "Accept the agreement to go on"}
    if found and field == "documents":
        return {field: f"{rest.strip().capitalize()}. Choose again"}
    return {"form": fault.message}
