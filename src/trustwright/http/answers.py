"""Answers: JSON of the wire types, and problems in the envelope of their version (Q6, Q7)."""

from collections.abc import AsyncGenerator, Awaitable
from contextlib import AsyncExitStack
from typing import Any, TypeVar

import msgspec
import structlog
from anyio import CancelScope
from anyio.lowlevel import checkpoint_if_cancelled
from litestar import Request, Response
from litestar.enums import ScopeType
from litestar.exceptions import ClientException, HTTPException, MethodNotAllowedException, NotFoundException
from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from trustwright import errors
from trustwright.errors import (
    Invalid,
    MalformedId,
    MethodNotAllowed,
    NotFound,
    Problem,
    TooLarge,
    TooManyRequests,
    Unavailable,
    WrongState,
)
from trustwright.http.operations import Operation, Reply, Streamed, Version

log = structlog.get_logger()

JSON = "application/json; charset=utf-8"

T = TypeVar("T")


def answer(reply: Reply) -> ASGIResponse:
    """The body as JSON, or as its handler streams it; nothing at all for None."""
    if reply.body is None:
        return ASGIResponse(status_code=reply.status)
    if isinstance(reply.body, Streamed):
        return ASGIStreamingResponse(
            iterator=unbroken(reply.body.parts), status_code=reply.status, headers=dict(reply.body.headers)
        )
    return ASGIResponse(body=msgspec.json.encode(reply.body), status_code=reply.status, media_type=JSON)


async def unbroken(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The parts, until the client goes away. No query is broken off then, for that would cost its connection; what is
    being read is closed between two parts, and not whenever a generator is collected."""
    async with AsyncExitStack() as at_end:
        at_end.push_async_callback(lambda: _whole(parts.aclose()))
        while part := await _whole(anext(parts, b"")):
            await checkpoint_if_cancelled()
            yield part


async def _whole(work: Awaitable[T]) -> T:
    """Not broken off, whoever goes away."""
    with CancelScope(shield=True):
        done = await work
    # By its type a scope may swallow errors, so that what follows it must return.
    return done  # noqa: RET504


def status_of(problem: Problem, operation: Operation | None) -> int:
    """The status among those that the operation documents (Q6); 413 and those of the guards always stand."""
    listed = operation.errors if operation else (problem.status,)
    if isinstance(problem, MalformedId):
        return 400 if 400 in listed else 404
    if isinstance(problem, NotFound):
        return 404 if 404 in listed or 400 not in listed else 400
    if isinstance(problem, WrongState):
        return next((status for status in (422, 409) if status in listed), 400)
    if isinstance(problem, Unavailable):
        return 503 if 503 in listed else 500
    return problem.status


def envelope(problem: Problem, status: int, version: Version) -> dict[str, Any]:
    """The documented error body; v1 has no `name` (Q7)."""
    body: dict[str, Any] = {"statusCode": status, "message": problem.message, "code": problem.code}
    return body if version is Version.V1 else {"name": errors.NAMES[status], **body}


def version_of(path: str) -> Version:
    return Version.V2 if path == "/public/v2" or path.startswith("/public/v2/") else Version.V1


def problem_answer(request: Request[Any, Any, Any], problem: Problem) -> Response[bytes]:
    """A problem that a guard or a handler raised."""
    operation: Operation | None = getattr(request.scope.get("route_handler"), "opt", {}).get("operation")
    version = operation.version if operation else version_of(request.scope["path"])
    status = status_of(problem, operation)
    body = msgspec.json.encode(envelope(problem, status, version))
    response = Response(body, status_code=status, media_type=JSON)
    if isinstance(problem, TooLarge):
        # The rest of the body stays unread, so nothing more can be said on this connection.
        response.headers["connection"] = "close"
    if isinstance(problem, TooManyRequests):
        response.headers["retry-after"] = str(problem.retry_after)
    return response


def framework_answer(request: Request[Any, Any, Any], error: HTTPException) -> Response[bytes]:
    """What the router refuses: an unknown path, a method that the path does not have, or a Host that can be none."""
    if isinstance(error, MethodNotAllowedException):
        response = problem_answer(request, MethodNotAllowed())
        response.headers["allow"] = (error.headers or {}).get("allow", "")
        return response
    if isinstance(error, NotFoundException):
        return problem_answer(request, NotFound(f"No such path: {request.scope['path']}"))
    if type(error) is ClientException:
        return problem_answer(request, Invalid(error.detail))
    return unexpected_answer(request, error)


def unexpected_answer(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """A fault of ours: the trace goes to the log under the request id, the client learns only that it happened. The
    route is named and not the path, which may hold the token of a link."""
    log.error("internal error", route=request.scope.get("path_template"), exc_info=error)
    if request.scope["type"] != ScopeType.HTTP:
        raise error
    return problem_answer(request, Problem())
