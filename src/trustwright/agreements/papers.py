"""The contents of agreements on their way: out of the storage, into a sealed copy, and back."""

import asyncio
import hashlib
from pathlib import Path

from trustwright.agreements.certificate import Certificate, pages_of, record_of
from trustwright.agreements.model import Nda
from trustwright.agreements.sealing import seal
from trustwright.files.model import Upload
from trustwright.files.names import LONGEST
from trustwright.files.storage import Storage

SUFFIX = " (signed).pdf"
PDF = "application/pdf"


class ContentChanged(RuntimeError):
    """The storage holds something else than the agreement whose hash is on record."""


async def read_agreement(storage: Storage, account_id: int, nda: Nda) -> bytes:
    """The agreement as it was uploaded, to the last byte. Raises ContentChanged, FileNotFoundError."""
    content = b"".join([part async for part in await storage.get(account_id, nda.sha256)])
    if hashlib.sha256(content).digest() != nda.sha256:
        raise ContentChanged(f"Agreement {nda.id}")
    return content


async def sealed_copy(storage: Storage, account_id: int, nda: Nda, certified: Certificate, folder: Path) -> Upload:
    """The agreement with its certificate, in a folder."""
    content = await read_agreement(storage, account_id, nda)
    path = folder / "sealed"
    await asyncio.to_thread(_seal, content, certified, folder / "agreement", path)
    return await asyncio.to_thread(upload_of, path, nda)


def _seal(content: bytes, certified: Certificate, agreement: Path, to: Path) -> None:
    agreement.write_bytes(content)
    seal(agreement, pages_of(certified), record_of(certified), to)


async def received_copy(content: bytes, nda: Nda, folder: Path) -> Upload:
    """A signed agreement as another provider sent it, in a folder."""
    path = folder / "sealed"
    await asyncio.to_thread(path.write_bytes, content)
    return await asyncio.to_thread(upload_of, path, nda)


def upload_of(path: Path, nda: Nda) -> Upload:
    """A signed copy that lies on disk, named after its agreement."""
    content = path.read_bytes()
    name = Path(nda.name).stem[: LONGEST - len(SUFFIX)] + SUFFIX
    sha256 = hashlib.sha256(content).digest()
    return Upload(name=name, content_type=PDF, size=len(content), sha256=sha256, path=path)
