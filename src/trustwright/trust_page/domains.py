"""Trust centers at hosts of their companies' own: what is asked for there is looked for below the page."""

import time

from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from trustwright.db import Database
from trustwright.trust.actions import host_of_domain
from trustwright.trust.changes import DOMAIN
from trustwright.trust_page.showing import OWN_HOST

REMEMBERED = 60  # seconds
MOST_REMEMBERED = 1000

# Pages of visitors that have the same path at every host.
EVERYWHERE = ("/visitor/", "/access", "/sign/", "/subscriptions/")


class Hosts:
    """Which hosts are those of trust centers, asked for once a minute each."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._known: dict[str, tuple[float, str | None]] = {}

    async def slug(self, host: str) -> str | None:
        """The slug of the published trust center at a host."""
        now = time.monotonic()
        asked_at, slug = self._known.get(host, (-REMEMBERED, None))
        if now - asked_at < REMEMBERED:
            return slug
        found = await host_of_domain(self._database, host)
        if len(self._known) >= MOST_REMEMBERED:
            self._known.clear()
        self._known[host] = (now, found.slug if found else None)
        return found.slug if found else None


def with_own_hosts(app: ASGIApp, database: Database, public_host: str) -> ASGIApp:
    """Wraps the application; `public_host` is its own. Nothing but the page is to be found at the other hosts."""
    hosts = Hosts(database)

    async def wrapper(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            host = host_in(scope)
            if host and host != public_host and DOMAIN.fullmatch(host) and (slug := await hosts.slug(host)):
                scope["path"] = path_at(slug, scope["path"])
                scope.setdefault("state", {})[OWN_HOST] = host
        await app(scope, receive, send)

    return wrapper


def path_at(slug: str, path: str) -> str:
    """Where among all paths what is asked for at the host of a page is."""
    page = f"/trust/{slug}"
    if path == page or path.startswith((f"{page}/", f"{page}.", *EVERYWHERE)):
        return path
    return page if path == "/" else f"{page}{path}"


def host_in(scope: Scope) -> str:
    """The host of a request, in lower case and without its port."""
    if scope["type"] != ScopeType.HTTP:
        return ""
    for name, value in scope["headers"]:
        if name == b"host":
            return value.decode("latin-1").lower().partition(":")[0]
    return ""
