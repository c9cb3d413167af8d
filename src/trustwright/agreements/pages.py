"""The signing page, below /sign. The token in its address is all that a signer has to show; there is no cookie, so no
other site can act in the signer's name. What is opened changes nothing: scanners of mails open whatever they find."""

import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

from litestar import Request, Response, post, route
from litestar.datastructures import CacheControlHeader
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.router import Router
from litestar.static_files import create_static_files_router

from trustwright.access_requests import actions as access_requests
from trustwright.agreements import signing, store
from trustwright.agreements.certificate import HEIGHT, WIDTH, Certificate
from trustwright.agreements.model import Linked, LinkEnded, LinkUnknown, Settled, day, minute
from trustwright.agreements.papers import sealed_copy
from trustwright.agreements.signing import Opened
from trustwright.agreements.signing_form import CONSENT, LONGEST_NAME, LONGEST_REASON, SigningForm, faults, reason_of
from trustwright.db import Database, Tx, Who
from trustwright.errors import Problem, TooManyRequests
from trustwright.events.model import Source
from trustwright.files.outgoing import headers_of
from trustwright.files.storage import Storage
from trustwright.http import visitor_pages
from trustwright.http.docs import STATIC
from trustwright.http.incoming import folder_of_request
from trustwright.http.keeping import keeping
from trustwright.http.limiter import AddressLimiter, Limiter
from trustwright.http.visitor_pages import SHOWN, form_of, message
from trustwright.http.visitors import visitor_of
from trustwright.links import hash_token
from trustwright.settings import Settings

READS = [HttpMethod.GET, HttpMethod.HEAD]

# Known links are counted by themselves, so that nobody who tries out tokens from the same network can lock out those
# who have one.
requests_of_link = Limiter(60)
unknown_of_address = AddressLimiter(20)

EMPTY = SigningForm(name="", drawing="", code="", consents=False)

