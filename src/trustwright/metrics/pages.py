"""/metrics, for those who have its token."""

import hmac
from collections.abc import Sequence
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler

from trustwright.errors import InvalidKey, NotFound
from trustwright.metrics.collecting import CONTENT_TYPE, exposition
from trustwright.settings import Settings


def handlers() -> Sequence[HTTPRouteHandler]:
    return [metrics]


@get("/metrics", include_in_schema=False)
async def metrics(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Counters and times of this process for Prometheus. How busy an installation is, and with what, is nobody else's
    business: without a token there is nothing here."""
    state = request.app.state
    settings: Settings = state.settings
    if settings.metrics_port or not settings.metrics_token:
        raise NotFound("Metrics are not served here: docs/operations.md says how to have them")
    if not presents(request.headers.get("authorization", ""), settings.metrics_token):
        raise InvalidKey
    return Response(await exposition(state.database), media_type=CONTENT_TYPE)


def presents(authorization: str, token: str) -> bool:
    """Whether a header holds the token as a bearer's (RFC 6750)."""
    scheme, _, presented = authorization.partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(presented.strip().encode(), token.encode())
