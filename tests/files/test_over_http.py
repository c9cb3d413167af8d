"""Files through the running service: its sockets, its storage, its worker."""

import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.conftest import cloned, free_port, serving
from tests.factories import Account, World
from tests.files.clamd import EICAR, Clamd, clamd
from tests.files.samples import PDF

MIB = 1024 * 1024
LIMIT = 3 * MIB


class Service:
    """A server with a scanner, a vendor of Acme's, and the folder where the server keeps files."""

    def __init__(self, account: Account, folder: Path, address: str) -> None:
        self.account = account
        self.folder = folder
        self.address = address
        vendor = account.alice.post("/public/v2/vendors", json={"name": "Initech"})
        self.path = f"/public/v2/vendors/{vendor.raise_for_status().json()['id']}/documents"

    def upload(self, content: bytes, name: str = "report.pdf") -> httpx.Response:
        data = {"type": "COMPLIANCE_REPORT"}
        return self.account.alice.post(self.path, files={"file": (name, content)}, data=data)

    def link(self, document_id: int) -> str:
        document = self.account.alice.get(f"{self.path}/{document_id}").raise_for_status().json()
        address: str = document["downloadUrl"]["signedUrl"]
        return address

    def files(self) -> list[Path]:
        """What lies in the storage or is on its way there."""
        folders = [self.folder / "files", self.folder / "incoming"]
        return [path for folder in folders for path in folder.rglob("*") if path.is_file()]

    def documents(self) -> int:
        return len(self.account.alice.get(self.path).raise_for_status().json()["data"])


@pytest.fixture(scope="module")
def scanner() -> Iterator[Clamd]:
    with clamd() as server:
        yield server


@pytest.fixture(scope="module")
def server(worker_id: str, scanner: Clamd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Path]]:
    folder = tmp_path_factory.mktemp("files")
    settings = {
        "TRUSTWRIGHT_MAX_FILE": str(LIMIT),
        "TRUSTWRIGHT_CLAMD_URL": scanner.url,
        "TRUSTWRIGHT_REQUIRE_SCAN": "true",
    }
    with cloned(f"trustwright_files_{worker_id}") as url, serving(url, folder, free_port(), **settings) as address:
        world = World(url, address)
        yield world, folder
        world.close()


@pytest.fixture
def service(server: tuple[World, Path]) -> Service:
    world, folder = server
    return Service(world.account(), folder, world.address)


def eventually(fetch: Any, wanted: int) -> httpx.Response:
    """The answer once it has this status."""
    deadline = time.monotonic() + 30
    while True:
        answer: httpx.Response = fetch()
        if answer.status_code == wanted or time.monotonic() > deadline:
            assert answer.status_code == wanted, answer.text
            return answer
        time.sleep(0.05)


def test_a_file_comes_back_byte_for_byte_once_the_worker_had_it_scanned(service: Service) -> None:
    content = PDF + os.urandom(400_000) + b"\n%%EOF"
    document = service.upload(content)
    assert document.status_code == 201, document.text
    link = service.link(document.json()["id"])
    assert link.startswith(f"{service.address}/files/")

    with httpx.Client() as client:
        answer = eventually(lambda: client.get(link), 200)
        assert answer.content == content
        # The connection stays open for the next.
        assert client.get(link).content == content
        assert client.head(link).headers["content-length"] == str(len(content))


def test_a_virus_is_never_given_out(service: Service) -> None:
    document = service.upload(PDF + EICAR).json()
    link = service.link(document["id"])

    answer = eventually(lambda: httpx.get(link) if "about to" not in httpx.get(link).text else httpx.Response(0), 409)

    assert "The virus scanner found something" in answer.text


@pytest.mark.parametrize("size", [LIMIT + 1, 20 * LIMIT])
def test_a_client_that_sends_too_much_hears_so(service: Service, size: int) -> None:
    answer = service.upload(PDF + b"x" * size)

    assert answer.status_code == 413, answer.text
    assert answer.json()["name"] == "PayloadTooLargeException"
    assert service.documents() == 0


def test_a_client_that_goes_away_in_the_middle_leaves_nothing(service: Service) -> None:
    before = service.files()
    host, port = service.address.removeprefix("http://").split(":")
    key = service.account.alice.headers["Authorization"]
    head = (
        f"POST {service.path} HTTP/1.1\r\nHost: x\r\nAuthorization: {key}\r\n"
        "Content-Type: multipart/form-data; boundary=b\r\nContent-Length: 2000000\r\n\r\n"
        '--b\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n%PDF-'
    )
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(head.encode() + b"x" * MIB)
        deadline = time.monotonic() + 20
        while service.files() == before and time.monotonic() < deadline:
            time.sleep(0.01)
        assert service.files() != before

    deadline = time.monotonic() + 20
    while service.files() != before and time.monotonic() < deadline:
        time.sleep(0.05)
    assert service.files() == before
    assert service.documents() == 0


def test_a_refused_file_leaves_nothing(service: Service) -> None:
    before = service.files()

    assert service.upload(b"MZ", "report.pdf").status_code == 400
    assert service.upload(PDF, "report.exe").status_code == 400
    assert service.files() == before
    assert service.documents() == 0


def test_a_reader_who_goes_away_does_no_harm(service: Service) -> None:
    content = PDF + os.urandom(450_000)
    link = service.link(service.upload(content).json()["id"])
    eventually(lambda: httpx.head(link), 200)

    for _ in range(5):
        with httpx.stream("GET", link) as answer:
            next(answer.iter_raw(1000))
    assert httpx.get(link).content == content
