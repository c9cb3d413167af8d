"""What anybody may ask of a published trust center: its content as JSON, its public files, its pictures.

Whether a name was never given, or belongs to a trust center that is not published, nobody learns here."""

import time
from typing import Any

import msgspec
from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from trustwright.access.actions import note
from trustwright.access.model import Action
from trustwright.agreements.actions import current_nda
from trustwright.db import Database, Tx, Who
from trustwright.errors import Conflict, NotFound
from trustwright.events.model import Source
from trustwright.files.actions import get_file
from trustwright.files.model import StoredFile
from trustwright.files.outgoing import headers_of, held_back
from trustwright.http.answers import JSON
from trustwright.http.docs import SAFE
from trustwright.http.limiter import Limiter
from trustwright.http.visitors import Visitor, visitor_of
from trustwright.trust.actions import documents_by_id, get_trust_center, published_place
from trustwright.trust.model import Document, Emblem, Visibility
from trustwright.trust_page import actions
from trustwright.trust_page.etags import A_MINUTE, tagged
from trustwright.trust_page.page import needs_nda, picture_file

SUFFIX = ".json"
CACHED = {"Cache-Control": f"public, max-age={A_MINUTE}"}

# Whatever a file holds, a browser that shows it instead of saving it lets it do nothing.
UNCACHED = {"Cache-Control": "private, no-store"}
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox", **SAFE}

requests_of_address = Limiter(120)


class Visit(Struct, frozen=True):
    """Somebody at a published trust center."""

    visitor: Visitor
    who: Who
    workspace_id: int


def handlers() -> list[HTTPRouteHandler]:
    """The routes of /trust that show the public part of it."""
    return [content, public_document, agreement, picture]


@get("/trust/{file:str}", include_in_schema=False)
async def content(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
    """The published content as JSON, under the slug followed by .json."""
    visit = await _visit(request, file.removesuffix(SUFFIX) if file.endswith(SUFFIX) else "")
    async with _database(request).begin(visit.who) as tx:
        page = await actions.page(tx, visit.workspace_id)
        await _note(tx, visit, Action.PAGE_VIEW)
    found = tagged(msgspec.json.encode(page), request.headers.get("if-none-match", ""))
    return Response(
        b"" if found.is_known else found.body,
        status_code=304 if found.is_known else 200,
        media_type=JSON,
        headers={**HARMLESS, **CACHED, "ETag": found.etag},
    )


@get("/trust/{slug:str}/documents/{kind:str}/{number:str}", include_in_schema=False)
async def public_document(
    request: Request[Any, Any, Any], slug: FromPath[str], kind: FromPath[str], number: FromPath[str]
) -> ASGIResponse:
    """A public document at its current version; 404 for any other, whether there is one or not."""
    visit = await _visit(request, slug)
    async with _database(request).begin(visit.who) as tx:
        document = await _public(tx, visit, kind, number)
        file = _released(request, await get_file(tx, document.file_id))
        await _note(tx, visit, Action.DOWNLOAD, document)
    return await _sent(request, visit, file, {})


@get("/trust/{slug:str}/nda", include_in_schema=False)
async def agreement(request: Request[Any, Any, Any], slug: FromPath[str]) -> ASGIResponse:
    """The agreement that a visitor is to accept, as long as one is asked for."""
    visit = await _visit(request, slug)
    async with _database(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
        nda = await current_nda(tx, visit.workspace_id)
        if nda is None or not needs_nda(center.flow_type, has_nda=True):
            raise _nothing()
        file = _released(request, await get_file(tx, nda.file_id))
    return await _sent(request, visit, file, {})


@get("/trust/{slug:str}/branding/{kind:str}", include_in_schema=False)
async def picture(request: Request[Any, Any, Any], slug: FromPath[str], kind: FromPath[str]) -> ASGIResponse:
    """The logo, the darkLogo or the favicon."""
    visit = await _visit(request, slug)
    async with _database(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
        file_id = picture_file(center, Emblem(kind)) if kind in list(Emblem) else None
        if file_id is None:
            raise _nothing()
        file = _released(request, await get_file(tx, file_id))
    return await _sent(request, visit, file, CACHED)


async def _visit(request: Request[Any, Any, Any], slug: str) -> Visit:
    """Raises NotFound, TooManyRequests."""
    visitor = visitor_of(request)
    requests_of_address.admit(visitor.ip, time.time())
    found = await published_place(_database(request), slug)
    if found is None:
        raise _nothing()
    route = f"{request.method} {request.scope.get('path_template', '')}"
    who = Who(account_id=found.account_id, source=Source.PUBLIC_API, request=route)
    return Visit(visitor, who, found.workspace_id)


async def _public(tx: Tx, visit: Visit, kind: str, number: str) -> Document:
    id_ = int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else 0
    document = (await documents_by_id(tx, {id_})).get(id_)
    if (
        document is None
        or (document.workspace_id, document.type) != (visit.workspace_id, kind)
        or document.visibility is not Visibility.PUBLIC
        or not document.is_offered(tx.now)
    ):
        raise _nothing()
    return document


async def _note(tx: Tx, visit: Visit, action: Action, document: Document | None = None) -> None:
    await note(
        tx,
        visit.workspace_id,
        action,
        ip=visit.visitor.ip,
        user_agent=visit.visitor.user_agent,
        document_id=document.id if document else None,
        version=document.version if document else None,
    )


def _released(request: Request[Any, Any, Any], file: StoredFile) -> StoredFile:
    """Raises Conflict for a file that the virus scanner holds back."""
    if reason := held_back(file, require_scan=request.app.state.settings.require_scan):
        raise Conflict(reason)
    return file


async def _sent(
    request: Request[Any, Any, Any], visit: Visit, file: StoredFile, headers: dict[str, str]
) -> ASGIResponse:
    stored = await request.app.state.storage.get(visit.who.account_id, file.sha256)
    return ASGIStreamingResponse(iterator=stored, headers={**HARMLESS, **UNCACHED, **headers_of(file), **headers})


def _nothing() -> NotFound:
    return NotFound("There is no such page")


def _database(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database
