"""A database that no server works on, a receiver, and a desk that delivers to it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import cloned
from tests.factories import World
from tests.webhooks.receiver import Desk, Receiver, receiving


@pytest.fixture(scope="session")
def backstage(worker_id: str) -> Iterator[World]:
    with cloned(f"trustwright_webhooks_{worker_id}") as url:
        world = World(url, "http://nobody.test")
        yield world
        world.close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def desk(backstage: World, receiver: Receiver, tmp_path: Path) -> Desk:
    """Acme, with a webhook that leads to the receiver."""
    return Desk(backstage, backstage.account("Acme"), receiver.url, tmp_path)
