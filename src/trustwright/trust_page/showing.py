"""How the public page goes out: as HTML, Markdown, JSON or a feed, each kept by caches for a minute."""

from datetime import date
from typing import Any
from urllib.parse import urlsplit

from jinja2.filters import do_striptags
from litestar import Request, Response
from markupsafe import Markup

from trustwright.console.rendering import ready
from trustwright.http.docs import SAFE
from trustwright.http.visitor_pages import POLICY, templates
from trustwright.settings import Settings
from trustwright.trust.model import DocumentType, TrustCenter
from trustwright.trust_page.etags import A_MINUTE, tagged
from trustwright.trust_page.markup import html_of
from trustwright.trust_page.page import Page
from trustwright.trust_page.search import LONGEST, count, searched, words_of

# Where `domains` notes the host by which a page was reached that is the company's own.
OWN_HOST = "trust_host"

CACHED = {"Cache-Control": f"public, max-age={A_MINUTE}"}
# Whatever a body holds, a browser that shows it instead of saving it lets it do nothing.
HARMLESS = {"Content-Security-Policy": "default-src 'none'; sandbox", **SAFE}

KINDS = {
    DocumentType.COMPLIANCE: "Compliance",
    DocumentType.SECURITY_REPORT: "Security reports",
    DocumentType.POLICY: "Policies",
}
STATUSES = {
    "PASSING": ("Passing", "good"),
    "NEEDS_ATTENTION": ("Needs attention", "late"),
    "NOT_MONITORED": ("Not monitored", "unknown"),
}
DESCRIBED = 160


def answer(
    request: Request[Any, Any, Any], body: bytes, media_type: str, headers: dict[str, str] | None = None
) -> Response[bytes]:
    """A body that caches keep for a minute, and that is not sent again to who has it."""
    found = tagged(body, request.headers.get("if-none-match", ""))
    return Response(
        b"" if found.is_known else found.body,
        status_code=304 if found.is_known else 200,
        media_type=media_type,
        headers={**(HARMLESS if headers is None else headers), **CACHED, "ETag": found.etag},
    )


def html(request: Request[Any, Any, Any], page: Page, center: TrustCenter) -> Response[bytes]:
    """The page for people, with only what they searched for."""
    q = request.query_params.get("q", "").replace("\0", "").strip()[:LONGEST]
    shown = searched(page, q)
    values = {
        "page": shown,
        "q": q,
        "found": count(shown),
        "slug": center.slug,
        "color": center.primary_color.removeprefix("#"),
        "is_indexed": center.is_indexed,
        "address": address(request, center),
        "origin": origin(request),
        "description": described(page),
        "kinds": KINDS,
        "statuses": STATUSES,
        "prose": prose,
        "day": day,
        "words": words_of,
    }
    text = templates.get_template("trust_page.html.jinja").render(values)
    headers = {"Content-Security-Policy": POLICY, **SAFE}
    if not center.is_indexed or q:
        headers["X-Robots-Tag"] = "noindex"
    return answer(request, text.encode(), "text/html", headers)


def address(request: Request[Any, Any, Any], center: TrustCenter) -> str:
    """Where the page is, without a slash at its end: at the company's own host for who came by it."""
    own = origin(request)
    return own if request.scope["state"].get(OWN_HOST) else f"{own}/trust/{center.slug}"


def origin(request: Request[Any, Any, Any]) -> str:
    """Scheme and host by which our pages are reached."""
    settings: Settings = request.app.state.settings
    public = settings.public_url.rstrip("/")
    host = request.scope["state"].get(OWN_HOST)
    if host:
        return f"{urlsplit(public).scheme or 'https'}://{host}"
    return public or f"{request.url.scheme}://{request.headers.get('host', '')}"


def described(page: Page) -> str:
    """One sentence about the page, for search engines and for who is sent its address."""
    about = do_striptags(page.about.html)
    text = " ".join(about.split()) or f"How {page.name} keeps data safe."
    return text if len(text) <= DESCRIBED else text[: DESCRIBED - 1].rsplit(" ", 1)[0] + "…"


def prose(text: str, heading: int) -> Markup:
    """Markdown as safe HTML, its headings of one level."""
    return ready(html_of(text, heading))


def day(value: date | str) -> str:
    """`12 November 2026`, of a day or of a moment as JSON has it."""
    found = date.fromisoformat(value[:10]) if isinstance(value, str) else value
    return f"{found.day} {found:%B %Y}"
