"""Somebody at a published trust center: found by its slug, counted by address, noted in its log."""

import time
from typing import Any

from litestar import Request
from msgspec import Struct

from trustwright.access.actions import note
from trustwright.access.model import Action
from trustwright.db import Database, Tx, Who
from trustwright.errors import NotFound
from trustwright.events.model import Source
from trustwright.http.limiter import AddressLimiter
from trustwright.http.visitors import Visitor, visitor_of
from trustwright.trust.actions import published_place
from trustwright.trust.model import Document

requests_of_address = AddressLimiter(120)


class Visit(Struct, frozen=True):
    """Somebody at a published trust center."""

    visitor: Visitor
    who: Who
    workspace_id: int


async def visit_to(request: Request[Any, Any, Any], slug: str) -> Visit:
    """Raises NotFound, TooManyRequests."""
    visitor = visitor_of(request)
    requests_of_address.admit(visitor.ip, time.time())
    found = await published_place(database_of(request), slug)
    if found is None:
        raise nothing()
    route = f"{request.method} {request.scope.get('path_template', '')}"
    who = Who(account_id=found.account_id, source=Source.PUBLIC_API, request=route)
    return Visit(visitor, who, found.workspace_id)


async def noted(tx: Tx, visit: Visit, action: Action, document: Document | None = None) -> None:
    """Writes down what somebody looked at."""
    await note(
        tx,
        visit.workspace_id,
        action,
        ip=visit.visitor.ip,
        user_agent=visit.visitor.user_agent,
        document_id=document.id if document else None,
        version=document.version if document else None,
    )


def nothing() -> NotFound:
    return NotFound("There is no such page")


def database_of(request: Request[Any, Any, Any]) -> Database:
    database: Database = request.app.state.database
    return database
