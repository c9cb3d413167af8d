"""The pages by which people come in and go out."""

import asyncio
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router

from trustwright.accounts.model import is_email
from trustwright.console import rendering
from trustwright.console.forms import LARGEST_FORM, Form, kept_pairs, parsed
from trustwright.console.visits import (
    SESSION,
    SIGN_IN,
    Answer,
    Button,
    Visit,
    local,
    refused,
    require_own_form,
    routes,
    signed_in_by,
)
from trustwright.errors import Problem
from trustwright.http import bodies
from trustwright.http.visitors import visitor_of
from trustwright.links import hash_token
from trustwright.sign_in import actions, attempts, factors, passwords, recovery, single_sign_on, store, tokens_store
from trustwright.sign_in.attempts import NOBODY
from trustwright.sign_in.entering import (
    HALF,
    code_form,
    database_of,
    entered,
    factor_sealer,
    keys_of,
    proceed,
    see_other,
    who_enters,
)
from trustwright.sign_in.jobs import NOTE_REFUSALS
from trustwright.sign_in.model import FIRST_FACTOR, Candidate, TokenKind, WrongPassword
from trustwright.sign_in.passwords import LONGEST_PASSWORD
from trustwright.sign_in.pauses import of_user

BY_PROVIDER = "Your account is entered by single sign-on only"
TOO_LATE = "That took longer than ten minutes. Begin once more"
WRONG_CODE = "The code is wrong, or was used already. Take the one that your app shows now"


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of signing in and out."""
    open_to_all: list[HTTPRouteHandler] = [
        sign_in_page,
        sign_in,
        code_page,
        give_code,
        resume,
        *recovery.HANDLERS,
        *single_sign_on.HANDLERS,
    ]
    return [
        Router("/", route_handlers=open_to_all, exception_handlers={Problem: _refused}),
        *routes(BUTTONS),
        rendering.static_files(),
    ]


def _refused(_: object, problem: Problem) -> Response[str]:
    return refused(None, problem)


@get(SIGN_IN, include_in_schema=False)
async def sign_in_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form, or where one who is signed in already wanted to go."""
    wanted = local(request.query_params.get("next", "/"))
    if await signed_in_by(request):
        return see_other(wanted)
    return _form(wanted, "", "", "")


def _form(wanted: str, kept: str, email: str, fault: str, status: int = 200) -> Response[str]:
    values = {"next": wanted, "kept": kept, "email": email, "fault": fault, "has_ended": False}
    return rendering.page("sign_in", values, status=status)


@post(SIGN_IN, status_code=200, include_in_schema=False, request_max_body_size=None)
async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
    """On with the right password."""
    require_own_form(request)
    form = parsed(await bodies.read(request, 2 * LARGEST_FORM))
    wanted, kept, email, password = (form.value(name) for name in ("next", "kept", "email", "password"))
    wanted, email = local(wanted), email.strip()
    keys, network = keys_of(request, email)
    async with database_of(request).begin(NOBODY) as tx:
        await attempts.admit(tx, [*keys, network] if network else keys)
    matching = await _matching(request, email, password[: LONGEST_PASSWORD + 1])
    account = form.text("account")
    chosen = [each for each in matching if account in ("", str(each.account_id))]
    if not chosen:
        await _note_refusals(request, email)
        return _form(wanted, kept, email, WrongPassword.sentence, status=WrongPassword.status)
    async with database_of(request).begin(NOBODY) as tx:
        await attempts.forgive(tx, keys, network)
    if len(chosen) > 1:
        values = {"next": wanted, "kept": kept, "email": email, "candidates": chosen}
        return rendering.page("sign_in_account", values)
    if chosen[0].must_use_provider:
        return _form(wanted, kept, email, BY_PROVIDER, status=403)
    return await _proceed(request, chosen[0], password, wanted, kept)


