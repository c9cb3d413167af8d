"""A service on its private database that dies suddenly, and comes back."""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.conftest import await_ready, free_port
from tests.factories import TLS


def command(data_dir: Path, *words: str) -> Any:
    """What a command of the command line prints as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", "trustwright", *words, "--data-dir", str(data_dir)],
        env=_environment(),
        capture_output=True,
        check=True,
    )
    return json.loads(done.stdout)


@contextmanager
def server(data_dir: Path, **settings: str) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """The address and the process; what is left of it and of its database is ended with the block."""
    port = free_port()
    log = data_dir / "serve.log"
    words = [sys.executable, "-m", "trustwright", "serve", "--port", str(port), "--data-dir", str(data_dir)]
    with log.open("wb") as output:
        process = subprocess.Popen(words, env={**_environment(), **settings}, stderr=output)
    try:
        await_ready(f"http://127.0.0.1:{port}", process, log)
        yield f"http://127.0.0.1:{port}", process
    finally:
        process.terminate()
        process.wait(60)


def kill(process: subprocess.Popen[bytes], data_dir: Path, *, with_database: bool) -> None:
    postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    database = [psutil.Process(postmaster), *psutil.Process(postmaster).children(recursive=True)]
    process.send_signal(signal.SIGKILL)
    process.wait(60)
    if with_database:
        for part in database:
            with suppress(psutil.NoSuchProcess):
                part.kill()


def calling(address: str, account: Any) -> httpx.Client:
    return httpx.Client(
        base_url=address, headers={"Authorization": f"Bearer {account['apiKey']}"}, timeout=30, verify=TLS
    )


def everything(client: httpx.Client, path: str, **filters: str) -> list[dict[str, Any]]:
    """All rows of a list, page by page."""
    rows: list[dict[str, Any]] = []
    cursor: str | None = ""
    while cursor is not None:
        page = client.get(path, params={"size": 500, **filters, **({"cursor": cursor} if cursor else {})}).json()
        rows += page["data"]
        cursor = page["pagination"]["cursor"]
    return rows


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith("TRUSTWRIGHT_")}
