"""What a service needs from outside, each behind a gateway that refuses, dawdles or dies half-way as it is told."""

import random
import socket
import socketserver
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import StrEnum

import httpx
from msgspec import Struct

from tests.conftest import free_port
from tests.mail.postman import Postman, on_duty
from tests.webhooks.receiver import Receiver, receiving

BUCKET = "trustwright"
PART = 16_384


class Mood(StrEnum):
    """DYING: passes on some bytes of each connection, and then resets it."""

    WELL = "well"
    REFUSING = "refusing"
    SLOW = "slow"
    DYING = "dying half-way"


class Gateway:
    """Passes connections on to a port of loopback."""

    def __init__(self, behind: int, dice: random.Random) -> None:
        self.mood = Mood.WELL
        self._behind = behind
        self._dice = dice
        gateway = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                gateway.pass_on(self.request)

        self._server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def pass_on(self, client: socket.socket) -> None:
        if self.mood is Mood.REFUSING:
            reset(client)
            return
        left = self._dice.randrange(20, 40_000) if self.mood is Mood.DYING else None
        with suppress(OSError), socket.create_connection(("127.0.0.1", self._behind), timeout=60) as server:
            back = threading.Thread(target=self._pump, args=(server, client, left), daemon=True)
            back.start()
            self._pump(client, server, left)
            back.join()

    def _pump(self, source: socket.socket, target: socket.socket, left: int | None) -> None:
        with suppress(OSError):
            while data := source.recv(PART):
                if self.mood is Mood.SLOW:
                    time.sleep(self._dice.uniform(0.2, 1.0))
                if left is not None and (left := left - len(data)) < 0:
                    target.sendall(data[: len(data) // 2])
                    reset(source)
                    reset(target)
                    return
                target.sendall(data)
            target.shutdown(socket.SHUT_WR)


def reset(connection: socket.socket) -> None:
    """Ends a connection so that the other side sees it broken, and not at its end."""
    with suppress(OSError):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        connection.shutdown(socket.SHUT_RD)
        connection.close()


class Outside(Struct, frozen=True):
    """The servers of others, and the gateways before them; `s3_port` leads to the bucket without a gateway."""

    postman: Postman
    receiver: Receiver
    s3_port: int
    smtp: Gateway
    s3: Gateway
    webhook: Gateway

    @property
    def settings(self) -> dict[str, str]:
        """The environment of a service that uses them."""
        return {
            "TRUSTWRIGHT_SMTP_URL": f"smtp://127.0.0.1:{self.smtp.port}",
            "TRUSTWRIGHT_STORAGE_URL": f"s3://{BUCKET}/files",
            "TRUSTWRIGHT_WEBHOOK_HTTP": "true",
            "TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS": "127.0.0.0/8",
            "AWS_ENDPOINT_URL": f"http://127.0.0.1:{self.s3.port}",
            "AWS_ALLOW_HTTP": "true",
            "AWS_ACCESS_KEY_ID": "key",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_REGION": "us-east-1",
        }

    def gateways(self) -> dict[str, Gateway]:
        return {"SMTP": self.smtp, "S3": self.s3, "webhook's receiver": self.webhook}


@contextmanager
def outside(dice: random.Random) -> Iterator[Outside]:
    """All of them, while the block runs."""
    with on_duty() as (postman, address), receiving() as receiver, bucket() as s3_port:
        smtp, s3, webhook = (Gateway(port, dice) for port in (int(address.rpartition(":")[2]), s3_port, receiver.port))
        try:
            yield Outside(postman, receiver, s3_port, smtp, s3, webhook)
        finally:
            for gateway in (smtp, s3, webhook):
                gateway.close()


@contextmanager
def bucket() -> Iterator[int]:
    """The port of a server that speaks S3, in a process of its own, with one bucket."""
    port = free_port()
    words = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        for _ in range(300):
            with suppress(httpx.TransportError):
                httpx.put(f"http://127.0.0.1:{port}/{BUCKET}").raise_for_status()
                break
            time.sleep(0.1)
        yield port
    finally:
        process.kill()
        process.wait()
