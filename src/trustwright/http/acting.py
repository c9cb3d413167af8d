"""What every request works with that somebody we know has sent."""

from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime
from typing import Any

from litestar import Request

from trustwright.db import Database, Tx, Who
from trustwright.files.links import link
from trustwright.files.model import KeptFile, StoredFile, Upload
from trustwright.files.storage import Storage
from trustwright.http.keeping import keeping
from trustwright.http.secret import secret_key
from trustwright.settings import Settings


class Acting:
    """A request in somebody's name: its transactions, and its files."""

    def __init__(self, request: Request[Any, Any, Any], who: Who) -> None:
        self.database: Database = request.app.state.database
        self.settings: Settings = request.app.state.settings
        self.storage: Storage = request.app.state.storage
        self._who = who

    def who(self) -> Who:
        """In whose name its transactions run."""
        return self._who

    def begin(self) -> AbstractAsyncContextManager[Tx]:
        return self.database.begin(self._who)

    def read(self) -> AbstractAsyncContextManager[Tx]:
        return self.database.read(self._who)

    def read_behind(self) -> AbstractAsyncContextManager[Tx]:
        """A read that may lack the last seconds, and spares the primary database where there is a replica."""
        return self.database.read_behind(self._who)

    def keeping(self, uploads: list[Upload], extensions: list[str]) -> AbstractAsyncContextManager[list[KeptFile]]:
        """Checks files, keeps their contents while and after the block, and takes them back out when it fails. Open
        the transaction inside. Raises Invalid."""
        return keeping(self.database, self.storage, self.settings, self._who, uploads, extensions)

    def link_to(self, file: StoredFile) -> str:
        """An address that downloads the file without a key, for ten minutes."""
        now = datetime.now(UTC)
        key = secret_key(self.settings)
        return link(self.settings.public_url, key, self._who.account_id, file.id, file.name, now)
