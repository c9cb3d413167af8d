"""A receiver of webhooks on loopback that answers as it is told, and the desk that delivers to it."""

import hashlib
import hmac
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from msgspec import Struct

from tests.factories import Account, World
from trustwright.db import Slice
from trustwright.http.reach import Reach
from trustwright.http.secret import secret_key
from trustwright.settings import Settings
from trustwright.webhooks import actions, delivery, store
from trustwright.webhooks.delivery import SETTING
from trustwright.webhooks.model import Attempt, Delivery, NewWebhook, Webhook

LOOPBACK = (ip_network("127.0.0.0/8"),)

Answer = bytes | Callable[[socket.socket], None]


def answer(status: int, body: bytes = b"", **headers: str) -> bytes:
    """An answer that ends where its body does."""
    fields = {"Content-Length": str(len(body)), **headers}
    head = f"HTTP/1.1 {status} So\r\n" + "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return head.encode() + b"\r\n" + body


class Received(Struct, frozen=True):
    """One request as it came; names of headers in small letters."""

    line: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """Takes requests, each with the next of `answers` and then with 200; `before_answer` runs when a request is in."""

    def __init__(self, port: int, scheme: str) -> None:
        self.port = port
        self.url = f"{scheme}://127.0.0.1:{port}/hook"
        self.received: list[Received] = []
        self.answers: list[Answer] = []
        self.before_answer: Callable[[], None] = lambda: None

    def take(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as incoming:
            line = incoming.readline().decode().strip()
            if not line:
                return
            fields = [text.decode().partition(": ") for text in iter(incoming.readline, b"\r\n")]
            headers = {name.lower(): value.strip() for name, _, value in fields}
            self.received.append(Received(line, headers, incoming.read(int(headers["content-length"]))))
        self.before_answer()
        said = self.answers.pop(0) if self.answers else answer(200)
        if callable(said):
            said(connection)
        else:
            connection.sendall(said)


@contextmanager
def receiving(tls: ssl.SSLContext | None = None) -> Iterator[Receiver]:
    """A receiver that listens while the block runs."""

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with suppress(OSError):
                self.request.settimeout(10)
                if tls is None:
                    receiver.take(self.request)
                    return
                with tls.wrap_socket(self.request, server_side=True) as encrypted:
                    receiver.take(encrypted)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(server.server_address[1], "https" if tls else "http")
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield receiver
        finally:
            server.shutdown()
            thread.join()


def signed(secret: str, timestamp: str, body: bytes) -> str:
    """The signature as a receiver works it out by itself."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Desk:
    """An account with one webhook, in a database that no server works on: the test alone decides when to deliver."""

    def __init__(self, world: World, account: Account, url: str, data_dir: Path) -> None:
        self.world = world
        self.account = account
        self.settings = Settings(data_dir=data_dir, webhook_private_networks="127.0.0.0/8", webhook_http=True)
        self.reach = Reach(setting=SETTING, networks=LOOPBACK, is_http_allowed=True)
        self.webhook, self.secret = self.create(url)

    def do(self, action: Any, *arguments: Any, **more: Any) -> Any:
        """The answer of an action, once its transaction has committed."""

        async def run() -> Any:
            async with self.world.database.begin(self.account.who) as tx:
                return await action(tx, *arguments, **more)

        return self.world.run(run())

    def create(self, url: str, *, is_enabled: bool = True) -> tuple[Webhook, str]:
        made: tuple[Webhook, str] = self.do(
            actions.create_webhook, NewWebhook(url=url, is_enabled=is_enabled), secret_key(self.settings)
        )
        return made

    def announce(self, kind: str = "monitor.status_changed", **payload: Any) -> int:
        """The id of the delivery to the desk's webhook."""
        self.do(actions.announce, kind, payload)
        return self.deliveries()[-1].id

    def deliver(self, delivery_id: int) -> int | None:
        return self.world.run(
            delivery.attempt(self.world.database, self.settings, self.account.id, delivery_id, self.reach)
        )

    def webhook_now(self) -> Webhook:
        webhook: Webhook = self.do(actions.get_webhook, self.webhook.id)
        return webhook

    def deliveries(self, webhook_id: int | None = None) -> list[Delivery]:
        """Those of a webhook, the oldest first."""
        part = Slice(column="created_at", descending=False, limit=100)
        found: list[Delivery] = self.do(store.page_deliveries, part, webhook_id or self.webhook.id, None)
        return found

    def delivery(self, delivery_id: int) -> Delivery:
        return next(each for each in self.deliveries() if each.id == delivery_id)

    def attempts(self, delivery_id: int) -> list[Attempt]:
        found: list[Attempt] = self.do(store.attempts_of, [delivery_id])
        return found

    def age(self, delivery_id: int, by: timedelta) -> None:
        """Makes a delivery as old as if nobody had seen to it for that long."""
        self.world.connection.execute(
            """
            update webhook_deliveries set due_at = due_at - %(by)s, leased_until = leased_until - %(by)s
            where id = %(delivery_id)s
            """,
            {"by": by, "delivery_id": delivery_id},
        )
