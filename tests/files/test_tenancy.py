"""Files of another account do not exist (decisions 2)."""

from pathlib import Path

import psycopg
import pytest

from tests.factories import Account
from tests.files.desk import SHA256, Desk
from trustwright.errors import NotFound
from trustwright.files import actions
from trustwright.files.model import ScanState


@pytest.fixture
def ours(acme: Account, tmp_path: Path) -> Desk:
    return Desk(acme, tmp_path)


@pytest.fixture
def theirs(globex: Account, tmp_path: Path) -> Desk:
    return Desk(globex, tmp_path)


def test_a_file_of_another_account_is_not_found(ours: Desk, theirs: Desk) -> None:
    async def run() -> None:
        file = await theirs.store()
        async with ours.database.begin(ours.account.who) as tx:
            assert await actions.files_by_id(tx, {file.id}) == {}
            for refused in (actions.get_file(tx, file.id), actions.settle(tx, file.id, ScanState.CLEAN, None)):
                with pytest.raises(NotFound):
                    await refused
            assert await actions.named_blobs(tx, b"") == []
            assert await actions.collectable(tx, tx.now) == []

    ours.run(run())


def test_accounts_share_no_content_even_if_it_is_equal(ours: Desk, theirs: Desk) -> None:
    async def run() -> None:
        await theirs.store()
        kept = await ours.abandon()
        assert await ours.collect() == 1
        with pytest.raises(actions.ContentGone):
            await ours.add(kept)
        assert await theirs.is_there()
        assert not await ours.is_there()

    ours.run(run())


def test_a_claim_of_another_account_cannot_be_used(ours: Desk, theirs: Desk) -> None:
    async def run() -> None:
        kept = await theirs.abandon()
        with pytest.raises(actions.ContentGone):
            await ours.add(kept)
        async with ours.database.begin(ours.account.who) as tx:
            await actions.take_back(tx, ours.storage, kept.sha256, kept.generation)
        assert await theirs.is_there()

    ours.run(run())


BLOB = "insert into blobs (account_id, sha256, size, claimed_at) values (%(theirs)s, %(sha256)s, 1, now())"
FILE = """
    insert into files (account_id, sha256, name, content_type, size, scan_state)
    values (%(theirs)s, %(sha256)s, 'a', 'b', 1, 'CLEAN')
"""


@pytest.mark.parametrize("statement", [BLOB, FILE], ids=["blob", "file"])
def test_no_row_can_be_written_into_another_account(ours: Desk, theirs: Desk, statement: str) -> None:
    async def run() -> None:
        async with ours.database.begin(ours.account.who) as tx:
            await tx.run(statement, theirs=theirs.account.id, sha256=SHA256)

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="row-level security"):
        ours.run(run())


@pytest.mark.parametrize("table", ["blobs", "files"])
def test_rows_of_another_account_cannot_be_changed(ours: Desk, theirs: Desk, table: str) -> None:
    async def run() -> None:
        await theirs.store()
        async with ours.database.begin(ours.account.who) as tx:
            assert await tx.run(f"update {table} set size = 0") == 0
            assert await tx.run(f"delete from {table}") == 0

    ours.run(run())
