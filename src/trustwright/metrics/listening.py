"""/metrics on a port of its own, which no proxy shows to the world.

Each process tells only of itself, so each has a port: the first that is free from the one of the settings on."""

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import structlog

from trustwright.db import Database
from trustwright.metrics.collecting import CONTENT_TYPE, exposition
from trustwright.metrics.pages import presents
from trustwright.settings import METRICS_PORTS, Settings

log = structlog.get_logger()

# A client that sends nothing holds a thread no longer.
PATIENCE = 10.0


@asynccontextmanager
async def listening(settings: Settings, database: Database) -> AsyncIterator[None]:
    """Serves the metrics of this process while its block runs, if a port is set. Raises OSError when none is free."""
    if not settings.metrics_port:
        yield
        return
    server = _bound(settings, _handler(settings.metrics_token, database, asyncio.get_running_loop()))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    log.info("metrics", port=server.server_port)
    try:
        yield
    finally:
        await asyncio.to_thread(server.shutdown)
        server.server_close()
        thread.join()


def _bound(settings: Settings, handler: type[BaseHTTPRequestHandler]) -> ThreadingHTTPServer:
    for port in range(settings.metrics_port, settings.metrics_port + METRICS_PORTS):
        try:
            return ThreadingHTTPServer((settings.metrics_host, port), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise OSError(f"No port is free for metrics from {settings.metrics_port} on")


def _handler(token: str, database: Database, loop: asyncio.AbstractEventLoop) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = PATIENCE

        def do_GET(self) -> None:
            if self.path != "/metrics":
                self._answer(HTTPStatus.NOT_FOUND, b"")
            elif token and not presents(self.headers.get("Authorization", ""), token):
                self._answer(HTTPStatus.UNAUTHORIZED, b"")
            else:
                told = asyncio.run_coroutine_threadsafe(exposition(database), loop)
                self._answer(HTTPStatus.OK, told.result(PATIENCE))

        def _answer(self, status: HTTPStatus, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", CONTENT_TYPE)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Says nothing of each scrape."""

    return Handler
