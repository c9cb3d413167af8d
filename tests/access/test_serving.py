"""Stamped copies on disk: made once, whole or not at all, and gone after twelve hours."""

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from tests.documents import pdf
from trustwright.access import serving
from trustwright.access.model import HeldBack
from trustwright.access.stamping import Stamp
from trustwright.files.model import ScanState, StoredFile
from trustwright.files.storage import Storage, connect

NOW = datetime(2026, 5, 4, tzinfo=UTC)
REQUEST = UUID(int=7)


class Shelf:
    """A storage with one file, and the copies that are made of it."""

    def __init__(self, folder: Path, content: bytes) -> None:
        self.data_dir = folder / "data"
        self.storage: Storage = connect("", folder / "data")
        self.file = StoredFile(
            id=1,
            sha256=b"\x01" * 32,
            name="Bericht – neu.pdf",
            content_type="application/pdf",
            size=len(content),
            scan_state=ScanState.UNSCANNED,
            scan_detail=None,
            created_at=NOW,
        )
        (folder / "content").write_bytes(content)
        asyncio.run(self.storage.put(5, self.file.sha256, folder / "content"))

    async def copy(self, company: str = "Initech", **changes: Any) -> bytes:
        """What a visitor gets."""
        given = {"account_id": 5, "file": self.file, "grant_id": 3, "request_id": REQUEST, **changes}
        text = Stamp(address="bob@initech.test", company=company, moment=datetime.now(UTC), request_id=REQUEST)
        copy = await serving.stamped_copy(self.data_dir, self.storage, serving.Source(**given), text)
        return b"".join([part async for part in serving.parts_of(copy)])

    def kept(self) -> list[Path]:
        return sorted(path for path in (self.data_dir / "stamped").rglob("*") if path.is_file())


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path, pdf("Report"))


def gathered(*work: Callable[[], Awaitable[bytes]]) -> list[bytes]:
    async def all_at_once() -> list[bytes]:
        return list(await asyncio.gather(*(each() for each in work)))

    return asyncio.run(all_at_once())


def test_who_asks_at_once_gets_one_copy(shelf: Shelf) -> None:
    copies = gathered(*[shelf.copy] * 5)

    assert len(set(copies)) == 1
    assert len(shelf.kept()) == 1
    assert shelf.kept()[0].read_bytes() == copies[0]


def test_each_account_file_grant_and_request_has_its_own(shelf: Shelf) -> None:
    asyncio.run(shelf.copy())
    source = serving.Source(account_id=5, file=shelf.file, grant_id=3, request_id=REQUEST)
    others = [
        serving.Source(account_id=6, file=shelf.file, grant_id=3, request_id=REQUEST),
        serving.Source(account_id=5, file=shelf.file, grant_id=4, request_id=REQUEST),
        serving.Source(account_id=5, file=shelf.file, grant_id=3, request_id=UUID(int=8)),
    ]

    paths = {serving.path_of(shelf.data_dir, each) for each in [source, *others]}

    assert len(paths) == 4


def test_after_twelve_hours_a_copy_is_made_anew(shelf: Shelf) -> None:
    first = asyncio.run(shelf.copy())
    past = time.time() - serving.FRESH - 1
    os.utime(shelf.kept()[0], (past, past))

    second = asyncio.run(shelf.copy("Initrode"))

    assert second != first
    assert len(shelf.kept()) == 1


def test_old_copies_are_removed_and_fresh_ones_are_not(shelf: Shelf) -> None:
    gathered(shelf.copy, lambda: shelf.copy(grant_id=4))
    old, fresh = shelf.kept()
    past = time.time() - serving.FRESH - 1
    os.utime(old, (past, past))

    assert serving.remove_all_old(shelf.data_dir) == 1

    assert shelf.kept() == [fresh]


def test_the_next_copy_of_an_account_clears_its_old_ones_away(shelf: Shelf) -> None:
    asyncio.run(shelf.copy())
    past = time.time() - serving.FRESH - 1
    os.utime(shelf.kept()[0], (past, past))

    asyncio.run(shelf.copy(grant_id=4))

    assert len(shelf.kept()) == 1


def test_where_nothing_was_stamped_there_is_nothing_to_remove(tmp_path: Path) -> None:
    assert serving.remove_all_old(tmp_path / "data") == 0


def test_what_cannot_be_stamped_leaves_nothing_behind(tmp_path: Path) -> None:
    shelf = Shelf(tmp_path, b"no PDF")

    with pytest.raises(HeldBack):
        asyncio.run(shelf.copy())

    assert shelf.kept() == []
    assert list((shelf.data_dir / "incoming").iterdir()) == []


def test_copies_are_for_the_service_only(shelf: Shelf) -> None:
    asyncio.run(shelf.copy())

    (copy,) = shelf.kept()
    assert copy.stat().st_mode & 0o077 == 0
    assert copy.parent.stat().st_mode & 0o077 == 0
