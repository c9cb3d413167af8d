"""Where the contents of files lie: a local directory, or any store that speaks S3."""

import asyncio
import os
import secrets
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url

MIB = 1024 * 1024

# What a transfer holds in memory: one part at a time. S3 takes parts of at least 5 MiB.
LOCAL_PART = MIB // 4
REMOTE_PART = 5 * MIB


class Storage:
    """Objects by account and SHA-256. Every write is whole or absent, and lasts once it is acknowledged."""

    def __init__(self, url: str, folder: Path | None) -> None:
        self._url = url
        self.folder = folder

    @cached_property
    def _store(self) -> ObjectStore:
        """Made when it is first used: only then must there be a folder, or credentials."""
        return LocalStore(self.folder, mkdir=True) if self.folder else from_url(self._url)

    async def put(self, account_id: int, sha256: bytes, path: Path) -> None:
        """Stores what lies at `path`, read in parts."""
        key = key_of(account_id, sha256)
        part = LOCAL_PART if self.folder else REMOTE_PART
        await self._store.put_async(key, path, chunk_size=part, max_concurrency=1)
        if self.folder:
            await asyncio.to_thread(_make_durable, self.folder, key)

    async def get(self, account_id: int, sha256: bytes) -> AsyncIterator[bytes]:
        """The content in parts. Raises FileNotFoundError before the first."""
        found = await self._store.get_async(key_of(account_id, sha256))
        return aiter(found.stream(min_chunk_size=LOCAL_PART))

    async def size(self, account_id: int, sha256: bytes) -> int | None:
        """The size of an object, None when there is none."""
        try:
            return (await self._store.head_async(key_of(account_id, sha256)))["size"]
        except FileNotFoundError:
            return None

    async def probe(self, data_dir: Path) -> None:
        """Writes an object, reads it back and removes it. Raises OSError."""
        content = secrets.token_bytes(32)
        with tempfile.NamedTemporaryFile(dir=data_dir) as file:
            Path(file.name).write_bytes(content)
            try:
                await self.put(0, content, Path(file.name))
                kept = b"".join([bytes(part) async for part in await self.get(0, content)])
                await self.delete(0, content)
            except BaseError as error:
                raise OSError(str(error).splitlines()[0]) from error
        if kept != content:
            raise OSError("what was written reads differently")

    async def delete(self, account_id: int, sha256: bytes) -> None:
        """Removes an object, and what a put that was cut short left of it. No error when there is none."""
        key = key_of(account_id, sha256)
        with suppress(FileNotFoundError):
            await self._store.delete_async(key)
        if self.folder:
            await asyncio.to_thread(_remove_parts, self.folder / key)


def connect(url: str, data_dir: Path) -> Storage:
    """The storage of `file:///...`, `s3://bucket/prefix` or any address obstore knows; none: a folder of the data
    directory. What a store needs besides comes from its own variables, such as AWS_ENDPOINT."""
    if not url or url.startswith("file://"):
        folder = Path(unquote(url.removeprefix("file://"))) if url else data_dir.absolute() / "files"
        return Storage(url, folder)
    return Storage(url, None)


def key_of(account_id: int, sha256: bytes) -> str:
    """The name of an object: `7/ab/ab...`."""
    name = sha256.hex()
    return f"{account_id}/{name[:2]}/{name}"


def _make_durable(folder: Path, key: str) -> None:
    """Has the disk keep a file and the names that lead to it, whatever wrote it."""
    path = folder / key
    for place in (path, *path.parents[:3]):
        descriptor = os.open(place, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)


def _remove_parts(path: Path) -> None:
    """A put writes beside the name that it will have, with `#` and a number behind it."""
    for part in path.parent.glob(f"{path.name}#*"):
        part.unlink(missing_ok=True)
