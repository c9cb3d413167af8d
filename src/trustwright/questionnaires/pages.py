"""The vendor's page: HTML at /q, and below /q/api what its script asks for with the token of the link.

The token stands in the fragment of the address, which browsers send to nobody; the script sends it in a header. There
are no cookies, so no other site can act in the vendor's name. Everything the page needs stands below /q, so that a
proxy may show that and nothing else."""

import time
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get, post, put
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router

from trustwright.db import Database, Tx, Who
from trustwright.errors import Conflict, Invalid, Problem
from trustwright.events.model import Source
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.http import bodies
from trustwright.http.answers import JSON, problem_answer
from trustwright.http.docs import SAFE, STATIC
from trustwright.http.keeping import keeping
from trustwright.http.limiter import AddressLimiter, Limiter
from trustwright.http.uploads import receiving
from trustwright.http.visitor_pages import SHARED
from trustwright.http.wire import Wire
from trustwright.links import hash_token
from trustwright.questionnaires import answering, store
from trustwright.questionnaires.answering import Outcome
from trustwright.questionnaires.model import Linked, LinkUnknown
from trustwright.questionnaires.wire import PageAnswer, Refusal, SaveBody, SavedAnswer, SubmitBody

HEADER = "X-Questionnaire-Token"
PORTAL = STATIC / "portal"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", **SAFE}

# Known links are counted by themselves, so that nobody who tries out tokens from the same network, or through the same
# proxy, can lock out those who have one.
requests_of_link = Limiter(60)
unknown_of_address = AddressLimiter(20)


class AttachForm(Wire, frozen=True):
    revision: int
    question_id: str
    file: Upload


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /q."""
    api: list[HTTPRouteHandler] = [page, get_questionnaire, save_answers, attach_file, submit]
    # The scripts import each other by their plain names, so browsers must ask whether they have changed.
    assets = create_static_files_router(
        "/q/static", [PORTAL, SHARED], html_mode=False, cache_control=CacheControlHeader(no_cache=True)
    )
    return [Router("/q", route_handlers=api, exception_handlers={Problem: refused}), assets]


@get("/", include_in_schema=False)
async def page() -> Response[str]:
    """The frame of the page, the same for everybody: the script fills it."""
    return Response(frame(), media_type=MediaType.HTML, headers={"Content-Security-Policy": POLICY, **PRIVATE})


@cache
def frame() -> str:
    return files("trustwright.questionnaires").joinpath("templates", "portal.html").read_text()


@get("/api/questionnaire", include_in_schema=False)
async def get_questionnaire(request: Request[Any, Any, Any]) -> Response[bytes]:
    """What is asked, and what was answered so far."""
    linked = await _linked(request)
    async with _database(request).read(_who(request, linked)) as tx:
        return _json(200, PageAnswer.of(await answering.open_page(tx, linked.questionnaire_id)))


@put("/api/answers", include_in_schema=False, request_max_body_size=None)
async def save_answers(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Saves some answers; 409 with the present state when somebody saved since the page's revision."""
    linked = await _linked(request)
    body = await _body(request, SaveBody)
    async with _begin(request, linked) as tx:
        return _saved(await answering.save_answers(tx, linked.questionnaire_id, body.revision, body.answers))


@post("/api/files", include_in_schema=False, request_max_body_size=None)
async def attach_file(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Adds a file to an answer, and answers with the present state."""
    linked = await _linked(request)
    state = request.app.state
    async with (
        receiving(request, AttachForm, state.settings) as form,
        keeping(
            state.database, state.storage, state.settings, _who(request, linked), [form.file], DOCUMENT_EXTENSIONS
        ) as (kept,),
        _begin(request, linked) as tx,
    ):
        outcome = await answering.attach(tx, linked.questionnaire_id, form.revision, form.question_id, kept)
        return _stale(outcome) if outcome.stale else _json(201, PageAnswer.of(outcome.page))


@post("/api/submit", include_in_schema=False, request_max_body_size=None)
async def submit(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Submits the answers; 400 with what is lacking."""
    linked = await _linked(request)
    body = await _body(request, SubmitBody)
    async with _begin(request, linked) as tx:
        outcome = await answering.submit(tx, linked.questionnaire_id, body.revision, body.completed_by.strip())
        if outcome.stale or outcome.faults:
            return _saved(outcome)
        return _json(200, PageAnswer.of(outcome.page))


async def _linked(request: Request[Any, Any, Any]) -> Linked:
    """What the request's token opens. Raises LinkUnknown, TooManyRequests."""
    token_sha256 = hash_token(request.headers.get(HEADER, ""))
    linked = await store.questionnaire_of_token(_database(request), token_sha256)
    if linked is None:
        unknown_of_address.admit(request.client.host if request.client else "", time.time())
        raise LinkUnknown
    requests_of_link.admit(token_sha256, time.time())
    return linked


async def _body(request: Request[Any, Any, Any], kind: type[Any]) -> Any:
    return bodies.decode(await bodies.read(request, request.app.state.settings.max_body), kind)


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database


def _who(request: Request[Any, Any, Any], linked: Linked) -> Who:
    return Who(
        account_id=linked.account_id,
        source=Source.VENDOR_QUESTIONNAIRE,
        request=f"{request.method} {request.scope['path']}",
    )


def _begin(request: Request[Any, Any, Any], linked: Linked) -> AbstractAsyncContextManager[Tx]:
    return _database(request).begin(_who(request, linked))


def _saved(outcome: Outcome) -> Response[bytes]:
    if outcome.stale:
        return _stale(outcome)
    if outcome.faults:
        message = f"{len(outcome.faults)} questions need another look"
        return _json(400, Refusal(status_code=400, message=message, code=Invalid.code, faults=outcome.faults))
    return _json(200, SavedAnswer.at(outcome.page, datetime.now(UTC)))


def _stale(outcome: Outcome) -> Response[bytes]:
    message = "Somebody saved other answers meanwhile; here they are"
    state = PageAnswer.of(outcome.page)
    return _json(409, Refusal(status_code=409, message=message, code=Conflict.code, state=state))


def _json(status: int, body: Wire) -> Response[bytes]:
    return Response(msgspec.json.encode(body), status_code=status, media_type=JSON, headers=PRIVATE)


def refused(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """A problem as everywhere, which no cache may keep."""
    response = problem_answer(request, problem)
    response.headers.update(PRIVATE)
    return response
