"""Services of a test's own operations, in this process, over the database of the run."""

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from litestar.types import ASGIApp

from tests.factories import World
from tests.lifespan import Lifespan
from trustwright import app
from trustwright.http import docs
from trustwright.http.operations import Operation
from trustwright.settings import Settings


class OwnService:
    """The application with other operations; `request` is one request to it."""

    def __init__(self, world: World, service: ASGIApp) -> None:
        self._world = world
        self._service = service
        self._lifespan = Lifespan(self._service)
        world.run(self._lifespan.start())

    def request(self, method: str, path: str, *, key: str | None = None, **arguments: Any) -> httpx.Response:
        return self._world.run(self._request(method, path, key, arguments))

    def stop(self) -> None:
        self._world.run(self._lifespan.stop())

    async def _request(self, method: str, path: str, key: str | None, arguments: dict[str, Any]) -> httpx.Response:
        headers = {**arguments.pop("headers", {}), **({"Authorization": f"Bearer {key}"} if key else {})}
        transport = httpx.ASGITransport(self._service, raise_app_exceptions=False)  # type: ignore[arg-type]
        async with httpx.AsyncClient(transport=transport, base_url="http://own.test") as client:
            return await client.request(method, path, headers=headers, **arguments)


Serve = Callable[[list[Operation], Settings], OwnService]


@pytest.fixture
def serve(world: World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serve]:
    """Starts a service of these operations, undescribed and without a console, which take long to put together; it ends
    with the test."""
    started: list[OwnService] = []

    def start(operations: list[Operation], settings: Settings) -> OwnService:
        monkeypatch.setattr(app, "OPERATIONS", operations)
        monkeypatch.setattr(app, "CONSOLE", [])
        monkeypatch.setattr(docs, "handlers", lambda _: [])
        started.append(OwnService(world, app.create_app(settings, world.database_url)))
        return started[-1]

    yield start
    for service in started:
        service.stop()
