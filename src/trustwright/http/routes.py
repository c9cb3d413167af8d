"""From route tables to the handlers that the router calls."""

from typing import Any

from litestar import Request
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse

from trustwright.http.answers import answer
from trustwright.http.guards import admit
from trustwright.http.operations import Operation, Version, perform

PREFIXES = {Version.V1: ("/public", "/public/v1"), Version.V2: ("/public/v2",)}


def route(operation: Operation) -> HTTPRouteHandler:
    """The route of one operation, under every prefix of its version (decisions 1)."""

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        return answer(await perform(operation, request))

    path = operation.path.replace("}", ":str}")
    return HTTPRouteHandler(
        [prefix + path for prefix in PREFIXES[operation.version]],
        http_method=[HttpMethod(operation.method)],
        guards=[admit],
        opt={"operation": operation},
        # Answers carry their own status; the router only insists on one that may have a body.
        status_code=200,
        request_max_body_size=None,
        include_in_schema=False,
    )(handle)
