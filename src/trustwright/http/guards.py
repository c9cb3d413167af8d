"""Who may call: the key, then the terms, then the plan, then the permission (decisions 2, Q2 to Q5, Q21)."""

from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from trustwright.accounts import store
from trustwright.accounts.model import ENTITLEMENT_LABELS, Caller, hash_key
from trustwright.db import Who
from trustwright.errors import InvalidKey, NotEntitled, NotPermitted, TermsNotAccepted
from trustwright.events.model import Source
from trustwright.http.limits import Limits
from trustwright.http.operations import Operation

USE_IS_NOTED_EVERY = timedelta(minutes=1)


async def admit(connection: ASGIConnection[Any, Any, Any, Any], handler: BaseRouteHandler) -> None:
    """Lets a request through to its operation, or raises the reason why not."""
    operation: Operation = handler.opt["operation"]
    caller = await _authenticate(connection)
    connection.scope["state"]["caller"] = caller
    structlog.contextvars.bind_contextvars(account=caller.account_id, key=caller.key_id)
    limits: Limits = connection.app.state.limits
    await limits.admit_key(caller.key_id)
    if not caller.terms_accepted:
        raise TermsNotAccepted
    if operation.entitlement and not caller.entitled(operation.entitlement):
        raise NotEntitled(f"{NotEntitled.sentence}: {ENTITLEMENT_LABELS[operation.entitlement]}")
    if not caller.may(operation.permissions):
        raise NotPermitted(f"{NotPermitted.sentence}: it requires {operation.permissions[0].label}")


async def _authenticate(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    scheme, _, key = connection.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        raise InvalidKey
    database = connection.app.state.database
    caller = await store.authenticate(database, hash_key(key.strip()))
    if caller is None:
        raise InvalidKey
    now = datetime.now(UTC)
    if caller.last_used_at is None or now - caller.last_used_at > USE_IS_NOTED_EVERY:
        async with database.begin(Who(account_id=caller.account_id, source=Source.PUBLIC_API)) as tx:
            await store.touch_key(tx, caller.key_id)
    return caller
