"""How often one key and one address may call, whatever they call.

An address is counted before anything else is done, so that whoever guesses keys is slowed before any is looked up; a
key once it is known whose it is. Nothing of a call is read or done before it is let through."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog
from litestar import Request
from litestar.enums import ScopeType
from litestar.types import ASGIApp, Receive, Scope, Send

from trustwright.db import Database
from trustwright.errors import TooManyRequests
from trustwright.http.answers import problem_answer
from trustwright.http.visitor_pages import refused_as_asked
from trustwright.http.visitors import address_of
from trustwright.limits import store
from trustwright.limits.model import SECOND, Rate, of_address, of_key, placed, rate_of, whole_seconds
from trustwright.settings import RateLimits, Settings

log = structlog.get_logger()

# Probes ask often and must hear; files of our own cost little, and a page loads a dozen.
PROBES = ("/healthz", "/readyz")
STATIC = ("/static/", "/console/static/", "/visitor/static/", "/q/static/", "/sign/static/")

# Seconds to wait for the database, and after a fault to leave it alone.
PATIENCE = 1.0
LEFT_ALONE = 5 * SECOND

# Who does not come back is forgotten.
SWEPT_EVERY = 60 * SECOND


def microseconds() -> int:
    """A clock that never goes back."""
    return time.monotonic_ns() // 1000


class Lines:
    """Where the line of each name ends (`model.placed`), in the memory of one process."""

    def __init__(self) -> None:
        self._ends: dict[str, int] = {}
        self._swept_at = 0

    def take(self, name: str, rate: Rate, now: int) -> int:
        """Counts a call; the microseconds that it has to wait."""
        if now - self._swept_at > SWEPT_EVERY:
            self._ends = {each: end for each, end in self._ends.items() if end > now}
            self._swept_at = now
        self._ends[name], wait = placed(self._ends.get(name, now), now, rate)
        return wait

    def __len__(self) -> int:
        return len(self._ends)


class Limits:
    """The rates of the settings, counted in memory, or in the database for all processes together.

    Who was refused stays so until the wait is over, and the database is not asked again: a flood costs it no more than
    what it lets through. While it cannot be asked, each process counts for itself: nobody is let through unlimited,
    nor refused for it."""

    def __init__(self, settings: Settings, database: Database, clock: Callable[[], int] = microseconds) -> None:
        self._key = rate_of(settings.rate_limit_key)
        self._address = rate_of(settings.rate_limit_address)
        self._database = database if settings.rate_limits is RateLimits.POSTGRES else None
        self._clock = clock
        self._own = Lines()
        self._refused: dict[str, int] = {}
        self._swept_at = clock()
        self._ask_again_at = 0

    async def admit_address(self, ip: str) -> None:
        """Raises TooManyRequests."""
        if self._address is not None:
            await self._admit(of_address(ip), self._address)

    async def admit_key(self, key_id: int) -> None:
        """Raises TooManyRequests."""
        if self._key is not None:
            await self._admit(of_key(key_id), self._key)

    async def _admit(self, name: str, rate: Rate) -> None:
        now = self._clock()
        wait = self._refused.get(name, 0) - now
        if wait <= 0:
            wait = await self._counted(name, rate, now)
        if wait > 0:
            self._refuse(name, now, now + wait)
            raise TooManyRequests(retry_after=whole_seconds(wait))

    def _refuse(self, name: str, now: int, until: int) -> None:
        if now - self._swept_at > SWEPT_EVERY:
            self._refused = {each: end for each, end in self._refused.items() if end > now}
            self._swept_at = now
        self._refused[name] = until

    async def _counted(self, name: str, rate: Rate, now: int) -> int:
        if self._database is None or now < self._ask_again_at:
            return self._own.take(name, rate, now)
        try:
            async with asyncio.timeout(PATIENCE):
                return await store.take(self._database, name, rate)
        except (psycopg.Error, TimeoutError) as error:
            log.warning("rates are counted in this process", reason=type(error).__name__)
            self._ask_again_at = now + LEFT_ALONE
            return self._own.take(name, rate, now)


def limited(app: ASGIApp, limits: Limits, settings: Settings) -> ASGIApp:
    """Wraps the application: the rate of each address, also for what is to be found nowhere."""
    if not settings.rate_limit_address:
        return app

    async def wrapper(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP or scope["path"] in PROBES or scope["path"].startswith(STATIC):
            await app(scope, receive, send)
            return
        request = Request[Any, Any, Any](scope)
        try:
            await limits.admit_address(address_of(request, settings))
        except TooManyRequests as problem:
            is_api = scope["path"].startswith("/public")
            refusal = problem_answer(request, problem) if is_api else refused_as_asked(request, problem)
            await refusal.to_asgi_response(app=None, request=request)(scope, receive, send)
            return
        await app(scope, receive, send)

    return wrapper
