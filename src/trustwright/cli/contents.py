"""The contents of files in backups, in restores, and in the doctor's check."""

import asyncio
import hashlib
import os
import re
import tarfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from shutil import copyfileobj
from typing import IO, Any, TypeVar

from trustwright.accounts.store import all_accounts
from trustwright.cli.common import as_operator, opened
from trustwright.db import Database
from trustwright.files import actions
from trustwright.files.model import Blob
from trustwright.files.storage import MIB, Storage, connect, key_of
from trustwright.settings import Settings

T = TypeVar("T")

FOLDER = "files/"
CONTENT = re.compile(r"files/(?P<account>\d+)/[0-9a-f]{2}/(?P<sha256>[0-9a-f]{64})")
SUMS = "SHA256SUMS"


class Broken(Exception):
    """An archive is cut off or damaged; the message says what is wrong with it."""


def local_folder(settings: Settings) -> Path | None:
    """Where the contents lie on this machine; None when they lie elsewhere."""
    return connect(settings.storage_url, settings.data_dir).folder


def name_of(account_id: int, sha256: bytes) -> str:
    """What a content is called in an archive."""
    return FOLDER + key_of(account_id, sha256)


def pack(archive: Path, places: dict[str, Path]) -> dict[str, str]:
    """Makes an archive of the files at some places, for its owner's eyes only and kept by the disk; what is not there
    is left out. The SHA-256 of each that is in it, by name."""
    sums: dict[str, str] = {}
    archive.touch(0o600)
    with archive.open("r+b") as file:
        with tarfile.open(fileobj=file, mode="w") as tar:
            for name, place in places.items():
                with suppress(FileNotFoundError), place.open("rb") as content:
                    sums[name] = _add(tar, name, content)
            text = _listing(sums)
            _add(tar, SUMS, BytesIO(text), len(text))
        file.flush()
        os.fsync(file.fileno())
    return sums


def faulty(places: dict[str, Path], sums: dict[str, str]) -> list[str]:
    """Those that were to be packed and are not there, and contents that are not what their names say."""
    return [name for name in places if name not in sums or (CONTENT.fullmatch(name) and not name.endswith(sums[name]))]


def check(archive: Path) -> set[str]:
    """The names of all that an archive holds. Raises Broken, before it has cost anything but time."""
    sums: dict[str, str] = {}
    said = b""
    try:
        with tarfile.open(archive, "r:") as tar:
            for member in tar:
                content = tar.extractfile(member)
                if content is None:
                    raise Broken(f"{member.name} in it is no file")
                if member.name == SUMS:
                    said = content.read()
                else:
                    sums[member.name] = _sum(content)
    except (tarfile.TarError, OSError) as error:
        raise Broken(str(error)) from error
    if not said:
        raise Broken("its end is missing")
    if said != _listing(sums):
        raise Broken("its checksums do not fit")
    return set(sums)


def extract(archive: Path, places: dict[str, Path]) -> None:
    """Brings the files of these names to their places, for their owner's eyes only."""
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            content = tar.extractfile(member) if member.name in places else None
            if content is not None:
                places[member.name].touch(0o600)
                with places[member.name].open("wb") as file:
                    copyfileobj(content, file)


async def put_contents(archive: Path, storage: Storage, folder: Path) -> None:
    """Brings the contents in an archive to a storage, by way of a folder."""
    with tarfile.open(archive, "r:") as tar:
        for member in tar:
            match, content = CONTENT.fullmatch(member.name), tar.extractfile(member)
            if match and content is not None:
                with (folder / "content").open("wb") as file:
                    copyfileobj(content, file)
                await storage.put(int(match["account"]), bytes.fromhex(match["sha256"]), folder / "content")


def _add(tar: tarfile.TarFile, name: str, content: IO[bytes], size: int | None = None) -> str:
    """Adds a file, whose SHA-256 is returned."""
    member = tarfile.TarInfo(name)
    member.size = os.fstat(content.fileno()).st_size if size is None else size
    member.mode = 0o600
    summed = _Summed(content)
    tar.addfile(member, summed)
    return summed.sha256.hexdigest()


class _Summed:
    """A file that is read once, and summed up on the way."""

    def __init__(self, content: IO[bytes]) -> None:
        self.content = content
        self.sha256 = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        part = self.content.read(size)
        self.sha256.update(part)
        return part


def _sum(content: IO[bytes]) -> str:
    summed = _Summed(content)
    while summed.read(MIB):
        pass
    return summed.sha256.hexdigest()


def _listing(sums: dict[str, str]) -> bytes:
    """The text of SHA256SUMS."""
    return "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)).encode()


def missing(settings: Settings, url: str) -> list[str]:
    """The keys of the contents that files name and the storage does not hold in full length."""
    storage = connect(settings.storage_url, settings.data_dir)

    async def look(database: Database) -> list[str]:
        return [
            key_of(account_id, blob.sha256)
            for account_id, blob in await _named(database)
            if await storage.size(account_id, blob.sha256) != blob.size
        ]

    return _run(url, look)


def _run(url: str, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    async def run() -> T:
        async with opened(url) as database:
            return await work(database)

    return asyncio.run(run())


async def _named(database: Database) -> list[tuple[int, Blob]]:
    """Every content that a file names, with its account."""
    accounts = [account.account_id for account in await all_accounts(database)]
    return [(account_id, blob) for account_id in accounts async for blob in _blobs(database, account_id)]


async def _blobs(database: Database, account_id: int) -> AsyncIterator[Blob]:
    last = b""
    while True:
        async with database.read(as_operator(account_id)) as tx:
            blobs = await actions.named_blobs(tx, last)
        if not blobs:
            return
        for blob in blobs:
            yield blob
        last = blobs[-1].sha256
