"""What surrounds every request: its id, its log line, its metrics, and its path as the client spelled it."""

import re
import time
from uuid import uuid4

import structlog
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Message, Receive, Scope, Send
from prometheus_client import Counter, Histogram

from trustwright import tracing
from trustwright.db import Statements, statements

log = structlog.get_logger()

REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")

# What is meant for a cache, or to be guessed at, says so itself.
UNLESS_SAID = ((b"cache-control", b"no-store"), (b"x-content-type-options", b"nosniff"))

DURATION = Histogram("trustwright_request_seconds", "Time to answer", ["method", "route", "status"])
STATEMENTS = Counter("trustwright_request_statements", "Statements sent to answer", ["method", "route"])


def observed(app: ASGIApp) -> ASGIApp:
    """Wraps the application: X-Request-Id in and out, one log line a request with account and key id."""

    async def wrapper(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return
        # Routed by the raw path: a record id may hold an encoded slash.
        scope["path"] = scope["raw_path"].decode("latin-1")
        request_id = _given_id(scope) or uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        started = time.perf_counter()
        status = 500
        sent = Statements()
        statements.set(sent)

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                said = list(message["headers"])
                message["headers"] = [*said, *_unsaid(said), (b"x-request-id", request_id.encode())]
            await send(message)

        with tracing.request(scope["method"], scope["headers"]) as tell:
            try:
                await app(scope, receive, send_with_id)
            finally:
                route: str | None = scope.get("path_template")
                tell(route, status, request_id)
                _note(route, scope["method"], status, time.perf_counter() - started, sent.count)

    return wrapper


def _unsaid(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    names = {name.lower() for name, _ in headers}
    return [default for default in UNLESS_SAID if default[0] not in names]


def _given_id(scope: Scope) -> str | None:
    for name, value in scope["headers"]:
        if name == b"x-request-id":
            text: str = value.decode("latin-1")
            return text if REQUEST_ID.fullmatch(text) else None
    return None


def _note(route: str | None, method: str, status: int, seconds: float, sent: int) -> None:
    # What nobody offers is counted under one name: paths and methods that callers invent must not become labels.
    labels = (method, route) if route else ("any", "unknown")
    DURATION.labels(*labels, status).observe(seconds)
    STATEMENTS.labels(*labels).inc(sent)
    log.info("request", method=method, route=route or "unknown", status=status, ms=round(seconds * 1000, 1), sql=sent)
