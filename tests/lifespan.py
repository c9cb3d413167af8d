"""The life of an application within this process, as a server would begin and end it."""

import asyncio
from typing import Any

from litestar.types import ASGIApp, Message


class Lifespan:
    """Of one application, in one event loop."""

    def __init__(self, service: ASGIApp) -> None:
        self._service = service
        self._told: asyncio.Queue[Any] = asyncio.Queue()
        self._said: asyncio.Queue[Message] = asyncio.Queue()

    async def start(self) -> None:
        scope: Any = {"type": "lifespan", "asgi": {"version": "3.0"}, "state": {}}
        self._life = asyncio.ensure_future(self._service(scope, self._told.get, self._said.put))
        await self._tell("startup")

    async def stop(self) -> None:
        await self._tell("shutdown")
        await self._life

    async def _tell(self, what: str) -> None:
        await self._told.put({"type": f"lifespan.{what}"})
        said = await self._said.get()
        assert said["type"] == f"lifespan.{what}.complete", said
