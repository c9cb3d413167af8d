"""The room behind a mailed link: what a visitor may see, a page that shows a document, and the papers that were signed.

Each read asks whether the session, its grant and the document still stand."""

import os
import time
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from trustwright.access import serving, store, visiting
from trustwright.access.model import Action, Grant, HeldBack, NoSession, NotShown, Tokened, shown_day
from trustwright.access.stamp_drawing import Stamp
from trustwright.access.visiting import Held, Room
from trustwright.agreements import actions as agreements
from trustwright.agreements.model import Method, PaperOfPerson
from trustwright.db import Database, Tx, Who
from trustwright.errors import NotFound, NotPermitted
from trustwright.events.model import Source
from trustwright.files.actions import get_file
from trustwright.files.outgoing import headers_of, held_back
from trustwright.http.answers import JSON
from trustwright.http.limiter import AddressLimiter, Limiter
from trustwright.http.visitor_pages import PRIVATE, SHOWN, VIEWER_POLICY, page
from trustwright.http.visitors import visitor_of
from trustwright.http.wire import MAX_ID, Wire, iso_or_none
from trustwright.links import hash_token
from trustwright.settings import Settings
from trustwright.trust.model import DocumentType, Mode

SESSION = "trust_session"
PATH = "/access"

# More would make a page long, and nobody signs so often.
PAPERS = 10

# Known links and sessions are counted by themselves, so that nobody who tries out tokens from the same network can
# lock out those who have one.
requests_of_token = Limiter(300)
unknown_of_address = AddressLimiter(20)

TYPES = {
    DocumentType.COMPLIANCE: "Compliance",
    DocumentType.POLICY: "Policy",
    DocumentType.SECURITY_REPORT: "Security report",
}
ALLOWED = {
    Mode.VIEW: "To be viewed here, not downloaded",
    Mode.DOWNLOAD: "To be viewed and downloaded; copies bear your address",
    Mode.ORIGINAL: "To be viewed and downloaded, as it is",
}


class RoomDocument(Wire, frozen=True):
    """A document of the room; where it can be had, null where not in this way."""

    id: int
    name: str
    type: DocumentType
    version: int
    view: str | None
    download: str | None


class RoomAgreement(Wire, frozen=True):
    """What the visitor agreed to; where the paper can be had, null where there is none to be given out."""

    name: str
    version: int
    method: Method
    accepted_at: str | None
    download: str | None


class RoomAnswer(Wire, frozen=True):
    """The room as data."""

    company: str
    email: str
    name: str
    expires_at: str | None
    documents: list[RoomDocument]
    agreements: list[RoomAgreement]


@get("/access", include_in_schema=False)
async def room(request: Request[Any, Any, Any]) -> Response[str]:
    """What the visitor may have, and until when."""
    found, papers, now = await _room(request)
    ends = found.grant.expires_at
    values = {
        "company": found.trust_center.name,
        "person": found.grant.name or found.grant.email,
        "email": found.grant.email,
        "until": None if ends is None else shown_day(ends),
        "days": None if ends is None else (ends - now).days,
        "documents": [_shown(held, ends) for held in found.held],
        "withheld": found.withheld,
        "papers": [{**msgspec.to_builtins(paper), "day": shown_day(at)} for paper, at in papers],
        "asked": "asked" in request.query_params,
        "contact": found.trust_center.contact_url,
    }
    return page("access_room.html.jinja", values)


def _shown(held: Held, ends: datetime | None) -> dict[str, Any]:
    document = held.document
    # What ends earlier: the access, or the offer of the document.
    end = min((each for each in (document.expires_at, ends) if each), default=None)
    return {
        **msgspec.to_builtins(_listed(held)),
        "kind": TYPES[document.type],
        "allowed": ALLOWED[document.mode] if _is_pdf(held) or document.mode is not Mode.VIEW else "",
        "until": shown_day(end) if end and end != ends else None,
        "page": f"{PATH}/documents/{document.id}/view" if _is_pdf(held) else None,
    }


