"""The order in which contents and rows come and go: no row without its content, no content for good without a row."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest

from tests.factories import Account
from tests.files.conftest import Lost, Office
from tests.files.desk import CONTENT, SHA256, Desk
from trustwright.files import actions
from trustwright.files.jobs import collect_account
from trustwright.files.storage import Storage


@pytest.fixture
def desk(acme: Account, tmp_path: Path) -> Desk:
    return Desk(acme, tmp_path)


def test_a_file_is_kept_with_its_content(desk: Desk) -> None:
    async def run() -> None:
        file = await desk.store()
        assert (file.name, file.content_type, file.size, file.sha256) == ("a.csv", "text/csv", len(CONTENT), SHA256)
        async with desk.database.read(desk.account.who) as tx:
            assert await actions.get_file(tx, file.id) == file
            assert await actions.files_by_id(tx, {file.id, 99}) == {file.id: file}
        assert await desk.is_there()

    desk.run(run())


def test_equal_contents_are_kept_once(desk: Desk) -> None:
    async def run() -> None:
        first, second = await desk.store(), await desk.store()
        assert first.id != second.id
        assert await desk.claims() == 1

    desk.run(run())


def test_a_failure_takes_the_content_back(desk: Desk) -> None:
    async def run() -> None:
        with suppress(Lost):
            async with desk.keeping():
                assert await desk.is_there()
                raise Lost
        assert not await desk.is_there()
        assert await desk.claims() == 0

    desk.run(run())


def test_a_failure_after_the_commit_takes_nothing_back(desk: Desk) -> None:
    async def run() -> None:
        with suppress(Lost):
            async with desk.keeping() as (kept,):
                await desk.add(kept)
                raise Lost
        assert await desk.is_there()

    desk.run(run())


def test_a_failure_takes_no_content_back_that_another_file_names(desk: Desk) -> None:
    async def run() -> None:
        await desk.store()
        with suppress(Lost):
            async with desk.keeping():
                raise Lost
        assert await desk.is_there()
        assert await desk.collect() == 0

    desk.run(run())


@pytest.mark.parametrize("fails_first", [True, False])
def test_a_failure_takes_nothing_back_that_another_upload_is_about_to_name(desk: Desk, *, fails_first: bool) -> None:
    async def run() -> None:
        with suppress(Lost):
            if fails_first:
                failing = desk.keeping()
                await failing.__aenter__()
                async with desk.keeping() as (kept,):
                    with suppress(Lost):
                        await failing.__aexit__(Lost, Lost(), None)
                    await desk.add(kept)
            else:
                async with desk.keeping() as (kept,):
                    with suppress(Lost):
                        async with desk.keeping():
                            raise Lost
                    await desk.add(kept)
        assert await desk.is_there()
        assert await desk.collect() == 0

    desk.run(run())


def test_of_two_failed_uploads_of_one_content_the_collector_removes_the_rest(desk: Desk) -> None:
    async def run() -> None:
        with suppress(Lost):
            async with desk.keeping(), desk.keeping():
                raise Lost
        assert await desk.collect() == 1
        assert not await desk.is_there()
        assert await desk.claims() == 0

    desk.run(run())


def test_the_collector_removes_what_a_dead_process_left_once_it_is_old(desk: Desk) -> None:
    async def run() -> None:
        await desk.store(b"named")
        await desk.abandon(b"left")
        assert await desk.collect(after=3600) == 0
        assert await desk.is_there(b"left")

        assert await desk.collect() == 1

        assert not await desk.is_there(b"left")
        assert await desk.is_there(b"named")
        assert await desk.collect() == 0

    desk.run(run())


def test_the_collector_removes_a_row_whose_content_never_came(desk: Desk) -> None:
    async def run() -> None:
        async with desk.database.begin(desk.account.who) as tx:
            await actions.claim(tx, SHA256, 8)
        assert await desk.collect() == 1
        assert await desk.claims() == 0

    desk.run(run())


def test_the_collector_sees_to_its_own_account(desk: Desk, globex: Account) -> None:
    async def run() -> None:
        await desk.abandon()
        assert await collect_account(desk.database, desk.storage, globex.id, 0) == 0
        assert await desk.is_there()

    desk.run(run())


def test_the_collector_passes_over_what_is_being_named(desk: Desk) -> None:
    async def run() -> None:
        async with desk.keeping() as (kept,), desk.database.begin(desk.account.who) as tx:
            await actions.add_file(tx, kept)
            assert await desk.collect() == 0
        assert await desk.is_there()

    desk.run(run())


def test_a_content_that_came_to_have_a_name_since_it_was_found_is_left(desk: Desk) -> None:
    async def run() -> None:
        kept = await desk.abandon()
        async with desk.database.begin(desk.account.who) as tx:
            later = tx.now + timedelta(hours=1)
            assert await actions.collectable(tx, later) == [SHA256]
            await desk.add(kept)
            assert not await actions.collect(tx, desk.storage, SHA256, later)
        assert await desk.is_there()

    desk.run(run())


def test_a_content_that_comes_again_is_not_collected_as_old(desk: Desk) -> None:
    async def run() -> None:
        await desk.abandon()
        await desk.grow_old()
        async with desk.keeping() as (kept,):
            assert await desk.collect(after=3600) == 0
            await desk.add(kept)
        assert await desk.is_there()

    desk.run(run())


@pytest.mark.parametrize("comes_again", [True, False])
def test_a_content_that_was_collected_before_it_was_named_cannot_be_named(desk: Desk, *, comes_again: bool) -> None:
    async def run() -> None:
        kept = await desk.abandon()
        await desk.collect()
        if comes_again:
            await desk.abandon()
        with pytest.raises(actions.ContentGone):
            await desk.add(kept)

    desk.run(run())


def test_who_names_a_content_while_it_is_collected_waits_and_is_told_that_it_is_gone(desk: Desk) -> None:
    async def run() -> None:
        kept = await desk.abandon()
        await desk.grow_old()
        reached, go_on = asyncio.Event(), asyncio.Event()
        slow = Slow(desk.storage, reached, go_on)
        collecting = asyncio.create_task(collect_account(desk.database, slow, desk.account.id, 3600))
        await reached.wait()
        naming = asyncio.create_task(desk.add(kept))
        await asyncio.sleep(0.2)
        assert not naming.done()
        go_on.set()
        assert await collecting == 1
        with pytest.raises(actions.ContentGone):
            await naming

    desk.run(run())


def test_who_uploads_a_content_while_it_is_collected_waits_and_stores_it_anew(desk: Desk) -> None:
    async def run() -> None:
        await desk.abandon()
        await desk.grow_old()
        reached, go_on = asyncio.Event(), asyncio.Event()
        slow = Slow(desk.storage, reached, go_on)
        collecting = asyncio.create_task(collect_account(desk.database, slow, desk.account.id, 3600))
        await reached.wait()
        storing = asyncio.create_task(desk.store())
        await asyncio.sleep(0.2)
        assert not storing.done()
        go_on.set()
        assert await collecting == 1
        await storing
        assert await desk.is_there()

    desk.run(run())


class Slow(Storage):
    """A storage that waits before it deletes."""

    def __init__(self, storage: Storage, reached: asyncio.Event, go_on: asyncio.Event) -> None:
        super().__init__("", storage.folder)
        self._reached, self._go_on = reached, go_on

    async def delete(self, account_id: int, sha256: bytes) -> None:
        self._reached.set()
        await self._go_on.wait()
        await super().delete(account_id, sha256)


class Broken(Storage):
    """A storage whose disk is full."""

    async def put(self, account_id: int, sha256: bytes, path: Path) -> None:
        raise OSError(28, "No space left on device")


def test_a_content_that_cannot_be_written_leaves_no_row(desk: Desk) -> None:
    async def run() -> None:
        with pytest.raises(OSError, match="No space"):
            async with desk.keeping(storage=Broken("", desk.storage.folder)):
                raise AssertionError
        assert await desk.claims() == 0

    desk.run(run())


def test_what_cannot_be_taken_back_is_left_to_the_collector_and_hides_no_error(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def refuse(*_: object) -> None:
        raise OSError("the storage is away")

    async def run() -> None:
        monkeypatch.setattr(desk.storage, "delete", refuse)
        with pytest.raises(Lost):
            async with desk.keeping():
                raise Lost
        monkeypatch.undo()
        assert await desk.is_there()
        assert await desk.collect() == 1

    desk.run(run())


def test_a_content_that_vanished_from_the_storage_is_written_again(desk: Desk) -> None:
    async def run() -> None:
        await desk.store()
        await desk.storage.delete(desk.account.id, SHA256)
        await desk.store()
        assert await desk.is_there()

    desk.run(run())


def test_many_uploads_of_one_content_at_once_all_succeed_or_leave_nothing(desk: Desk) -> None:
    async def upload(number: int) -> None:
        with suppress(Lost):
            async with desk.keeping() as (kept,):
                if number % 2:
                    raise Lost
                await desk.add(kept)

    async def run() -> None:
        for _ in range(5):
            await asyncio.gather(*(upload(number) for number in range(12)), desk.collect(after=3600))
            assert await desk.is_there()

    desk.run(run())


@pytest.mark.parametrize("place", ["trustwright.files.storage.Storage.put", "trustwright.http.incoming.Sink.append"])
def test_a_full_disk_is_an_internal_error_and_leaves_nothing(
    office: Office, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(place, full)
    response = office.upload()

    assert (response.status_code, response.json()["message"]) == (500, "Internal server error")
    assert office.is_empty()
    monkeypatch.undo()
    assert office.upload().status_code == 201


def test_one_request_may_hold_a_content_twice(office: Office) -> None:
    files = [("file", ("a.csv", CONTENT)), ("more", ("b.csv", CONTENT))]

    assert len(office.post(files=files).json()["files"]) == 2
    assert len(office.objects()) == office.rows("blobs") == 1
    assert office.rows("files") == 2


def test_a_request_that_fails_leaves_nothing_of_any_of_its_files(office: Office) -> None:
    files = [("file", ("a.csv", CONTENT)), ("more", ("b.csv", CONTENT)), ("more", ("c.csv", b"c"))]

    assert office.post(files=files, data={"title": "fail"}).status_code == 500
    assert office.is_empty()
