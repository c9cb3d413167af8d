"""One PostgreSQL for the run, one database cloned from a template and one real server for each worker."""

import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.factories import TLS, Account, World
from trustwright import embedded
from trustwright.migrate import migrate

TEMPLATE = "trustwright_template"
URL = "TRUSTWRIGHT_TEST_DATABASE_URL"
METRICS_TOKEN = "for-metrics-only"
LONGEST = ("test_upload_crash.py", "test_crash.py")
OWN = pytest.StashKey[embedded.Postgres]()


def pytest_xdist_auto_num_workers() -> int:
    """One more than there are cores, for tests spend a part of their time waiting for a server."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes longest begins first, so that no worker is left alone with it at the end."""
    items.sort(key=lambda item: item.path.name not in LONGEST)


def pytest_configure(config: pytest.Config) -> None:
    """The process that hands out the tests starts a database of this run; the workers find it in the environment.

    A URL that is there already is used instead: any PostgreSQL that Trustwright supports."""
    if hasattr(config, "workerinput"):
        return
    if URL not in os.environ:
        config.stash[OWN] = _roomy(Path(tempfile.mkdtemp(prefix="trustwright-tests-")))
        os.environ[URL] = config.stash[OWN].url
    with psycopg.connect(os.environ[URL], autocommit=True) as connection:
        connection.execute(f"drop database if exists {TEMPLATE} with (force)")
        connection.execute(f"create database {TEMPLATE}")
    migrate(named(TEMPLATE))


def _roomy(folder: Path) -> embedded.Postgres:
    """A private database that the servers of all workers at once have connections of."""
    postgres = embedded.start(folder)
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute("alter system set max_connections = 400")
    embedded.stop(postgres)
    return embedded.start(folder)


def pytest_collection_finish() -> None:
    """What was collected stays until the end, so nobody need look through it for garbage again and again."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if OWN in config.stash:
        del os.environ[URL]
        embedded.stop(config.stash[OWN])
        shutil.rmtree(config.stash[OWN].data_dir)


def named(database: str) -> str:
    """The URL of another database of the same server."""
    address = psycopg.conninfo.conninfo_to_dict(os.environ[URL])
    return f"postgresql://{address['user']}@/{database}?host={address['host']}"


@contextmanager
def cloned(name: str) -> Iterator[str]:
    """A migrated, empty database of its own."""
    with psycopg.connect(os.environ[URL], autocommit=True) as connection:
        connection.execute(f"create database {name} template {TEMPLATE}")
        yield named(name)
        connection.execute(f"drop database {name} with (force)")


@contextmanager
def serving(database_url: str, data_dir: Path, port: int, *flags: str, **settings: str) -> Iterator[str]:
    """A server of its own process over a database; its address."""
    always = {"TRUSTWRIGHT_LOG_FORMAT": "json", "TRUSTWRIGHT_METRICS_TOKEN": METRICS_TOKEN}
    environment = {**os.environ, **always, **settings}
    command = [sys.executable, "-m", "trustwright", "serve", "--port", str(port), "--data-dir", str(data_dir)]
    log = data_dir / "serve.log"
    with log.open("wb") as output:
        server = subprocess.Popen([*command, "--database-url", database_url, *flags], env=environment, stderr=output)
        address = f"http://127.0.0.1:{port}"
        try:
            await_ready(address, server, log)
            yield address
        finally:
            server.terminate()
            server.wait(60)


def await_ready(address: str, server: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if httpx.get(f"{address}/readyz", verify=TLS).status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"The server did not start:\n{log.read_text()}")


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="session")
def database_url(worker_id: str) -> Iterator[str]:
    with cloned(f"trustwright_{worker_id}") as url:
        yield url


@pytest.fixture(scope="session")
def world(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("server")
    with serving(database_url, folder, free_port()) as address:
        world = World(database_url, address)
        yield world
        world.close()


@pytest.fixture
def acme(world: World) -> Account:
    """Alice's account."""
    return world.account("Acme")


@pytest.fixture
def globex(world: World) -> Account:
    """Another company's account, which must see nothing of Acme's."""
    return world.account("Globex")
