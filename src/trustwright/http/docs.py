"""The pages that show the API: one OpenAPI document a version, and Swagger UI on them without the internet."""

from collections.abc import Sequence
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

import msgspec
from jinja2 import Environment, PackageLoader
from litestar import MediaType, Response, get
from litestar.datastructures import CacheControlHeader
from litestar.handlers import HTTPRouteHandler
from litestar.router import Router
from litestar.static_files import create_static_files_router

from trustwright.http.openapi import document
from trustwright.http.operations import Operation, Version

STATIC = Path(str(files("trustwright"))) / "static"
SWAGGER = "vendor/swagger-ui-dist"
A_YEAR = 365 * 24 * 3600

# Swagger UI sets its styles through the DOM, which needs no leave, and draws its icons from data: addresses.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)

SAFE = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer"}

pages = Environment(loader=PackageLoader("trustwright.http"), autoescape=True, trim_blocks=True, lstrip_blocks=True)


def handlers(operations: list[Operation]) -> Sequence[HTTPRouteHandler | Router]:
    """The routes of /docs, /openapi and /static."""
    return [docs, *(_described(version, operations) for version in Version), _static_files()]


@get("/docs", include_in_schema=False)
async def docs(version: str = "") -> Response[str]:
    """Swagger UI on one version of the API."""
    headers = {"Content-Security-Policy": POLICY, "Cache-Control": "no-cache", **SAFE}
    return Response(page(version), media_type=MediaType.HTML, headers=headers)


def page(version: str) -> str:
    """The page on a version; on the newest when there is no such version."""
    shown = Version.V1 if version == Version.V1.value else Version.V2
    built = (STATIC / SWAGGER).is_dir()
    return pages.get_template("docs.html").render(
        versions=[*Version], shown=shown, asset=asset, swagger=SWAGGER, built=built
    )


def asset(name: str) -> str:
    """The address of a static file; it changes with the content, so that browsers may keep what they have."""
    return f"/static/{name}?v={_digest(name)}"


@cache
def _digest(name: str) -> str:
    return sha256((STATIC / name).read_bytes()).hexdigest()[:16]


def _described(version: Version, operations: list[Operation]) -> HTTPRouteHandler:
    @cache
    def described() -> bytes:
        return msgspec.json.encode(document(version, operations))

    @get(f"/openapi/{version}.json", include_in_schema=False)
    async def openapi() -> Response[bytes]:
        return Response(described(), media_type=MediaType.JSON, headers={"Cache-Control": "no-cache", **SAFE})

    return openapi


def _static_files() -> Router:
    return create_static_files_router(
        "/static",
        [STATIC],
        html_mode=False,
        cache_control=CacheControlHeader(public=True, immutable=True, max_age=A_YEAR),
    )
