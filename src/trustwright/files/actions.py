"""What is done with files: keep their contents, name them, let go of them. Who adds a file records the event."""

from datetime import datetime, timedelta
from uuid import UUID

from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files import store
from trustwright.files.model import Blob, Claim, KeptFile, ScanState, StoredFile
from trustwright.files.storage import Storage

SCAN = "files.scan"
COLLECT = "files.collect"
UNSETTLED = (ScanState.PENDING, ScanState.ERROR)

BATCH = 1000


class ContentGone(RuntimeError):
    """The content of an upload was collected before a file named it; the upload took longer than `collect_after`."""


async def claim(tx: Tx, sha256: bytes, size: int) -> Claim:
    """Must be committed before the object is written."""
    return await store.claim(tx, sha256, size)


async def add_file(tx: Tx, kept: KeptFile) -> StoredFile:
    """Names a content that is in the storage, and has it scanned. Raises ContentGone."""
    file = await store.insert_file(tx, kept)
    if file is None:
        raise ContentGone
    if file.scan_state is ScanState.PENDING:
        await tx.defer(SCAN, file_id=file.id)
    return file


async def files_by_id(tx: Tx, ids: set[int]) -> dict[int, StoredFile]:
    """The files among these ids that exist."""
    return {file.id: file for file in await store.files_by_id(tx, list(ids))} if ids else {}


async def get_file(tx: Tx, file_id: int) -> StoredFile:
    """A file. Raises NotFound."""
    files = await store.files_by_id(tx, [file_id])
    if not files:
        raise NotFound(f"No file {file_id}")
    return files[0]


async def settle(tx: Tx, file_id: int, state: ScanState, detail: str | None) -> None:
    """Keeps what the scanner said of a file. Raises NotFound."""
    file = await store.get_file_for_update(tx, file_id)
    if file is None:
        raise NotFound(f"No file {file_id}")
    if file.scan_state not in UNSETTLED:
        return
    await store.set_scan(tx, file_id, state, detail)
    if state is ScanState.INFECTED:
        await record(
            tx,
            EventType.FILE_UPLOAD_REJECTED,
            f"The virus scanner found {detail} in {file.name}",
            target={"kind": "file", "id": file_id},
            before={"scanState": file.scan_state},
            after={"scanState": state, "scanDetail": detail},
        )


async def scan_again(tx: Tx) -> None:
    """Defers the scan of files from an hour to a day old that no scan has settled: their job may be lost."""
    for file_id in await store.unsettled_files(tx, tx.now - timedelta(days=1), tx.now - timedelta(hours=1)):
        await tx.defer(SCAN, file_id=file_id)


async def record_download(tx: Tx, file: StoredFile) -> None:
    """Notes that a file was fetched by its link."""
    await record(
        tx,
        EventType.VENDOR_DOCUMENT_DOWNLOADED,
        f"{file.name} was downloaded",
        target={"kind": "file", "id": file.id, "name": file.name},
    )


async def named_blobs(tx: Tx, after: bytes) -> list[Blob]:
    """Some of the contents that files name, in the order of their SHA-256, after one."""
    return await store.named_blobs(tx, after, BATCH)


async def take_back(tx: Tx, storage: Storage, sha256: bytes, generation: UUID) -> None:
    """Removes the content of an upload that failed. What another upload has met meanwhile is left to the collector."""
    if await store.lock_sole_claim(tx, sha256, generation):
        await _remove(tx, storage, sha256)


async def collectable(tx: Tx, claimed_before: datetime) -> list[bytes]:
    """Contents that no file names and that nobody uploaded lately."""
    return [blob.sha256 for blob in await store.unnamed_blobs(tx, claimed_before, BATCH)]


async def collect(tx: Tx, storage: Storage, sha256: bytes, claimed_before: datetime) -> bool:
    """Removes one of them, if it still is one."""
    return await store.lock_old_claim(tx, sha256, claimed_before) and await _remove(tx, storage, sha256)


async def _remove(tx: Tx, storage: Storage, sha256: bytes) -> bool:
    """Removes a content whose row is locked, unless a file names it. Nobody can come to name it meanwhile: that takes
    a lock on the row. The object goes before the row does, so that an object is never without one."""
    if await store.is_named(tx, sha256):
        return False
    await storage.delete(tx.account_id, sha256)
    await store.delete_blob(tx, sha256)
    return True
