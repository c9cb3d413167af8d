"""Pages for visitors of a trust center: made on the server, of use without a script, kept by no cache.

Their templates lie in the folders of their domains and extend `visitor.html.jinja`, which has the blocks `title`,
`head` and `content`. All that they load stands below /visitor/static."""

from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Request, Response
from litestar.datastructures import CacheControlHeader
from litestar.exceptions import HTTPException, NotFoundException
from litestar.router import Router
from litestar.static_files import create_static_files_router

from trustwright.errors import NotFound, Problem, TooManyRequests
from trustwright.http import bodies
from trustwright.http.answers import framework_answer, problem_answer
from trustwright.http.docs import SAFE, STATIC

LARGEST_FORM = 64 * 1024
MOST_FIELDS = 100

# What all pages for people outside load, wherever a proxy lets them.
SHARED = STATIC / "shared"

PACKAGE = Path(str(files("trustwright")))
FOLDERS = [PACKAGE / name / "templates" for name in ("http", "agreements", "access", "access_requests", "trust_page")]

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "object-src 'self'",
        "frame-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# For a page that shows a PDF: pdf.js runs in a worker, and makes pictures of its own.
VIEWER_POLICY = POLICY.replace("img-src 'self'", "img-src 'self' blob: data:; font-src 'self' data:; worker-src 'self'")
PRIVATE = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex", **SAFE}

# For a PDF that a browser shows: inside of our own pages too. A sandbox would keep its viewer from starting.
SHOWN_POLICY = "default-src 'none'; object-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'self'"
SHOWN = {"Content-Security-Policy": SHOWN_POLICY, **PRIVATE}

templates = Environment(
    loader=FileSystemLoader(FOLDERS),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def static_files() -> Router:
    """The routes of /visitor/static."""
    return create_static_files_router(
        "/visitor/static",
        [STATIC / "visitor", SHARED],
        html_mode=False,
        cache_control=CacheControlHeader(no_cache=True),
    )


def viewer_files() -> Router:
    """The routes of /visitor/static/pdfjs: what shows a PDF."""
    return create_static_files_router(
        "/visitor/static/pdfjs",
        [STATIC / "vendor" / "pdfjs"],
        html_mode=False,
        cache_control=CacheControlHeader(no_cache=True),
    )


def page(template: str, values: dict[str, Any], *, status: int = 200) -> Response[str]:
    """The page of a template, by its file name. Raises jinja2.UndefinedError for a value that it names and nobody
    gave."""
    text = templates.get_template(template).render(values)
    headers = {"Content-Security-Policy": POLICY, **PRIVATE}
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=headers)


def message(title: str, *sentences: str, status: int = 200) -> Response[str]:
    """A page that says one thing."""
    return page("visitor_message.html.jinja", {"title": title, "sentences": sentences}, status=status)


def refused(_: object, problem: Problem) -> Response[str]:
    """A problem as a page: for the `exception_handlers` of the routers of such pages."""
    if not isinstance(problem, TooManyRequests):
        return message("That did not work", problem.message, status=problem.status)
    minutes = -(-problem.retry_after // 60)
    sentence = f"That was too often. Please try again in {minutes} {'minute' if minutes == 1 else 'minutes'}."
    response = message("Please wait a moment", sentence, status=problem.status)
    response.headers["retry-after"] = str(problem.retry_after)
    return response


def refused_as_asked(request: Request[Any, Any, Any], problem: Problem) -> Response[Any]:
    """A problem as a page for who asked for one, as browsers do; for programs as everywhere."""
    return refused(request, problem) if wants_page(request) else problem_answer(request, problem)


def framework_answer_as_asked(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    """What the router refuses; an unknown path outside the API is a page for who asked for one."""
    is_page = not request.scope["path"].startswith("/public/") and wants_page(request)
    if isinstance(error, NotFoundException) and is_page:
        sentence = "The address may be mistyped, or what it led to is gone."
        return message("There is no such page", sentence, status=NotFound.status)
    return framework_answer(request, error)


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether a person asks, and no program."""
    return "text/html" in request.headers.get("accept", "")


async def form_of(request: Request[Any, Any, Any]) -> dict[str, str]:
    """The fields of a small form, urlencoded. Raises Invalid for what is no such form, TooLarge above 64 KiB."""
    return fields(await bodies.read(request, LARGEST_FORM))


def fields(body: bytes) -> dict[str, str]:
    """The fields of an urlencoded body; of one given twice the last. Raises Invalid."""
    return dict(bodies.urlencoded(body, MOST_FIELDS))