@get("/access.json", include_in_schema=False)
async def room_data(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The room as data."""
    found, papers, _ = await _room(request)
    body = RoomAnswer(
        company=found.trust_center.name,
        email=found.grant.email,
        name=found.grant.name,
        expires_at=iso_or_none(found.grant.expires_at),
        documents=[_listed(held) for held in found.held],
        agreements=[paper for paper, _ in papers],
    )
    return Response(msgspec.json.encode(body), media_type=JSON, headers=PRIVATE)


async def _room(request: Request[Any, Any, Any]) -> tuple[Room, list[tuple[RoomAgreement, datetime]], datetime]:
    visited, session = await visited_by(request)
    async with database_of(request).read(who(request, visited)) as tx:
        found = await visiting.open_room(tx, visited.grant_id, session)
        papers = await agreements.papers_of(tx, found.grant.workspace_id, found.grant.email, PAPERS)
        files = [await _file_of(tx, found.grant, paper) for paper in papers]
        return found, [_paper(paper, file) for paper, file in zip(papers, files, strict=True)], tx.now


def _paper(paper: PaperOfPerson, file_id: int | None) -> tuple[RoomAgreement, datetime]:
    agreement = RoomAgreement(
        name=paper.agreement,
        version=paper.version,
        method=paper.method,
        accepted_at=iso_or_none(paper.accepted_at),
        download=f"{PATH}/agreements/{paper.id}" if file_id else None,
    )
    return agreement, paper.accepted_at


async def _file_of(tx: Tx, grant: Grant, paper: PaperOfPerson) -> int | None:
    """The signed copy; where a box was ticked, the agreement itself as long as it is in force."""
    if paper.signed_file_id or paper.method is not Method.CLICK:
        return paper.signed_file_id
    nda = await agreements.current_nda(tx, grant.workspace_id)
    return nda.file_id if nda and nda.version == paper.version else None


def _listed(held: Held) -> RoomDocument:
    document = held.document
    address = f"{PATH}/documents/{document.id}"
    return RoomDocument(
        id=document.id,
        name=document.name,
        type=document.type,
        version=document.version,
        view=address if _is_pdf(held) else None,
        download=None if document.mode is Mode.VIEW else f"{address}?download=1",
    )


@get("/access/documents/{document_id:str}/view", include_in_schema=False)
async def viewer(request: Request[Any, Any, Any], document_id: FromPath[str]) -> Response[str]:
    """The page that shows a PDF. Raises NotFound for what is none."""
    visited, session = await visited_by(request)
    async with database_of(request).read(who(request, visited)) as tx:
        _, held = await visiting.find_held(tx, visited.grant_id, session, _id(document_id))
    if not _is_pdf(held):
        raise NotFound("This document cannot be shown in the browser")
    response = page("access_view.html.jinja", {"document": _listed(held), "kind": TYPES[held.document.type]})
    response.headers["Content-Security-Policy"] = VIEWER_POLICY
    return response


@get("/access/documents/{document_id:str}", include_in_schema=False)
async def document(request: Request[Any, Any, Any], document_id: FromPath[str]) -> ASGIResponse:
    """A document: in the browser, or with `?download=1` as a file. What is a PDF bears a stamp, unless originals are
    given out; what is none cannot be shown. What may only be viewed is shown by our page, not by the browser's viewer,
    which would save it."""
    visited, session = await visited_by(request)
    async with database_of(request).read(who(request, visited)) as tx:
        grant, held = await visiting.find_held(tx, visited.grant_id, session, _id(document_id))
    if reason := held_back(held.file, require_scan=settings_of(request).require_scan):
        raise HeldBack(reason)
    attached = request.query_params.get("download") == "1" or not _is_pdf(held)
    if held.document.mode is Mode.VIEW and attached:
        raise NotShown
    if held.document.mode is Mode.VIEW and request.headers.get("sec-fetch-dest", "empty") != "empty":
        headers = {"Location": f"{PATH}/documents/{held.document.id}/view", **PRIVATE}
        return ASGIResponse(status_code=303, headers=headers)
    response = await _outgoing(request, visited.account_id, grant, held, tx.now, attached=attached)
    visitor = visitor_of(request)
    action = Action.DOWNLOAD if attached else Action.VIEW
    async with begin(request, visited) as tx:
        await visiting.note_look(tx, grant, held, action, visitor.ip, visitor.user_agent)
    return response


async def _outgoing(
    request: Request[Any, Any, Any], account_id: int, grant: Grant, held: Held, now: datetime, *, attached: bool
) -> ASGIResponse:
    state, file = request.app.state, held.file
    if held.document.mode is Mode.ORIGINAL or not _is_pdf(held):
        content = await state.storage.get(account_id, file.sha256)
        return ASGIStreamingResponse(iterator=content, headers={**SHOWN, **headers_of(file, attached=attached)})
    request_id = held.given.request_id
    text = Stamp(address=grant.email, company=grant.company, moment=now, request_id=request_id)
    source = serving.Source(account_id=account_id, file=file, grant_id=grant.id, request_id=request_id)
    copy = await serving.stamped_copy(state.settings.data_dir, state.storage, source, text)
    headers = {**SHOWN, **headers_of(file, size=os.fstat(copy.fileno()).st_size, attached=attached)}
    return ASGIStreamingResponse(iterator=serving.parts_of(copy), headers=headers)


@get("/access/agreements/{acceptance_id:str}", include_in_schema=False)
async def agreement(request: Request[Any, Any, Any], acceptance_id: FromPath[str]) -> ASGIResponse:
    """What the visitor signed, as a file."""
    visited, session = await visited_by(request)
    wanted = _id(acceptance_id)
    async with database_of(request).read(who(request, visited)) as tx:
        grant, _ = await visiting.visited_grant(tx, visited.grant_id, session)
        papers = await agreements.papers_of(tx, grant.workspace_id, grant.email, PAPERS)
        paper = next((paper for paper in papers if paper.id == wanted), None)
        file_id = await _file_of(tx, grant, paper) if paper else None
        if file_id is None:
            raise NotFound("You have no such agreement, or there is no copy of it to be given out")
        file = await get_file(tx, file_id)
    content = await request.app.state.storage.get(visited.account_id, file.sha256)
    return ASGIStreamingResponse(iterator=content, headers={**SHOWN, **headers_of(file)})


PAGES: list[HTTPRouteHandler] = [room, viewer, document, agreement]


def _is_pdf(held: Held) -> bool:
    return held.file.content_type == serving.PDF


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= MAX_ID):
        raise NotFound("There is no such document")
    return int(text)


async def visited_by(request: Request[Any, Any, Any]) -> tuple[Tokened, str]:
    """Whose session the browser has, and its token. Raises NoSession, TooManyRequests."""
    session = request.cookies.get(SESSION, "")
    if not session:
        raise NoSession
    token_sha256 = hash_token(session)
    visited = await store.grant_of_session(database_of(request), token_sha256)
    if visited is None:
        limited_by_address(request)
        raise NoSession
    requests_of_token.admit(token_sha256, time.time())
    return visited, session


def limited_by_address(request: Request[Any, Any, Any]) -> None:
    """Counts somebody who came with a token that is none. Raises TooManyRequests."""
    unknown_of_address.admit(visitor_of(request).ip, time.time())


def require_own_page(request: Request[Any, Any, Any]) -> None:
    """Raises NotPermitted for a form on somebody else's page. Since our pages tell nobody where they are, their forms
    come from `null` in browsers that know no Sec-Fetch-Site; the cookie does not come with others' forms either."""
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "null")
    ours = {request.headers.get("host", ""), urlsplit(settings_of(request).public_url).netloc}
    is_own = site in ("same-origin", "none") if site else origin == "null" or urlsplit(origin).netloc in ours
    if not is_own:
        raise NotPermitted("This form was sent from another site. Open the link in your mail, and use the form there")


def see_other(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": path, **PRIVATE})


def settings_of(request: Request[Any, Any, Any]) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def database_of(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


def who(request: Request[Any, Any, Any], visited: Tokened) -> Who:
    # The route and not the path, which may hold the token of a link.
    what = f"{request.method} {request.scope['path_template']}"
    return Who(account_id=visited.account_id, source=Source.PUBLIC_API, request=what)


def begin(request: Request[Any, Any, Any], visited: Tokened) -> AbstractAsyncContextManager[Tx]:
    return database_of(request).begin(who(request, visited))
