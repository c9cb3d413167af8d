"""What every upload to a trust center has in common."""

from collections.abc import Callable, Iterator

import httpx
import pytest

from tests.conftest import free_port, serving
from tests.documents import pdf
from tests.factories import Account, World
from tests.trust.cast import LOGO, PNG, Json, checked, document, events, post_document, post_nda, post_version, refused

Send = Callable[[Account, Json, int], httpx.Response]


def send_logo(account: Account, _: Json, padding: int) -> httpx.Response:
    return checked(account.alice).post(LOGO, data={"kind": "logo"}, files={"file": ("a.png", PNG + b"0" * padding)})


UPLOADS: list[Send] = [
    lambda account, _, padding: post_document(account, content=pdf("Large", padding=padding)),
    lambda account, made, padding: post_version(account, made, pdf("Large", padding=padding)),
    lambda account, _, padding: post_nda(account, pdf("Large", padding=padding)),
    send_logo,
]
every_upload = pytest.mark.parametrize("send", UPLOADS, ids=["document", "version", "nda", "logo"])


@pytest.fixture(scope="module")
def narrow(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service that takes small files only."""
    folder = tmp_path_factory.mktemp("narrow")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_MAX_FILE="2000") as address:
        yield address


@pytest.fixture(scope="module")
def unscanned(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A service whose scanner is away."""
    folder = tmp_path_factory.mktemp("unscanned")
    with serving(world.database_url, folder, free_port(), TRUSTWRIGHT_REQUIRE_SCAN="true") as address:
        yield address


@every_upload
def test_a_file_that_is_too_large_is_413(narrow: str, acme: Account, send: Send) -> None:
    made = document(acme)
    before = events(acme)
    acme.alice.base_url = httpx.URL(narrow)

    refused(send(acme, made, 2000), 413)
    assert send(acme, made, 0).is_success

    assert len(events(acme)) == len(before) + 1


@every_upload
def test_without_the_scanner_that_must_look_it_is_503(unscanned: str, acme: Account, send: Send) -> None:
    made = document(acme)
    before = events(acme)
    acme.alice.base_url = httpx.URL(unscanned)

    refused(send(acme, made, 0), 503, "scanner")

    assert events(acme) == before
