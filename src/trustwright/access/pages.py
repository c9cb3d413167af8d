"""What a mailed link leads to: a page whose button opens it, the room with the documents, and the documents.

Mail programs open links, so a GET changes nothing, however often. The button starts a session of twelve hours, which
is asked for at each read whether it, its grant and the document still stand."""

import re
import time
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, post, route
from litestar.datastructures import Cookie
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.router import Router

from trustwright.access import room, store, visiting
from trustwright.access.model import SESSION_LASTS, AccessOver, Grant, NoSession, Tokened, masked
from trustwright.access.room import (
    PATH,
    SESSION,
    begin,
    database_of,
    limited_by_address,
    requests_of_token,
    require_own_page,
    see_other,
    settings_of,
    visited_by,
    who,
)
from trustwright.access.visiting import Client, CodeState
from trustwright.access_requests import actions as requests
from trustwright.db import Who
from trustwright.errors import Problem
from trustwright.events.model import Source
from trustwright.http import visitor_pages
from trustwright.http.answers import problem_answer
from trustwright.http.limiter import AddressLimiter
from trustwright.http.visitor_pages import PRIVATE, form_of, page
from trustwright.http.visitors import visitor_of
from trustwright.links import hash_token, new_token
from trustwright.trust.actions import published_place
from trustwright.trust.addresses import normalized
from trustwright.trust.model import TrustCenter

DEVICE = "trust_device"
A_YEAR = 365 * 24 * 3600

TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")

lost_of_address = AddressLimiter(10)


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /access, and what all pages for visitors load."""
    shown: list[HTTPRouteHandler] = [link_page, enter, type_code, renew, leave, lost, *room.PAGES]
    return [
        Router("/", route_handlers=shown, exception_handlers={Problem: refused}),
        Router("/", route_handlers=[room.room_data], exception_handlers={Problem: refused_data}),
        visitor_pages.static_files(),
        visitor_pages.viewer_files(),
    ]


@route("/access/{token:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def link_page(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """The page with the button."""
    linked = await _linked(request, token)
    async with database_of(request).read(who(request, linked)) as tx:
        grant, trust_center = await visiting.linked_grant(tx, linked.grant_id, token)
    values = {"company": trust_center.name, "email": masked(grant.email), "token": token}
    return page("access_link.html.jinja", values)


@post("/access/{token:str}", status_code=200, include_in_schema=False)
async def enter(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """The button: a session, or the question for a code."""
    require_own_page(request)
    linked = await _linked(request, token)
    client = _client(request)
    async with begin(request, linked) as tx:
        grant, trust_center = await visiting.linked_grant(tx, linked.grant_id, token, lock=True)
        session = await visiting.enter(tx, grant, client)
        if session is None:
            await visiting.send_code(tx, grant, trust_center, client.device)
    response = _code_page(grant, trust_center, token) if session is None else _entered(request, session)
    return _with_device(request, response, client)


@post("/access/{token:str}/code", status_code=200, include_in_schema=False, request_max_body_size=None)
async def type_code(request: Request[Any, Any, Any], token: FromPath[str]) -> Response[str]:
    """A session, for the right code."""
    require_own_page(request)
    linked = await _linked(request, token)
    code = (await form_of(request)).get("code", "")
    client = _client(request)
    async with begin(request, linked) as tx:
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
    response = see_other(PATH)
    response.set_cookie(_cookie(request, SESSION, session, int(SESSION_LASTS.total_seconds())))
    return response


@post("/access/renewal", status_code=200, include_in_schema=False)
async def renew(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for more time."""
    require_own_page(request)
    visited, session = await visited_by(request)
    async with begin(request, visited) as tx:
        grant, _ = await visiting.visited_grant(tx, visited.grant_id, session)
        await requests.ask_for_more_time(tx, grant, settings_of(request))
    return see_other(f"{PATH}?asked")


@post("/access/leave", status_code=200, include_in_schema=False)
async def leave(request: Request[Any, Any, Any]) -> Response[str]:
    """Ends the session."""
    require_own_page(request)
    visited, session = await visited_by(request)
    async with begin(request, visited) as tx:
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
    place = await published_place(database_of(request), given.get("slug", "").strip().lower())
    if place is not None:
        sender = Who(account_id=place.account_id, source=Source.PUBLIC_API, request=f"POST {PATH}/lost")
        async with database_of(request).begin(sender) as tx:
            await tx.defer(visiting.FIND_LOST, workspace_id=place.workspace_id, email=email)
    return visitor_pages.message(
        "Look into your mails",
        "If this address has access to documents, a new link is on its way to it.",
        "If no mail comes, request access on the page of the company.",
    )


async def _linked(request: Request[Any, Any, Any], token: str) -> Tokened:
    """Whose link it is. Raises AccessOver, TooManyRequests."""
    token_sha256 = hash_token(token)
    linked = await store.grant_of_link(database_of(request), token_sha256)
    if linked is None:
        limited_by_address(request)
        raise AccessOver
    requests_of_token.admit(token_sha256, time.time())
    return linked


def _client(request: Request[Any, Any, Any]) -> Client:
    visitor = visitor_of(request)
    presented = request.cookies.get(DEVICE, "")
    device = presented if TOKEN.fullmatch(presented) else new_token()
    return Client(ip=visitor.ip, user_agent=visitor.user_agent, device=device)


def _with_device(request: Request[Any, Any, Any], response: Response[str], client: Client) -> Response[str]:
    response.set_cookie(_cookie(request, DEVICE, client.device, A_YEAR))
    return response


def _cookie(request: Request[Any, Any, Any], name: str, value: str, seconds: int) -> Cookie:
    secure = settings_of(request).public_url.startswith("https:")
    # For /access.json too, which a path of /access would leave out.
    return Cookie(name, path="/", value=value, max_age=seconds, secure=secure, httponly=True, samesite="lax")


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
