"""What a mailed link leads to: a page whose button opens it, the room with the documents, and the documents.

Mail programs open links, so a GET changes nothing, however often. The button starts a session of twelve hours, which
is asked for at each read whether it, its grant and the document still stand."""

import os
import re
import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from litestar import Request, Response, get, post, route
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.router import Router

from trustwright.access import serving, store, visiting
from trustwright.access.model import (
    SESSION_LASTS,
    AccessOver,
    Action,
    Grant,
    HeldBack,
    NoSession,
    NotShown,
    Tokened,
    masked,
    shown_day,
)
from trustwright.access.stamp_drawing import Stamp
from trustwright.access.visiting import Client, CodeState, Held, Room
from trustwright.access_requests import actions as requests
from trustwright.db import Database, Tx, Who
from trustwright.errors import NotFound, NotPermitted, Problem
from trustwright.events.model import Source
from trustwright.files.outgoing import headers_of, held_back
from trustwright.http import visitor_pages
from trustwright.http.answers import JSON, problem_answer
from trustwright.http.limiter import Limiter
from trustwright.http.visitor_pages import PRIVATE, SHOWN, form_of, page
from trustwright.http.visitors import visitor_of
from trustwright.http.wire import MAX_ID, Wire, iso_or_none
from trustwright.links import hash_token, new_token
from trustwright.settings import Settings
from trustwright.trust.actions import published_place
from trustwright.trust.addresses import normalized
from trustwright.trust.model import DocumentType, Mode, TrustCenter

DEVICE = "trust_device"
SESSION = "trust_session"
PATH = "/access"
A_YEAR = 365 * 24 * 3600

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

# Known links and sessions are counted by themselves, so that nobody who tries out tokens from the same network can
# lock out those who have one.
requests_of_link = Limiter(300)
unknown_of_address = Limiter(20)
lost_of_address = Limiter(10)

TYPES = {
    DocumentType.COMPLIANCE: "Compliance",
    DocumentType.POLICY: "Policy",
    DocumentType.SECURITY_REPORT: "Security report",
}


class RoomDocument(Wire, frozen=True):
    """A document of the room; where it can be had, null where not in this way."""

    id: int
    name: str
    type: DocumentType
    version: int
    view: str | None
    download: str | None


class RoomAnswer(Wire, frozen=True):
    """The room as data."""

    company: str
    email: str
    name: str
    expires_at: str | None
    documents: list[RoomDocument]


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /access, and what all pages for visitors load."""
    shown: list[HTTPRouteHandler] = [link_page, enter, type_code, room, renew, leave, lost, document]
    return [
        Router("/", route_handlers=shown, exception_handlers={Problem: refused}),
        Router("/", route_handlers=[room_data], exception_handlers={Problem: refused_data}),
        visitor_pages.static_files(),
    ]


@route("/access/{token:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def link_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """The page with the button."""
    linked = await _linked(request, token)
    async with _database(request).read(_who(request, linked)) as tx:
        grant, trust_center = await visiting.linked_grant(tx, linked.grant_id, token)
    values = {"company": trust_center.name, "email": masked(grant.email), "token": token}
    return page("access_link.html.jinja", values)


@post("/access/{token:str}", status_code=200, include_in_schema=False)
async def enter(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """The button: a session, or the question for a code."""
    _require_own_page(request)
    linked = await _linked(request, token)
    client = _client(request)
    async with _begin(request, linked) as tx:
        grant, trust_center = await visiting.linked_grant(tx, linked.grant_id, token, lock=True)
        session = await visiting.enter(tx, grant, client)
        if session is None:
            await visiting.send_code(tx, grant, trust_center, client.device)
    response = _code_page(grant, trust_center, token) if session is None else _entered(request, session)
    return _with_device(request, response, client)


@post("/access/{token:str}/code", status_code=200, include_in_schema=False, request_max_body_size=None)
async def type_code(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """A session, for the right code."""
    _require_own_page(request)
    linked = await _linked(request, token)
    code = (await form_of(request)).get("code", "")
    client = _client(request)
    async with _begin(request, linked) as tx:
        grant, trust_center = await visiting.linked_grant(tx, linked.grant_id, token, lock=True)
        state, session = await visiting.try_code(tx, grant, client, code)
    if session is None:
        return _code_page(grant, trust_center, token, state)
    return _with_device(request, _entered(request, session), client)


def _code_page(
    grant: Grant, trust_center: TrustCenter, token: str, state: CodeState = CodeState.RIGHT
) -> Response[str]:
    values = {"company": trust_center.name, "email": masked(grant.email), "token": token, "state": state.value}
    return page("access_code.html.jinja", values, status=200 if state is CodeState.RIGHT else 400)


def _entered(request: Request[Any, Any, Any], session: str) -> Response[str]:
    response = _see_other(PATH)
    response.set_cookie(_cookie(request, SESSION, session, int(SESSION_LASTS.total_seconds())))
    return response


@get("/access", include_in_schema=False)
async def room(request: Request[Any, Any, Any]) -> Response[str]:
    """What the visitor may have, and until when."""
    found = await _room(request)
    ends = found.grant.expires_at
    values = {
        "company": found.trust_center.name,
        "person": found.grant.name or found.grant.email,
        "email": found.grant.email,
        "until": None if ends is None else shown_day(ends),
        "documents": [{**msgspec.to_builtins(_listed(held)), "kind": TYPES[held.document.type]} for held in found.held],
        "asked": "asked" in request.query_params,
        "contact": found.trust_center.contact_url,
    }
    return page("access_room.html.jinja", values)


@get("/access.json", include_in_schema=False)
async def room_data(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The room as data."""
    found = await _room(request)
    body = RoomAnswer(
        company=found.trust_center.name,
        email=found.grant.email,
        name=found.grant.name,
        expires_at=iso_or_none(found.grant.expires_at),
        documents=[_listed(held) for held in found.held],
    )
    return Response(msgspec.json.encode(body), media_type=JSON, headers=PRIVATE)


