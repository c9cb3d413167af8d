"""A service of its own process on a data directory of its own, as its users start it."""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psutil
from msgspec import Struct

from trustwright import embedded


class Service(Struct):
    """`key` may do everything in one account; `database_url` opens the service's own database."""

    port: int
    key: str
    workspace_id: int
    account_id: int
    database_url: str
    process: psutil.Process
    seconds_to_ready: float

    def web_process(self) -> psutil.Process:
        """The process that answers: a child of the one that was started, as PostgreSQL is."""
        children = [child for child in self.process.children(recursive=True) if child.name() != "postgres"]
        return max(children, key=lambda child: child.memory_info().rss)


@contextmanager
def running(folder: Path, program: str = "trustwright") -> Iterator[Service]:
    """Starts the service once to make its data, and again to measure how soon it is ready on data that exist."""
    environment = {**os.environ, "TRUSTWRIGHT_DATA_DIR": str(folder), "TRUSTWRIGHT_LOG_FORMAT": "json"}
    environment.pop("TRUSTWRIGHT_DATABASE_URL", None)
    command = [sys.executable, "-m", program]
    made = subprocess.run(
        [*command, "account", "create", "Bench", "--admin-email", "bench@bench.test", "--json"],
        env=environment,
        capture_output=True,
        check=True,
    )
    account = json.loads(made.stdout)
    port = _free_port()
    started = time.perf_counter()
    with (folder / "serve.log").open("wb") as log:
        server = subprocess.Popen([*command, "serve", "--port", str(port)], env=environment, stderr=log)
    try:
        _await_ready(port)
        postgres = embedded.running(folder)
        if postgres is None:
            raise RuntimeError("The service runs without its PostgreSQL")
        yield Service(
            port=port,
            key=account["apiKey"],
            workspace_id=account["workspaceId"],
            account_id=account["accountId"],
            database_url=postgres.url,
            process=psutil.Process(server.pid),
            seconds_to_ready=time.perf_counter() - started,
        )
    finally:
        server.terminate()
        server.wait(120)


def _await_ready(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz") as answer:
                if answer.status == 200:
                    return
        except urllib.error.URLError:
            time.sleep(0.02)
    raise RuntimeError("The service is not ready after a minute")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
