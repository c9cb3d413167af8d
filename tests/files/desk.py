"""Files of one account, handled in the process of the tests."""

import hashlib
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.factories import Account
from trustwright.db import Database
from trustwright.files import actions
from trustwright.files.jobs import collect_account
from trustwright.files.model import DOCUMENT_EXTENSIONS, KeptFile, ScanState, StoredFile, Upload
from trustwright.files.storage import Storage, connect
from trustwright.http.keeping import keeping
from trustwright.settings import Settings

CONTENT = b"a,b\n1,2\n"
SHA256 = hashlib.sha256(CONTENT).digest()


class Desk:
    """Acme's files, handled in this process."""

    def __init__(self, account: Account, folder: Path) -> None:
        self.account = account
        self.folder = folder
        self.settings = Settings(data_dir=folder)
        self.storage = connect("", folder)

    @property
    def database(self) -> Database:
        return self.account.world.database

    def run(self, work: Any) -> Any:
        return self.account.world.run(work)

    def keeping(self, content: bytes = CONTENT, *, storage: Storage | None = None) -> Any:
        uploads, who = [self.upload(content)], self.account.who
        return keeping(self.database, storage or self.storage, self.settings, who, uploads, DOCUMENT_EXTENSIONS)

    def upload(self, content: bytes) -> Upload:
        sha256 = hashlib.sha256(content)
        path = self.folder / sha256.hexdigest()
        path.write_bytes(content)
        return Upload(name="a.csv", content_type="", size=len(content), sha256=sha256.digest(), path=path)

    async def add(self, kept: KeptFile) -> StoredFile:
        async with self.database.begin(self.account.who) as tx:
            return await actions.add_file(tx, kept)

    async def store(self, content: bytes = CONTENT) -> StoredFile:
        async with self.keeping(content) as (kept,):
            return await self.add(kept)

    async def abandon(self, content: bytes = CONTENT) -> KeptFile:
        """An upload whose process dies before a file names it."""
        upload = self.upload(content)
        async with self.database.begin(self.account.who) as tx:
            claim = await actions.claim(tx, upload.sha256, upload.size)
        await self.storage.put(self.account.id, upload.sha256, upload.path)
        return KeptFile(
            name=upload.name,
            content_type="text/csv",
            size=upload.size,
            sha256=upload.sha256,
            generation=claim.generation,
            scan_state=ScanState.UNSCANNED,
        )

    async def collect(self, after: int = 0) -> int:
        return await collect_account(self.database, self.storage, self.account.id, after)

    async def grow_old(self) -> None:
        """Has two hours pass for all that was uploaded."""
        async with self.database.begin(self.account.who) as tx:
            then = tx.now - timedelta(hours=2)
            await tx.run("update blobs set claimed_at = %(then)s where account_id = %(account_id)s", then=then)

    async def claims(self) -> int:
        async with self.database.read(self.account.who) as tx:
            return int(await tx.value("select count(*) from blobs where account_id = %(account_id)s"))

    async def is_there(self, content: bytes = CONTENT) -> bool:
        return await self.storage.size(self.account.id, hashlib.sha256(content).digest()) == len(content)
