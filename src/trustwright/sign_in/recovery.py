"""Pages for those who have no password, or not any more: the question for a link, and where links of mails lead."""

import asyncio
import time
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler

from trustwright.accounts.model import is_email
from trustwright.console import rendering
from trustwright.console.forms import LARGEST_FORM, Form, parsed
from trustwright.console.visits import require_own_form
from trustwright.errors import Invalid, Problem
from trustwright.http import bodies
from trustwright.http.limiter import Limiter
from trustwright.http.visitors import visitor_of
from trustwright.links import hash_token
from trustwright.sign_in import actions, tokens_store
from trustwright.sign_in.attempts import NOBODY
from trustwright.sign_in.entering import database_of, proceed, who_enters
from trustwright.sign_in.jobs import SEND_RESETS
from trustwright.sign_in.model import MAILED, Bearer, DeadLink
from trustwright.sign_in.passwords import hashed, require_good_password

# Links a minute that one network may ask for, or open.
asked_for = Limiter(10)
opened = Limiter(30)


@get("/sign-in/forgotten", include_in_schema=False)
async def forgotten_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for the address."""
    return rendering.page("sign_in_forgotten", {"email": request.query_params.get("email", ""), "fault": ""})


@post("/sign-in/forgotten", status_code=200, include_in_schema=False)
async def ask_for_link(request: Request[Any, Any, Any]) -> Response[str]:
    """The same answer, as fast, for every address: a job looks who it is."""
    require_own_form(request)
    email = parsed(await bodies.read(request, LARGEST_FORM)).text("email")
    asked_for.admit(visitor_of(request).ip, time.time())
    if not is_email(email):
        values = {"email": email, "fault": "This is not an e-mail address"}
        return rendering.page("sign_in_forgotten", values, status=400)
    async with database_of(request).begin(NOBODY) as tx:
        await tx.defer(SEND_RESETS, email=email)
    return rendering.page("sign_in_mailed", {"email": email})


@get("/sign-in/link/{token:str}", include_in_schema=False)
async def link_page(request: Request[Any, Any, Any]) -> Response[str]:
    """Asks for the new password. Nothing is changed by that: programs look at links of mails before people do."""
    return _form(await _bearer(request), request.path_params["token"], Form())


@post("/sign-in/link/{token:str}", status_code=200, include_in_schema=False)
async def choose_password(request: Request[Any, Any, Any]) -> Response[str]:
    """Sets the password and leads in."""
    require_own_form(request)
    bearer, token = await _bearer(request), request.path_params["token"]
    form = parsed(await bodies.read(request, LARGEST_FORM))
    form.problem = fault_of(form, bearer.email)
    if form.problem is not None:
        return _form(bearer, token, form)
    password_hash = await asyncio.to_thread(hashed, form.value("password"))
    who = who_enters(bearer.account_id, bearer.user_id, "POST /sign-in/link/{token}")
    async with database_of(request).begin(who) as tx:
        await actions.choose_password(tx, bearer, token, password_hash)
        return await proceed(request, tx, bearer, "mailed link", "/", "")


def fault_of(form: Form, email: str) -> Problem | None:
    """What is wrong with a new password that was typed twice."""
    try:
        require_good_password(form.value("password"), email)
    except Invalid as problem:
        return problem
    if form.value("password") != form.value("repeated"):
        return Invalid("repeated: the two are not the same")
    return None


async def _bearer(request: Request[Any, Any, Any]) -> Bearer:
    opened.admit(visitor_of(request).ip, time.time())
    token = request.path_params["token"]
    bearer = await tokens_store.bearer(database_of(request), hash_token(token), [kind.value for kind in MAILED])
    if bearer is None:
        raise DeadLink
    return bearer


def _form(bearer: Bearer, token: str, form: Form) -> Response[str]:
    values = {"bearer": bearer, "token": token, "form": form}
    return rendering.page("sign_in_password", values, status=form.problem.status if form.problem else 200)


HANDLERS: list[HTTPRouteHandler] = [forgotten_page, ask_for_link, link_page, choose_password]
