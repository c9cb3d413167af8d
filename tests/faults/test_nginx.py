"""The example for nginx: reads find the member that lives, and what writes is sent once."""

import shutil
import socketserver
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import httpx
import pytest

from tests.conftest import free_port
from tests.factories import TLS
from tests.faults.outside import reset
from tests.faults.service import answers, example

PROGRAM = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")

pytestmark = pytest.mark.skipif(PROGRAM is None, reason="NO NGINX HERE: its example was not tried")


class Web:
    """One of two members, which answers, or dies when it has read the request."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.dies = False
        self.port = 0


@contextmanager
def member() -> Iterator[Web]:
    web = Web()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            method = self.rfile.readline().decode().partition(" ")[0]
            while self.rfile.readline().strip():
                pass
            if not method:
                return
            web.asked.append(method)
            if web.dies:
                reset(self.request)
                return
            self.wfile.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        web.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield web
        server.shutdown()
        thread.join()


@pytest.fixture
def pair(tmp_path: Path) -> Iterator[tuple[str, Web, Web]]:
    """The address of nginx, and the members behind it."""
    with ExitStack() as stack:
        first, second = stack.enter_context(member()), stack.enter_context(member())
        front = free_port()
        words = example(tmp_path, [first.port, second.port], front)
        process = subprocess.Popen(words, stderr=subprocess.DEVNULL)
        try:
            deadline = time.monotonic() + 10
            while not answers(f"http://127.0.0.1:{front}/readyz") and time.monotonic() < deadline:
                time.sleep(0.05)
            first.asked.clear()
            second.asked.clear()
            yield f"http://127.0.0.1:{front}", first, second
        finally:
            process.terminate()
            process.wait(10)


def test_a_read_is_answered_by_the_member_that_lives(pair: tuple[str, Web, Web]) -> None:
    address, first, second = pair
    first.dies = True

    assert [httpx.get(address, verify=TLS).status_code for _ in range(4)] == [200] * 4

    assert first.asked
    assert second.asked


@pytest.mark.parametrize("method", ["POST", "PATCH", "PUT", "DELETE"])
def test_what_writes_is_sent_once(pair: tuple[str, Web, Web], method: str) -> None:
    address, first, second = pair
    first.dies = second.dies = True

    assert httpx.request(method, address, verify=TLS).status_code == 502

    assert first.asked + second.asked == [method]


def test_metrics_are_not_shown(pair: tuple[str, Web, Web]) -> None:
    assert httpx.get(f"{pair[0]}/metrics", verify=TLS).status_code == 404
