"""Documents on their way out: stamped copies, made once for each grant, and how a browser is told to take them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import UUID
from weakref import WeakValueDictionary

import structlog
from msgspec import Struct

from trustwright.access.model import SESSION_LASTS, HeldBack
from trustwright.access.stamp_drawing import Stamp
from trustwright.access.stamping import Unstampable, stamp
from trustwright.files.model import StoredFile
from trustwright.files.storage import Storage
from trustwright.http.incoming import folder_of_request

log = structlog.get_logger()

PDF = "application/pdf"
PART = 256 * 1024
FRESH = SESSION_LASTS.total_seconds()

# Stamps are made by the processor, which has other things to do.
making = asyncio.Semaphore(2)
locks: "WeakValueDictionary[Path, asyncio.Lock]" = WeakValueDictionary()


class Source(Struct, frozen=True, kw_only=True):
    """A file of an account, and the grant and the request for which it goes out."""

    account_id: int
    file: StoredFile
    grant_id: int
    request_id: UUID


async def stamped_copy(data_dir: Path, storage: Storage, source: Source, text: Stamp) -> BinaryIO:
    """The stamped copy, open for reading: for twelve hours it is the same, byte by byte. Raises HeldBack where a PDF
    cannot be stamped after all: none goes out without."""
    target = path_of(data_dir, source)
    async with locks.setdefault(target, asyncio.Lock()):
        copy = await asyncio.to_thread(_opened, target)
        if copy is None:
            await _make(data_dir, storage, source, text, target)
            copy = await asyncio.to_thread(target.open, "rb")
        return copy


def path_of(data_dir: Path, source: Source) -> Path:
    """Where the copy lies."""
    name = f"{source.file.sha256.hex()}-{source.grant_id}-{source.request_id}.pdf"
    return _folder(data_dir) / str(source.account_id) / name


async def _make(data_dir: Path, storage: Storage, source: Source, text: Stamp, target: Path) -> None:
    """A name is given to a finished copy only, so that whoever finds it finds all of it."""
    async with making, folder_of_request(data_dir) as folder:
        with (folder / "source").open("wb") as output:
            async for part in await storage.get(source.account_id, source.file.sha256):
                await asyncio.to_thread(output.write, part)
        try:
            await asyncio.to_thread(stamp, folder / "source", folder / "stamped", text)
        except Unstampable as error:
            log.error("document cannot be stamped", file_id=source.file.id, reason=str(error))
            raise HeldBack(
                "This document cannot be prepared for you, so it was not sent. Tell who shares it"
            ) from error
        await asyncio.to_thread(_put, folder / "stamped", target)


def _put(made: Path, target: Path) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    remove_old(target.parent)
    made.chmod(0o600)
    # Another process may have been faster; what it gave out already stays what it is.
    if not _is_fresh(target):
        made.replace(target)


def _opened(target: Path) -> BinaryIO | None:
    with suppress(FileNotFoundError):
        return target.open("rb") if _is_fresh(target) else None
    return None


def _is_fresh(path: Path) -> bool:
    with suppress(FileNotFoundError):
        return time.time() - path.stat().st_mtime < FRESH
    return False


def remove_old(folder: Path) -> int:
    """Removes the copies in a folder that nobody gets any more; how many."""
    old = [path for path in folder.glob("*.pdf") if not _is_fresh(path)]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def remove_all_old(data_dir: Path) -> int:
    """The same for all accounts."""
    return sum(remove_old(folder) for folder in _folder(data_dir).glob("*"))


def _folder(data_dir: Path) -> Path:
    return data_dir.absolute() / "stamped"


async def parts_of(copy: BinaryIO) -> AsyncIterator[bytes]:
    """What an open file holds, part by part; it is closed at the end."""
    with copy:
        while part := await asyncio.to_thread(copy.read, PART):
            yield part