async def _matching(request: Request[Any, Any, Any], email: str, password: str) -> list[Candidate]:
    """Those whose password it is. At the same time for all: it shows in no clock how many there are."""
    candidates = await store.candidates(database_of(request), email)
    hashes = [each.password_hash for each in candidates] or [None]
    verdicts = await asyncio.gather(*(asyncio.to_thread(passwords.fits, each, password) for each in hashes))
    return [each for each, fits in zip(candidates, verdicts, strict=False) if fits]


async def _note_refusals(request: Request[Any, Any, Any], email: str) -> None:
    visitor = visitor_of(request)
    if is_email(email):
        async with database_of(request).begin(NOBODY) as tx:
            await tx.defer(NOTE_REFUSALS, email=email, ip=visitor.ip, user_agent=visitor.user_agent)


async def _proceed(
    request: Request[Any, Any, Any], candidate: Candidate, password: str, wanted: str, kept: str
) -> Response[str]:
    is_outdated = passwords.is_outdated(candidate.password_hash)
    stronger = await asyncio.to_thread(passwords.hashed, password) if is_outdated else None
    async with database_of(request).begin(who_enters(candidate.account_id, candidate.user_id, "POST /sign-in")) as tx:
        if stronger:
            await actions.strengthen(tx, candidate.user_id, stronger)
        return await proceed(request, tx, candidate, FIRST_FACTOR, wanted, kept)


@get("/sign-in/code", include_in_schema=False)
async def code_page(request: Request[Any, Any, Any]) -> Response[str]:
    """The form for the code, for a page that was loaded again."""
    return code_form("/", "") if request.cookies.get(HALF) else see_other(SIGN_IN)


@post("/sign-in/code", status_code=200, include_in_schema=False, request_max_body_size=None)
async def give_code(request: Request[Any, Any, Any]) -> Response[str]:
    """In with the right code, behind the right password."""
    require_own_form(request)
    form = parsed(await bodies.read(request, 2 * LARGEST_FORM))
    wanted, kept = local(form.value("next")), form.value("kept")
    token = request.cookies.get(HALF, "")
    bearer = await tokens_store.bearer(database_of(request), hash_token(token), [TokenKind.SECOND_FACTOR])
    if bearer is None:
        return _form(wanted, kept, "", TOO_LATE, status=401)
    key = of_user(bearer.account_id, bearer.user_id)
    async with database_of(request).begin(NOBODY) as tx:
        await attempts.admit(tx, [key])
    who = who_enters(bearer.account_id, bearer.user_id, "POST /sign-in/code")
    sealer = factor_sealer(request.app.state.settings)
    async with database_of(request).begin(who) as tx:
        used = await factors.use_code(tx, bearer.user_id, sealer, form.text("code"))
        if used is None:
            visitor = visitor_of(request)
            await actions.note_refusal(tx, bearer.user_id, "wrong code", visitor.ip, visitor.user_agent)
            return code_form(wanted, kept, WRONG_CODE, status=401)
        await actions.end_token(tx, token)
        method = f"{FIRST_FACTOR} and {used}"
        response = await entered(request, tx, bearer.user_id, bearer.email, method, wanted, kept)
    async with database_of(request).begin(NOBODY) as tx:
        await attempts.forgive(tx, [key], None)
    return response


@post("/sign-in/resume", status_code=200, include_in_schema=False, request_max_body_size=None)
async def resume(request: Request[Any, Any, Any]) -> Response[str]:
    """What was typed, once more, for somebody who has signed in again in another tab."""
    require_own_form(request)
    form = parsed(await bodies.read(request, 2 * LARGEST_FORM))
    wanted, kept = local(form.value("next")), form.value("kept")
    if await signed_in_by(request) is None:
        return _form(wanted, kept, "", "You are not signed in yet", status=401)
    return rendering.page("sign_in_resume", {"path": wanted, "pairs": kept_pairs(kept)})


async def sign_out(visit: Visit, _: Form) -> Answer:
    """Ends the session of this browser."""
    async with visit.begin() as tx:
        await actions.sign_out(tx, visit.signed_in.session_id)
    response = visit.see_other(SIGN_IN)
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
