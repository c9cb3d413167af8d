"""The pages by which people come in and go out."""

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router

from trustwright.console import rendering
from trustwright.console.forms import LARGEST_FORM, Form, kept_pairs, parsed
from trustwright.console.visits import (
    SESSION,
    Answer,
    Button,
    Visit,
    cookie,
    local,
    refused,
    require_own_form,
    routes,
    signed_in_by,
)
from trustwright.db import Database, Who
from trustwright.errors import Problem
from trustwright.events.model import Source
from trustwright.http import bodies
from trustwright.http.limiter import Limiter
from trustwright.http.visitors import visitor_of
from trustwright.settings import Settings
from trustwright.sign_in import actions, store
from trustwright.sign_in.model import LASTS, LONGEST_PASSWORD, Candidate, WrongPassword

# Attempts a minute: of one person, and of one network that tries out many.
attempts_of_address = Limiter(10)
attempts_of_network = Limiter(60)


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of signing in and out."""
    open_to_all: list[HTTPRouteHandler] = [sign_in_page, sign_in]
    return [
        Router("/", route_handlers=open_to_all, exception_handlers={Problem: _refused}),
        *routes(BUTTONS),
        rendering.static_files(),
    ]


def _refused(_: object, problem: Problem) -> Response[str]:
    return refused(None, problem)


@get("/sign-in", include_in_schema=False)
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form, or where one who is signed in already wanted to go."""
    wanted = local(request.query_params.get("next", "/"))
    if await signed_in_by(request):
        return Response("", status_code=303, headers={"Location": wanted, **rendering.HEADERS})
    return _form(wanted, "", "", "")


def _form(wanted: str, kept: str, email: str, fault: str, status: int = 200) -> Response[str]:
    values = {"next": wanted, "kept": kept, "email": email, "fault": fault, "has_ended": False}
    return rendering.page("sign_in", values, status=status)


@post("/sign-in", status_code=200, include_in_schema=False, request_max_body_size=None)
async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """A new session for the right password."""
    require_own_form(request)
    form = parsed(await bodies.read(request, 2 * LARGEST_FORM))
    wanted, kept, email, password = (form.value(name) for name in ("next", "kept", "email", "password"))
    now = time.time()
    attempts_of_network.admit(visitor_of(request).ip, now)
    attempts_of_address.admit(email.strip().lower(), now)
    matching = await _matching(request.app.state.database, email.strip(), password)
    account = form.text("account")
    chosen = [each for each in matching if account in ("", str(each.account_id))]
    if not chosen:
        return _form(local(wanted), kept, email, WrongPassword.sentence, status=WrongPassword.status)
    if len(chosen) > 1:
        values = {"next": wanted, "kept": kept, "email": email, "candidates": chosen}
        return rendering.page("sign_in_account", values)
    return await _entered(request, chosen[0], local(wanted), kept)


async def _matching(database: Database, email: str, password: str) -> list[Candidate]:
    candidates = await store.candidates(database, email)
    return await asyncio.to_thread(actions.matching, candidates, password[: LONGEST_PASSWORD + 1])


async def _entered(request: Request[Any, Any, Any], candidate: Candidate, wanted: str, kept: str) -> Response[str]:
    """A session of its own, whatever cookie the browser came with, and on to where the person wanted to go."""
    settings: Settings = request.app.state.settings
    database: Database = request.app.state.database
    visitor = visitor_of(request)
    who = Who(account_id=candidate.account_id, source=Source.APP, user_id=candidate.user_id, request="POST /sign-in")
    async with database.begin(who) as tx:
        token = await actions.sign_in(tx, candidate.user_id, "password", visitor.ip, visitor.user_agent)
    if pairs := kept_pairs(kept):
        response = rendering.page("sign_in_resume", {"path": wanted, "pairs": pairs})
    else:
        response = Response("", status_code=303, headers={"Location": wanted, **rendering.HEADERS})
    response.set_cookie(cookie(settings, SESSION, token, int(LASTS.total_seconds())))
    return response


async def sign_out(visit: Visit, _: Form) -> Answer:
    """Ends the session of this browser."""
    async with visit.begin() as tx:
        await actions.sign_out(tx, visit.signed_in.session_id)
    response = visit.see_other("/sign-in")
    response.delete_cookie(SESSION)
    return response


async def choose_workspace(visit: Visit, form: Form) -> Answer:
    """Another workspace is looked at."""
    async with visit.begin() as tx:
        await actions.choose_workspace(tx, visit.signed_in, form.number("workspace") or 0)
    return visit.see_other(local(form.value("next")))


BUTTONS = [
    Button(path="/sign-out", press=sign_out),
    Button(path="/workspace", press=choose_workspace),
]
