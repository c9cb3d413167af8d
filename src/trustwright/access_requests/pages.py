"""The public form: GET and POST /trust/{slug}/requests, as a page, as JSON or as browsers send forms, without a key.

Whatever is known of an address, the answer is the same; what there is to tell goes to its mailbox."""

from typing import Any

import msgspec
from litestar import Request, Response, get, post
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath
from litestar.router import Router

from trustwright.access_requests import actions, asking
from trustwright.access_requests.throttle import admit_address, admit_email, nothing, place_of, who_asks
from trustwright.access_requests.wire import FormFields, Received, VisitorBody
from trustwright.accounts.actions import get_account
from trustwright.accounts.model import Entitlement
from trustwright.db import Database
from trustwright.errors import Problem
from trustwright.http import bodies, query
from trustwright.http.answers import JSON
from trustwright.http.docs import SAFE
from trustwright.http.visitor_pages import refused_as_asked, wants_page
from trustwright.http.visitors import visitor_of
from trustwright.trust.actions import get_trust_center
from trustwright.trust.addresses import normalized

LARGEST = 64 * 1024
FORM = "application/x-www-form-urlencoded"

RECEIVED = Received(
    received=True,
    message="Your request was received. What comes of it is mailed to the address that you gave.",
)


def handlers() -> list[Router]:
    """The routes of /trust by which visitors ask for documents."""
    shown: list[HTTPRouteHandler] = [request_page, ask_for_documents]
    return [Router("/", route_handlers=shown, exception_handlers={Problem: refused_as_asked})]


@get("/trust/{slug:str}/requests", include_in_schema=False)
async def request_page(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[str]:
    """The form, with the documents ticked that the address names."""
    return await asking.show(request, slug, asking.Typed(documents=request.query_params.getall("documents", [])))


@post("/trust/{slug:str}/requests", include_in_schema=False, request_max_body_size=None)
async def ask_for_documents(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[Any]:
    """Takes a visitor's request in."""
    if wants_page(request):
        return await asking.submit(request, slug, await bodies.read(request, LARGEST))
    database: Database = request.app.state.database
    settings = request.app.state.settings
    visitor = visitor_of(request)
    await admit_address(database, slug, visitor.ip)
    place = await place_of(database, slug)
    body = await _body(request)
    await admit_email(database, place, visitor.ip, normalized(body.email))
    async with database.begin(who_asks(place)) as tx:
        if Entitlement.TRUST_CENTER not in (await get_account(tx)).entitled_to:
            raise nothing()
        flow = (await get_trust_center(tx, place.workspace_id)).flow_type
        await actions.submit(
            tx,
            place.workspace_id,
            body.request(flow),
            settings,
            is_public=True,
            ip=visitor.ip,
            user_agent=visitor.user_agent,
        )
    headers = {"Cache-Control": "no-store", **SAFE}
    return Response(msgspec.json.encode(RECEIVED), status_code=201, media_type=JSON, headers=headers)


async def _body(request: Request[Any, Any, Any]) -> VisitorBody:
    raw = await bodies.read(request, LARGEST)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != FORM:
        return bodies.decode(raw, VisitorBody)
    fields: FormFields = query.parse(raw, FormFields)
    return fields.body()
