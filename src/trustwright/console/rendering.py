"""How a page of the console is made: on the server, under a strict policy, kept by no cache."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from litestar import MediaType, Response
from litestar.datastructures import CacheControlHeader
from litestar.router import Router
from litestar.static_files import create_static_files_router
from markupsafe import Markup

from trustwright.times import iso

PACKAGE = Path(str(files("trustwright")))
STATIC = PACKAGE / "static"
ICONS = STATIC / "vendor" / "icons"
# Our own, what pages for people outside load too, and what comes from others.
FOLDERS = [STATIC / "console", STATIC / "shared", STATIC / "vendor"]

# Tabler draws its arrows and ticks from data: addresses; pdf.js runs in a worker, and shows pictures from blob: ones.
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self'",
        "worker-src 'self'",
        "object-src 'none'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "X-Robots-Tag": "noindex",
    "Cross-Origin-Opener-Policy": "same-origin",
}

environment = Environment(
    loader=FileSystemLoader([folder for folder in sorted(PACKAGE.glob("*/templates")) if folder.parent.name != "mail"]),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    extensions=["jinja2.ext.do"],
)


def static_files() -> Router:
    """What the pages load: our own, and what comes from others."""
    return create_static_files_router(
        "/console/static",
        [*FOLDERS],
        html_mode=False,
        cache_control=CacheControlHeader(max_age=365 * 24 * 3600, immutable=True),
    )


def page(template: str, values: dict[str, Any], *, status: int = 200) -> Response[str]:
    """The page of a template, by its file name without `.html.jinja`. Raises jinja2.UndefinedError for a value that it
    names and nobody gave."""
    text = environment.get_template(f"{template}.html.jinja").render(values)
    return Response(text, status_code=status, media_type=MediaType.HTML, headers=dict(HEADERS))


@cache
def asset(path: str) -> str:
    """The address of a static file. It holds what identifies the content, so that a browser may keep it for good."""
    found = next(folder / path for folder in FOLDERS if (folder / path).is_file())
    return f"/console/static/{path}?{sha256(found.read_bytes()).hexdigest()[:12]}"


def ready(html: str) -> Markup:
    """HTML that a page takes as it stands: made by us, or cleaned by us."""
    return Markup(html)  # noqa: S704 - the one place where anything becomes markup


@cache
def icon(name: str) -> Markup:
    """One of Tabler's icons, as decoration: what it stands for is said beside it."""
    text = (ICONS / f"{name}.svg").read_text()
    drawing = text[text.index(">", text.index("<svg")) + 1 : text.rindex("</svg>")]
    head = '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2"'
    return ready(f'{head} stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">{drawing}</svg>')


def moment(value: datetime | None, otherwise: str = "never") -> Markup:
    """A time: the script shows it in the reader's zone, and in full on hover; without one it is UTC."""
    if value is None:
        return Markup("{}").format(otherwise)
    shown = value.astimezone(UTC)
    return Markup('<time datetime="{}" title="{} UTC">{}</time>').format(
        iso(value), shown.strftime("%Y-%m-%d %H:%M:%S"), shown.strftime("%d %b %Y, %H:%M")
    )


def plain_day(value: date) -> str:
    """`03 Feb 2026`."""
    return value.strftime("%d %b %Y")


def day(value: date | str | None, otherwise: str = "none") -> Markup:
    """A day, or one as JSON has it; it is the same in every zone."""
    if not value:
        return Markup("{}").format(otherwise)
    found = date.fromisoformat(value) if isinstance(value, str) else value
    return Markup('<time datetime="{}">{}</time>').format(found.isoformat(), plain_day(found))


def size(count: int) -> str:
    """Bytes, as people say them."""
    for unit, factor in (("MB", 10**6), ("kB", 10**3)):
        if count >= factor:
            return f"{count / factor:.1f} {unit}"
    return f"{count} bytes"


def words(name: str) -> str:
    """A name of the API as people write it: `IN_PROGRESS` is `In progress`."""
    return name.replace("_", " ").capitalize()


def options(names: Iterable[str]) -> list[tuple[str, str]]:
    """Names of the API as the choices of a select."""
    return [(str(name), words(name)) for name in names]


environment.globals |= {"asset": asset, "icon": icon}
environment.filters |= {"iso": iso, "moment": moment, "day": day, "size": size, "words": words, "options": options}
