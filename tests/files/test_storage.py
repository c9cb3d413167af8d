"""The storage: a local folder, and a server that speaks S3."""

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

from trustwright.files.storage import Storage, connect, key_of

CONTENT = os.urandom(300_000) * 40  # of several parts
SHA256 = hashlib.sha256(CONTENT).digest()


@pytest.fixture(scope="module")
def s3() -> Iterator[str]:
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    yield f"http://127.0.0.1:{port}"
    server.stop()


@pytest.fixture
def bucket(s3: str, monkeypatch: pytest.MonkeyPatch) -> str:
    for name, value in {
        "AWS_ENDPOINT_URL": s3,
        "AWS_ALLOW_HTTP": "true",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    httpx.put(f"{s3}/trustwright").raise_for_status()
    return f"s3://trustwright/some/{uuid4()}"


@pytest.fixture(params=["", "file", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    urls: dict[str, Callable[[], str]] = {
        "": lambda: "",
        "file": lambda: f"file://{tmp_path}/elsewhere/deep",
        "s3": lambda: request.getfixturevalue("bucket"),
    }
    return connect(urls[request.param](), tmp_path)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "content").write_bytes(CONTENT)
    return tmp_path / "content"


async def read(storage: Storage, account_id: int = 7) -> bytes:
    return b"".join([part async for part in await storage.get(account_id, SHA256)])


def test_what_was_put_comes_back(storage: Storage, path: Path) -> None:
    async def run() -> None:
        await storage.put(7, SHA256, path)
        await storage.put(7, SHA256, path)
        assert await storage.size(7, SHA256) == len(CONTENT)
        assert await read(storage) == CONTENT

    asyncio.run(run())


def test_what_is_not_there_has_no_size_and_cannot_be_read(storage: Storage) -> None:
    async def run() -> None:
        assert await storage.size(7, SHA256) is None
        with pytest.raises(FileNotFoundError):
            await storage.get(7, SHA256)

    asyncio.run(run())


def test_what_was_deleted_is_gone_and_may_be_deleted_again(storage: Storage, path: Path) -> None:
    async def run() -> None:
        await storage.put(7, SHA256, path)
        await storage.delete(7, SHA256)
        await storage.delete(7, SHA256)
        assert await storage.size(7, SHA256) is None

    asyncio.run(run())


def test_accounts_share_nothing(storage: Storage, path: Path) -> None:
    async def run() -> None:
        await storage.put(7, SHA256, path)
        await storage.put(8, SHA256, path)
        await storage.delete(7, SHA256)
        assert await read(storage, 8) == CONTENT

    asyncio.run(run())


def test_a_storage_that_works_is_found_to_work(storage: Storage, tmp_path: Path) -> None:
    asyncio.run(storage.probe(tmp_path))


def test_a_bucket_that_is_not_there_is_found(bucket: str, tmp_path: Path) -> None:
    with pytest.raises(OSError, match=r"NoSuchBucket|404|not found"):
        asyncio.run(connect("s3://nobody", tmp_path).probe(tmp_path))


def test_a_local_content_lies_under_its_hash_and_no_other_name(tmp_path: Path, path: Path) -> None:
    asyncio.run(connect("", tmp_path).put(7, SHA256, path))

    name = SHA256.hex()
    files = [found for found in (tmp_path / "files").rglob("*") if found.is_file()]
    assert files == [tmp_path / "files" / "7" / name[:2] / name]
    assert key_of(7, SHA256) == f"7/{name[:2]}/{name}"


def test_what_a_put_that_was_cut_short_left_goes_with_the_content(tmp_path: Path, path: Path) -> None:
    storage = connect("", tmp_path)
    asyncio.run(storage.put(7, SHA256, path))
    whole = tmp_path / "files" / key_of(7, SHA256)
    whole.rename(f"{whole}#1")

    asyncio.run(storage.delete(7, SHA256))

    assert [*whole.parent.iterdir()] == []


def test_a_local_put_is_on_the_disk_before_it_is_acknowledged(
    tmp_path: Path, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    real: Any = os.fsync

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    asyncio.run(connect("", tmp_path).put(7, SHA256, path))

    whole = tmp_path / "files" / key_of(7, SHA256)
    assert synced == [str(place) for place in (whole, *whole.parents[:3])]
