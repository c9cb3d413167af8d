"""Where to report a weakness, as programs look for it (RFC 9116): of the installation, and at a company's own host."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath

from trustwright.settings import Settings
from trustwright.trust.actions import get_trust_center
from trustwright.trust_page import showing
from trustwright.trust_page.showing import OWN_HOST
from trustwright.trust_page.visiting_page import database_of, nothing, visit_to

PATH = "/.well-known/security.txt"
TEXT = "text/plain"
LASTS = timedelta(days=30)


def handlers() -> list[HTTPRouteHandler]:
    """The routes of security.txt."""
    return [of_installation, of_company]


@get(PATH, include_in_schema=False)
async def of_installation(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Whom the settings name; 404 when they name nobody."""
    settings: Settings = request.app.state.settings
    return _answer(request, settings.security_contact)


@get(f"/trust/{{slug:str}}{PATH}", include_in_schema=False)
async def of_company(request: Request[Any, Any, Any], slug: FromPath[str]) -> Response[bytes]:
    """At a company's own host: the contact that its page shows, else whom the settings name. Who hears of requests for
    access (`securityEmails`) is not published, and stays so."""
    if OWN_HOST not in request.scope["state"]:
        raise nothing()
    visit = await visit_to(request, slug)
    async with database_of(request).read(visit.who) as tx:
        center = await get_trust_center(tx, visit.workspace_id)
    settings: Settings = request.app.state.settings
    shown = center.contact_url if center.contact_url.lower().startswith(("https:", "mailto:")) else ""
    return _answer(request, shown or settings.security_contact)


def _answer(request: Request[Any, Any, Any], contacts: str) -> Response[bytes]:
    if not contacts:
        raise nothing()
    settings: Settings = request.app.state.settings
    text = security_txt(contacts.split(","), settings.security_policy, showing.origin(request), datetime.now(UTC))
    return showing.answer(request, text.encode(), TEXT)


def security_txt(contacts: Iterable[str], policy: str, origin: str, now: datetime) -> str:
    """The file, with its addresses in order of preference. It says the day on which it ends, so that it is the same for
    a day. Its own address stands in it only where that is one of https, as RFC 9116 2.5.2 wants it."""
    ends = datetime.combine((now + LASTS).date(), datetime.min.time(), UTC)
    lines = [f"Contact: {each.strip()}" for each in contacts]
    lines += [f"Expires: {ends:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    lines += [f"Canonical: {origin}{PATH}"] if origin.startswith("https://") else []
    lines += [f"Policy: {policy}"] if policy else []
    return "\n".join(lines) + "\n"