async def _room(request: Request[Any, Any, Any]) -> Room:
    visited, session = await _visited(request)
    async with _database(request).read(_who(request, visited)) as tx:
        return await visiting.open_room(tx, visited.grant_id, session)


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


@post("/access/renewal", status_code=200, include_in_schema=False)
async def renew(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for more time."""
    _require_own_page(request)
    visited, session = await _visited(request)
    async with _begin(request, visited) as tx:
        grant, _ = await visiting.visited_grant(tx, visited.grant_id, session)
        await requests.ask_for_more_time(tx, grant, _settings(request))
    return _see_other(f"{PATH}?asked")


@post("/access/leave", status_code=200, include_in_schema=False)
async def leave(request: Request[Any, Any, Any]) -> Response[str]:
    """Ends the session."""
    _require_own_page(request)
    visited, session = await _visited(request)
    async with _begin(request, visited) as tx:
        await visiting.leave(tx, session)
    response = visitor_pages.message("You are signed out", "Open the link in your mail to come back.")
    response.delete_cookie(SESSION, path="/")
    return response


@post("/access/lost", status_code=200, include_in_schema=False, request_max_body_size=None)
async def lost(request: Request[Any, Any, Any]) -> Response[str]:
    """A fresh link by mail, for who holds a grant. A job finds out who does: neither the page nor how long it takes
    tells anything."""
    lost_of_address.admit(visitor_of(request).ip, time.time())
    given = await form_of(request)
    email = normalized(given.get("email", ""))
    place = await published_place(_database(request), given.get("slug", "").strip().lower())
    if place is not None:
        who = Who(account_id=place.account_id, source=Source.PUBLIC_API, request=f"POST {PATH}/lost")
        async with _database(request).begin(who) as tx:
            await tx.defer(visiting.FIND_LOST, workspace_id=place.workspace_id, email=email)
    return visitor_pages.message(
        "Look into your mails",
        "If this address has access to documents, a new link is on its way to it.",
        "If no mail comes, request access on the page of the company.",
    )


@get("/access/documents/{document_id:str}", include_in_schema=False)
async def document(request: Request[Any, Any, Any], document_id: FromPath[str]) -> ASGIResponse:
    """A document: in the browser, or with `?download=1` as a file. What is a PDF bears a stamp, unless originals are
    given out; what is none cannot be shown."""
    visited, session = await _visited(request)
    async with _database(request).read(_who(request, visited)) as tx:
        grant, held = await visiting.find_held(tx, visited.grant_id, session, _id(document_id))
    if reason := held_back(held.file, require_scan=_settings(request).require_scan):
        raise HeldBack(reason)
    attached = request.query_params.get("download") == "1" or not _is_pdf(held)
    if attached and held.document.mode is Mode.VIEW:
        raise NotShown
    response = await _outgoing(request, visited.account_id, grant, held, tx.now, attached=attached)
    visitor = visitor_of(request)
    action = Action.DOWNLOAD if attached else Action.VIEW
    async with _begin(request, visited) as tx:
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


def _is_pdf(held: Held) -> bool:
    return held.file.content_type == serving.PDF


def _id(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and 1 <= int(text) <= MAX_ID):
        raise NotFound("There is no such document")
    return int(text)


async def _linked(request: Request[Any, Any, Any], token: str) -> Tokened:
    """Whose link it is. Raises AccessOver, TooManyRequests."""
    token_sha256 = hash_token(token)
    linked = await store.grant_of_link(_database(request), token_sha256)
    if linked is None:
        unknown_of_address.admit(visitor_of(request).ip, time.time())
        raise AccessOver
    requests_of_link.admit(token_sha256, time.time())
    return linked


async def _visited(request: Request[Any, Any, Any]) -> tuple[Tokened, str]:
    """Whose session the browser has, and its token. Raises NoSession, TooManyRequests."""
    session = request.cookies.get(SESSION, "")
    if not session:
        raise NoSession
    token_sha256 = hash_token(session)
    visited = await store.grant_of_session(_database(request), token_sha256)
    if visited is None:
        unknown_of_address.admit(visitor_of(request).ip, time.time())
        raise NoSession
    requests_of_link.admit(token_sha256, time.time())
    return visited, session


def _client(request: Request[Any, Any, Any]) -> Client:
    visitor = visitor_of(request)
    presented = request.cookies.get(DEVICE, "")
    device = presented if TOKEN.fullmatch(presented) else new_token()
    return Client(ip=visitor.ip, user_agent=visitor.user_agent, device=device)


def _with_device(request: Request[Any, Any, Any], response: Response[str], client: Client) -> Response[str]:
    response.set_cookie(_cookie(request, DEVICE, client.device, A_YEAR))
    return response


def _cookie(request: Request[Any, Any, Any], name: str, value: str, seconds: int) -> Cookie:
    secure = _settings(request).public_url.startswith("https:")
    # For /access.json too, which a path of /access would leave out.
    return Cookie(name, path="/", value=value, max_age=seconds, secure=secure, httponly=True, samesite="lax")


def _require_own_page(request: Request[Any, Any, Any]) -> None:
    """Raises NotPermitted for a form on somebody else's page. Since our pages tell nobody where they are, their forms
    come from `null` in browsers that know no Sec-Fetch-Site; the cookie does not come with others' forms either."""
    site = request.headers.get("sec-fetch-site", "")
    origin = request.headers.get("origin", "null")
    ours = {request.headers.get("host", ""), urlsplit(_settings(request).public_url).netloc}
    is_own = site in ("same-origin", "none") if site else origin == "null" or urlsplit(origin).netloc in ours
    if not is_own:
        raise NotPermitted("This form was sent from another site. Open the link in your mail, and use the form there")


def _see_other(path: str) -> Response[str]:
    return Response("", status_code=303, headers={"Location": path, **PRIVATE})


def _settings(request: Request[Any, Any, Any]) -> Settings:
    settings: Settings = request.app.state.settings
    return settings


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


def _who(request: Request[Any, Any, Any], visited: Tokened) -> Who:
    # The route and not the path, which may hold the token of a link.
    what = f"{request.method} {request.scope['path_template']}"
    return Who(account_id=visited.account_id, source=Source.PUBLIC_API, request=what)


def _begin(request: Request[Any, Any, Any], visited: Tokened) -> AbstractAsyncContextManager[Tx]:
    return _database(request).begin(_who(request, visited))


def refused(request: Request[Any, Any, Any], problem: Problem) -> Response[str]:
    """A problem as a page; with a form to ask for a fresh link, where that is the cure."""
    if not isinstance(problem, AccessOver | NoSession):
        return visitor_pages.refused(request, problem)
    slug = problem.slug if isinstance(problem, AccessOver) else None
    title = "This link opens nothing now" if isinstance(problem, AccessOver) else "You are not signed in"
    values = {"title": title, "sentence": problem.message, "slug": slug}
    return page("access_over.html.jinja", values, status=problem.status)


def refused_data(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """A problem as everywhere, which no cache may keep."""
    response = problem_answer(request, problem)
    response.headers.update(PRIVATE)
    return response
