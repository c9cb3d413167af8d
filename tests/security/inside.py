"""The whole application in this process, over a database of its own that holds the demo account."""

import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import structlog
from litestar.exceptions.base_exceptions import LitestarDeprecationWarning

from tests.factories import Account, World
from tests.lifespan import Lifespan
from tests.walking import Demo
from trustwright.accounts import actions, store
from trustwright.app import create_app
from trustwright.cli.demo import fill
from trustwright.db import Who
from trustwright.events.model import Source
from trustwright.settings import Settings

ADDRESS = "http://inside.test"


class Inside(World, httpx.BaseTransport):
    """A world whose clients reach the application without a socket."""

    def __init__(self, database_url: str, settings: Settings) -> None:
        super().__init__(database_url, ADDRESS)
        with warnings.catch_warnings():
            # The framework deprecates how some handlers name their parameters, which a running service keeps to itself.
            warnings.simplefilter("ignore", LitestarDeprecationWarning)
            self._service = create_app(settings, database_url)
        self._transport = httpx.ASGITransport(self._service, raise_app_exceptions=False)  # type: ignore[arg-type]
        self._lifespan = Lifespan(self._service)
        self.run(self._lifespan.start())

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self.run(self._answer(request))

    def account(self, name: str = "Acme") -> Account:
        return InsideAccount(self, self.run(self._new_account(name)))

    def account_of(self, account_id: int, email: str) -> Account:
        """An account that is there already, of which `email` is the administrator's address."""
        return InsideAccount(self, self.run(self._found(account_id, email)))

    def close(self) -> None:
        self.run(self._lifespan.stop())
        super().close()

    async def _answer(self, request: httpx.Request) -> httpx.Response:
        asked = httpx.Request(request.method, request.url, headers=request.headers, content=request.read())
        answer = await self._transport.handle_async_request(asked)
        return httpx.Response(answer.status_code, headers=answer.headers, content=await answer.aread())

    async def _found(self, account_id: int, email: str) -> actions.NewAccount:
        async with self.database.begin(Who(account_id=account_id, source=Source.APP)) as tx:
            admin = await actions.get_user_by_email(tx, email)
            key, text = await actions.create_key(tx, "Key of the tests", None, admin.id, None)
            (workspace,) = await store.all_workspaces(tx)
            return actions.NewAccount(await actions.get_account(tx), workspace, admin, key, text)


class InsideAccount(Account):
    """An account in such a world."""

    def _client(self, transport: httpx.BaseTransport, headers: dict[str, str]) -> httpx.Client:
        transport.close()
        return inside_client(self.world, headers)


class InsideDemo(Demo):
    """The demo account in such a world."""

    def __init__(self, world: Inside, data_dir: Path) -> None:
        self.world = world
        super().__init__(ADDRESS, data_dir, world.database_url)
        self.account = world.account_of(self.opened["accountId"], self.opened["email"])

    def _client(self, headers: dict[str, str]) -> httpx.Client:
        return inside_client(self.world, headers)


def inside_client(world: World, headers: dict[str, str]) -> httpx.Client:
    assert isinstance(world, Inside)
    return httpx.Client(base_url=ADDRESS, headers=headers, transport=world)


@contextmanager
def demo_inside(database_url: str, data_dir: Path) -> Iterator[InsideDemo]:
    """The demo account over a migrated database, and the application that serves it, which logs nothing."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    settings = Settings(data_dir=data_dir, public_url=ADDRESS, jobs_in_web=False)
    world = Inside(database_url, settings)
    try:
        world.run(fill(world.database, settings))
        yield InsideDemo(world, data_dir)
    finally:
        world.close()
        structlog.configure(**before)
