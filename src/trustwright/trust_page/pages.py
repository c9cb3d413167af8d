"""What anybody may ask of a published trust center: its content in several forms, its public files, its pictures.

Whether a name was never given, or belongs to a trust center that is not published, nobody learns here."""

import re
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import MediaType, Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from litestar.router import Router

from trustwright.access.model import Action
from trustwright.agreements.actions import current_nda
from trustwright.db import Tx
from trustwright.errors import Conflict, Problem
from trustwright.files.actions import get_file
from trustwright.files.model import StoredFile
from trustwright.files.outgoing import headers_of, held_back
from trustwright.http.answers import JSON
from trustwright.http.visitor_pages import SHOWN, refused_as_asked
from trustwright.trust.actions import documents_by_id, get_trust_center, indexed
from trustwright.trust.model import Document, Emblem, Visibility
from trustwright.trust_page import actions, colors, feed, security_txt, showing, subscribing
from trustwright.trust_page.page import needs_nda, picture_file
from trustwright.trust_page.showing import CACHED, HARMLESS
from trustwright.trust_page.twin import as_markdown
from trustwright.trust_page.visiting_page import Visit, database_of, noted, nothing, visit_to

MARKDOWN = "text/markdown"
ATOM = "application/atom+xml; charset=utf-8"
XML = "application/xml; charset=utf-8"

UNCACHED = {"Cache-Control": "private, no-store"}
FOR_A_DAY = {"Cache-Control": "public, max-age=86400"}
COLOR_FILE = re.compile(r"([0-9a-f]{6})\.css")


def handlers() -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /trust that show the public part of it."""
    shown: list[HTTPRouteHandler] = [content, updates_feed, public_document, agreement, picture, robots, sitemap]
    return [
        Router("/", route_handlers=[*shown, *subscribing.handlers()], exception_handlers={Problem: refused_as_asked}),
        *security_txt.handlers(),
        all_robots,
        all_pages,
        color_sheet,
    ]


@get("/trust/{file:str}", include_in_schema=False)
async def content(request: Request[Any, Any, Any], file: FromPath[str]) -> Response[bytes]:
    """The published page: under its slug for people, under the slug with .json or .md for programs."""
    slug, _, form = file.partition(".")
    if form not in ("", "json", "md"):
        raise nothing()
    visit = await visit_to(request, slug)
    async with database_of(request).begin(visit.who) as tx:
        page = await actions.page(tx, visit.workspace_id)
        center = await get_trust_center(tx, visit.workspace_id)
        await noted(tx, visit, Action.PAGE_VIEW)
    if form == "json":
        return showing.answer(request, msgspec.json.encode(page), JSON)
    if form == "md":
        return showing.answer(request, as_markdown(page, showing.origin(request)).encode(), MARKDOWN)
    return showing.html(request, page, center)


@get("/trust/{slug:str}/updates.atom", include_in_schema=False)
async def updates_feed(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
    """The public updates."""
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
        updates = feed.public_updates(await actions.updates_of(tx, visit.workspace_id), tx.now)
    text = feed.atom(center.name, slug, showing.address(request, center), updates, center.updated_at)
    return showing.answer(request, text.encode(), ATOM)


@get("/trust/{slug:str}/robots.txt", include_in_schema=False, media_type=MediaType.TEXT)
async def robots(request: Request[Any, Any, Any], slug: FromPath[str]) -> str:
    """What search engines may do at a host of the company's own."""
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
    if not center.is_indexed:
        return "User-agent: *\nDisallow: /\n"
    return f"User-agent: *\nDisallow: /access\nSitemap: {showing.address(request, center)}/sitemap.xml\n"


@get("/trust/{slug:str}/sitemap.xml", include_in_schema=False)
async def sitemap(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
    """The one page, where search engines may list it."""
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
    if not center.is_indexed:
        raise nothing()
    page = feed.sitemap([(showing.address(request, center), center.updated_at)])
    return showing.answer(request, page.encode(), XML)


@get("/robots.txt", include_in_schema=False, media_type=MediaType.TEXT)
async def all_robots(request: Request[Any, Any, Any]) -> str:
    """Of our own host the trust pages may be listed, and nothing else."""
    sitemap_at = f"{showing.origin(request)}/sitemap.xml"
    return f"User-agent: *\nAllow: /trust/\nAllow: /visitor/\nDisallow: /\nSitemap: {sitemap_at}\n"


@get("/sitemap.xml", include_in_schema=False)
async def all_pages(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The pages that search engines may list."""
    base = showing.origin(request)
    listed = [(f"{base}/trust/{each.slug}", each.updated_at) for each in await indexed(database_of(request))]
    return showing.answer(request, feed.sitemap(listed).encode(), XML)


@get("/visitor/colors/{file:str}", include_in_schema=False)
async def color_sheet(file: FromPath[str]) -> Response[str]:
    """A company's colour, as the page can use it."""
    found = COLOR_FILE.fullmatch(file)
    if found is None:
        raise nothing()
    return Response(colors.stylesheet(found[1]), media_type="text/css", headers={**HARMLESS, **FOR_A_DAY})


@get("/trust/{slug:str}/documents/{kind:str}/{number:str}", include_in_schema=False)
async def public_document(
    request: Request[Any, Any, Any], slug: FromPath[str], kind: FromPath[str], number: FromPath[str]
) -> ASGIResponse:
    """A public document at its current version; 404 for any other, whether there is one or not."""
    visit = await visit_to(request, slug)
    async with database_of(request).begin(visit.who) as tx:
        document = await _public(tx, visit, kind, number)
        file = _released(request, await get_file(tx, document.file_id))
        await noted(tx, visit, Action.DOWNLOAD, document)
    return await _sent(request, visit, file, {})


@get("/trust/{slug:str}/nda", include_in_schema=False)
async def agreement(request: Request[Any, Any, Any], slug: FromPath[str]) -> ASGIResponse:
    """The agreement that a visitor is to accept, as long as one is asked for: as a file, or with `?view` inside of the
    form that asks for it."""
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
        nda = await current_nda(tx, visit.workspace_id)
        if nda is None or not needs_nda(center.flow_type, has_nda=True):
            raise nothing()
        file = _released(request, await get_file(tx, nda.file_id))
    shown = {**SHOWN, **headers_of(file, attached=False)} if "view" in request.query_params else {}
    return await _sent(request, visit, file, shown)


@get("/trust/{slug:str}/branding/{kind:str}", include_in_schema=False)
async def picture(request: Request[Any, Any, Any], slug: FromPath[str], kind: FromPath[str]) -> ASGIResponse:
    """The logo, the darkLogo or the favicon."""
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
        file_id = picture_file(center, Emblem(kind)) if kind in list(Emblem) else None
        if file_id is None:
            raise nothing()
        file = _released(request, await get_file(tx, file_id))
    return await _sent(request, visit, file, CACHED)


async def _public(tx: Tx, visit: Visit, kind: str, number: str) -> Document:
    id_ = int(number) if number.isascii() and number.isdecimal() and len(number) <= 9 else 0
    document = (await documents_by_id(tx, {id_})).get(id_)
    if (
        document is None
        or (document.workspace_id, document.type) != (visit.workspace_id, kind)
        or document.visibility is not Visibility.PUBLIC
        or not document.is_offered(tx.now)
    ):
        raise nothing()
    return document


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
