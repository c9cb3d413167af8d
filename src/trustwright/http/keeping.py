"""From an upload to a content in the storage, in an order that no crash can break.

The row of a blob is committed before its object is written, and the file that names it comes after: whatever is cut
short leaves at most a row that no file names, and the collector removes such a row with its object."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import structlog

from trustwright.db import Database, Who
from trustwright.errors import Unavailable
from trustwright.files import actions, scanning
from trustwright.files.checking import check
from trustwright.files.model import Claim, KeptFile, ScanState, Upload
from trustwright.files.storage import Storage
from trustwright.settings import Settings

log = structlog.get_logger()


@asynccontextmanager
async def keeping(
    database: Database, storage: Storage, settings: Settings, who: Who, uploads: list[Upload], extensions: list[str]
) -> AsyncIterator[list[KeptFile]]:
    """Checks files and puts their contents into the storage; an exception in the block takes them out again.
    Raises Invalid, and Unavailable when they must be scanned and cannot be."""
    content_types = [await asyncio.to_thread(check, upload, extensions) for upload in uploads]
    state = await _first_state(settings)
    claims: dict[bytes, Claim] = {}
    try:
        for upload in uploads:
            if upload.sha256 not in claims:
                async with database.begin(who) as tx:
                    claims[upload.sha256] = await actions.claim(tx, upload.sha256, upload.size)
                await _put(storage, who.account_id, upload, claims[upload.sha256])
        yield [
            KeptFile(
                name=upload.name,
                content_type=content_type,
                size=upload.size,
                sha256=upload.sha256,
                generation=claims[upload.sha256].generation,
                scan_state=state,
            )
            for upload, content_type in zip(uploads, content_types, strict=True)
        ]
    except BaseException:
        for claim in claims.values():
            await _take_back(database, storage, who, claim)
        raise


async def _first_state(settings: Settings) -> ScanState:
    if settings.require_scan and not (settings.clamd_url and await scanning.answers(settings.clamd_url)):
        raise Unavailable("Files are scanned for viruses, and the scanner does not answer; try again later")
    return ScanState.PENDING if settings.clamd_url else ScanState.UNSCANNED


async def _put(storage: Storage, account_id: int, upload: Upload, claim: Claim) -> None:
    """Writes the object, unless a file names it already: then it was acknowledged once, and lasts."""
    if not claim.named or await storage.size(account_id, upload.sha256) != upload.size:
        await storage.put(account_id, upload.sha256, upload.path)


async def _take_back(database: Database, storage: Storage, who: Who, claim: Claim) -> None:
    try:
        async with database.begin(who) as tx:
            await actions.take_back(tx, storage, claim.sha256, claim.generation)
    # What went wrong first is what the client must hear of; the collector removes what this could not.
    except Exception as error:
        log.warning("content left to the collector", sha256=claim.sha256.hex(), exc_info=error)
