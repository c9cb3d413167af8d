"""The description of the API: one OpenAPI document a version, and the page that shows them."""

from litestar.handlers import HTTPRouteHandler

from trustwright.http.operations import Operation


def handlers(operations: list[Operation]) -> list[HTTPRouteHandler]:
    """The routes of /docs and /openapi."""
    return []
