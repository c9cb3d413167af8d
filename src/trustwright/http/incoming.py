"""Files on their way in: a folder for each request, which is gone when the request is."""

import asyncio
import hashlib
import shutil
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from trustwright.errors import TooLarge

PIECE = 256 * 1024  # what is written and hashed at once, away from the event loop
ABANDONED = 24 * 3600


@asynccontextmanager
async def folder_of_request(data_dir: Path) -> AsyncIterator[Path]:
    """An empty folder that lasts as long as the block."""
    folder = await asyncio.to_thread(_new_folder, data_dir)
    try:
        yield folder
    finally:
        await asyncio.to_thread(shutil.rmtree, folder, ignore_errors=True)


def remove_abandoned(data_dir: Path) -> None:
    """Removes what requests left that were killed more than a day ago."""
    for folder in _incoming(data_dir).glob("*"):
        # Another process that starts at the same time may be faster.
        with suppress(FileNotFoundError):
            if time.time() - folder.stat().st_mtime > ABANDONED:
                shutil.rmtree(folder, ignore_errors=True)


def _new_folder(data_dir: Path) -> Path:
    incoming = _incoming(data_dir)
    incoming.mkdir(mode=0o700, parents=True, exist_ok=True)
    return Path(tempfile.mkdtemp(dir=incoming))


def _incoming(data_dir: Path) -> Path:
    return data_dir.absolute() / "incoming"


class Sink:
    """A file of limited size under way, its hash counted as it is written."""

    def __init__(self, path: Path, limit: int) -> None:
        self.path = path
        self.size = 0
        self._limit = limit
        self._hash = hashlib.sha256()

    def append(self, *pieces: bytes) -> None:
        """Raises TooLarge."""
        self.size += sum(map(len, pieces))
        if self.size > self._limit:
            raise TooLarge(f"A file must not be larger than {self._limit} bytes")
        with self.path.open("ab") as file:
            for piece in pieces:
                self._hash.update(piece)
                file.write(piece)

    def restart(self) -> None:
        """Forgets what was written."""
        self.path.unlink(missing_ok=True)
        self.size = 0
        self._hash = hashlib.sha256()

    def sha256(self) -> bytes:
        return self._hash.digest()


class Writer:
    """Writes to a sink from the event loop, without holding it up."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self._waiting: list[bytes] = []
        self._size = 0

    async def write(self, data: bytes) -> None:
        """Raises TooLarge."""
        self._waiting.append(data)
        self._size += len(data)
        if self._size >= PIECE:
            await self.flush()

    async def flush(self) -> None:
        """Raises TooLarge."""
        pieces, self._waiting, self._size = self._waiting, [], 0
        await asyncio.to_thread(self.sink.append, *pieces)
