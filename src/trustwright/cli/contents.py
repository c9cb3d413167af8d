"""The contents of files in backups, in restores, and in the doctor's check."""

import asyncio
import tarfile
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import suppress
from pathlib import Path
from shutil import copyfileobj
from typing import Any, TypeVar

from trustwright.accounts.store import all_accounts
from trustwright.cli.common import as_operator, opened
from trustwright.db import Database
from trustwright.files import actions
from trustwright.files.model import Blob
from trustwright.files.storage import connect, key_of
from trustwright.settings import Settings

T = TypeVar("T")

FOLDER = "files/"


def local_folder(settings: Settings) -> Path | None:
    """Where the contents lie on this machine; None when they lie elsewhere."""
    return connect(settings.storage_url, settings.data_dir).folder


def add_contents(archive: tarfile.TarFile, folder: Path) -> None:
    """Puts the contents into a backup. After the database was dumped, so that all that the dump names is among them: a
    content stays as it is for as long as a file names it."""
    for path in sorted(folder.glob("*/*/*")):
        # Behind a `#` is what is still being written; and what no file names may vanish meanwhile.
        if "#" not in path.name:
            with suppress(FileNotFoundError):
                archive.add(path, FOLDER + str(path.relative_to(folder)))


def extract_contents(archive: tarfile.TarFile, folder: Path, url: str) -> None:
    """Brings the contents that the restored database names to their folder."""
    named = {FOLDER + key_of(account_id, blob.sha256) for account_id, blob in _run(url, _named)}
    extract(archive, {name: folder / name.removeprefix(FOLDER) for name in named})


def extract(archive: tarfile.TarFile, places: dict[str, Path]) -> None:
    """Brings the files of these names to their places, and nothing else of what an archive may hold."""
    for member in archive:
        content = archive.extractfile(member) if member.name in places else None
        if content is not None:
            path = places[member.name]
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("wb") as file:
                copyfileobj(content, file)


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