TITLES: dict[type[Problem], str] = {
    LinkUnknown: "This link opens nothing",
    LinkEnded: "This link has ended",
    TooManyRequests: "Please wait a while",
}


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /sign."""
    assets = create_static_files_router(
        "/sign/static", [STATIC / "signing"], html_mode=False, cache_control=CacheControlHeader(no_cache=True)
    )
    pages: list[HTTPRouteHandler] = [show, agreement, send_code, sign, decline]
    return [Router("/sign", route_handlers=pages, exception_handlers={Settled: done, Problem: refused}), assets]


@route("/{token:str}", http_method=READS, status_code=200, include_in_schema=False)
async def show(request: Request[Any, Any, Any]) -> Response[str]:
    """Who asks for which signature, and the form for it; later, that it was given or declined."""
    linked = await _linked(request)
    return _page(request, await _opened(request, linked))


@route("/{token:str}/agreement.pdf", http_method=READS, status_code=200, include_in_schema=False)
async def agreement(request: Request[Any, Any, Any]) -> ASGIResponse:
    """The agreement, as long as it waits to be signed."""
    linked = await _linked(request)
    opened = await _opened(request, linked)
    if opened.is_done:
        raise LinkEnded
    headers = {**SHOWN, **headers_of(opened.file, attached=False)}
    if request.method == HttpMethod.HEAD:
        return ASGIResponse(headers=headers, is_head_response=True)
    content = await _storage(request).get(linked.account_id, opened.file.sha256)
    return ASGIStreamingResponse(iterator=content, headers=headers)


@post("/{token:str}/code", include_in_schema=False, request_max_body_size=None)
async def send_code(request: Request[Any, Any, Any]) -> Redirect:
    """Mails a code, and shows the page again."""
    linked = await _linked(request)
    await form_of(request)
    async with _begin(request, linked) as tx:
        await signing.send_code(tx, linked.envelope_id, _settings(request))
    return _back(request, "#mailbox")


@post("/{token:str}", include_in_schema=False, request_max_body_size=None)
async def sign(request: Request[Any, Any, Any]) -> Response[str] | Redirect:
    """Signs; 400 and the form again with what is wrong with it."""
    linked = await _linked(request)
    form = SigningForm.of(await form_of(request))
    found, settings, visitor = faults(form), _settings(request), visitor_of(request)
    if not found:
        async with _begin(request, linked) as tx:
            if fault := await signing.try_code(tx, linked.envelope_id, form.code, settings):
                found = {"code": fault}
            else:
                opened, certified = await signing.certificate(
                    tx, linked.envelope_id, form, visitor.ip, visitor.user_agent, settings
                )
    if found:
        opened = await _opened(request, linked)
        return _back(request) if opened.is_done else _page(request, opened, form, found)
    await _seal(request, linked, opened, certified, form.code)
    return _back(request)


async def _seal(
    request: Request[Any, Any, Any], linked: Linked, opened: Opened, certified: Certificate, code: str
) -> None:
    """Makes the sealed copy and keeps it, with all that follows from it, or nothing."""
    state = request.app.state
    async with folder_of_request(state.settings.data_dir) as folder:
        upload = await sealed_copy(state.storage, linked.account_id, opened.nda, certified, folder)
        async with (
            keeping(state.database, state.storage, state.settings, _who(request, linked), [upload], ["pdf"]) as (kept,),
            _begin(request, linked) as tx,
        ):
            await access_requests.hold(tx, certified.request_id)
            await signing.sign(tx, linked.envelope_id, code, certified, kept, state.settings)
            await access_requests.signature_completed(tx, linked.envelope_id, state.settings)


@post("/{token:str}/decline", include_in_schema=False, request_max_body_size=None)
async def decline(request: Request[Any, Any, Any]) -> Redirect:
    """Takes a no."""
    linked = await _linked(request)
    reason, settings = reason_of(await form_of(request)), _settings(request)
    opened = await _opened(request, linked)
    async with _begin(request, linked) as tx:
        await access_requests.hold(tx, opened.envelope.request_id)
        await signing.decline(tx, linked.envelope_id, reason, settings)
        await access_requests.signature_declined(tx, linked.envelope_id, reason, settings)
    return _back(request)


async def _linked(request: Request[Any, Any, Any]) -> Linked:
    """What the token of the address opens. Raises LinkUnknown, TooManyRequests."""
    token_sha256 = hash_token(request.path_params["token"])
    linked = await store.envelope_of_token(_database(request), token_sha256)
    if linked is None:
        unknown_of_address.admit(visitor_of(request).ip, time.time())
        raise LinkUnknown
    requests_of_link.admit(token_sha256, time.time())
    return linked


async def _opened(request: Request[Any, Any, Any], linked: Linked) -> Opened:
    async with _database(request).read(_who(request, linked)) as tx:
        return await signing.open_page(tx, linked.envelope_id, _settings(request))


def _page(
    request: Request[Any, Any, Any], opened: Opened, form: SigningForm = EMPTY, found: dict[str, str] | None = None
) -> Response[str]:
    values = {
        "base": f"/sign/{request.path_params['token']}",
        "envelope": opened.envelope,
        "agreement": opened.nda.name,
        "asker": opened.asker,
        "expires_on": day(opened.envelope.expires_at),
        "settled_at": minute(opened.envelope.settled_at) if opened.envelope.settled_at else "",
    }
    if opened.is_done:
        return visitor_pages.page("signing_done.html.jinja", values)
    more = {
        "sha256": opened.nda.sha256.hex(),
        "code_until": f"{opened.code_until:%H:%M} UTC" if opened.code_until else None,
        "form": form,
        "faults": found or {},
        "consent": CONSENT,
        "width": WIDTH,
        "height": HEIGHT,
        "longest_name": LONGEST_NAME,
        "longest_reason": LONGEST_REASON,
    }
    return visitor_pages.page("signing_page.html.jinja", {**values, **more}, status=400 if found else 200)


def _back(request: Request[Any, Any, Any], place: str = "") -> Redirect:
    return Redirect(f"/sign/{request.path_params['token']}{place}", status_code=303, headers=visitor_pages.PRIVATE)


def done(request: Request[Any, Any, Any], _: Settled) -> Redirect:
    """Whoever comes second is shown what the first did."""
    return _back(request)


def refused(_: Request[Any, Any, Any], problem: Problem) -> Response[str]:
    """A problem as a page that says no more than it must."""
    title = TITLES.get(type(problem), "That did not work")
    if not isinstance(problem, TooManyRequests):
        return message(title, problem.message, status=problem.status)
    minutes = -(-problem.retry_after // 60)
    sentence = f"Too much was asked of this page. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."
    response = message(title, sentence, status=problem.status)
    response.headers["retry-after"] = str(problem.retry_after)
    return response


def _who(request: Request[Any, Any, Any], linked: Linked) -> Who:
    """Events are shown to whoever may read them, so they name the route and not the token."""
    path = str(request.scope.get("path_template", "/sign")).replace(":str", "")
    return Who(account_id=linked.account_id, source=Source.PUBLIC_API, request=f"{request.method} {path}")


def _begin(request: Request[Any, Any, Any], linked: Linked) -> AbstractAsyncContextManager[Tx]:
    return _database(request).begin(_who(request, linked))


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


def _storage(request: Request[Any, Any, Any]) -> Storage:
    storage: Storage = request.app.state.storage
    return storage


def _settings(request: Request[Any, Any, Any]) -> Settings:
    settings: Settings = request.app.state.settings
    return settings
