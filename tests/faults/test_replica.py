"""Reads that may lag go to a replica, and come back when it is away."""

import asyncio
import os
import signal
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import psutil
import psycopg
import pytest

from tests.faults.clusters import Cluster, await_caught_up, primary, replica_of
from trustwright import db
from trustwright.accounts import actions, store
from trustwright.db import Database, Who
from trustwright.events.model import Source
from trustwright.jobs import jobs
from trustwright.migrate import migrate

T = TypeVar("T")

# Addresses of loopback that no other run of the tests has.
NETWORK = f"127.{20 + os.getpid() % 200}.{os.getpid() // 200 % 256}"


class Pair:
    """A primary with two accounts, and its replica."""

    def __init__(self, folder: Path) -> None:
        self.primary = primary(folder / "primary", f"{NETWORK}.1")
        migrate(self.primary.url)
        self.replica: Cluster = replica_of(self.primary, folder / "replica", f"{NETWORK}.2")
        self.acme, self.globex = self.asked(accounts)

    def asked(self, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
        """What comes of some work with both of them."""

        async def run() -> T:
            database = Database(self.primary.url, jobs, pool_size=2, replica_url=self.replica.url)
            await database.open()
            try:
                return await work(database)
            finally:
                await database.close()

        return asyncio.run(run())

    def stop(self) -> None:
        for cluster in (self.replica, self.primary):
            cluster.stop()


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    with tempfile.TemporaryDirectory(prefix="trustwright-replica-") as folder:
        Path(folder).chmod(0o711)
        pair = Pair(Path(folder))
        try:
            yield pair
        finally:
            pair.stop()


async def accounts(database: Database) -> list[Who]:
    """Two of them."""
    made = []
    for name in ("Acme", "Globex"):
        who = Who(account_id=await store.new_account_id(database), source=Source.APP)
        async with database.begin(who) as tx:
            await actions.create_account(tx, name, f"alice@{name.lower()}.test", None)
        made.append(who)
    return made


async def where_and_what(database: Database, who: Who) -> tuple[bool, list[str]]:
    """Whether the replica answered, and the names of all accounts that it shows."""
    async with database.read_behind(who) as tx:
        names = await tx.value("select array_agg(name) from accounts")
        return bool(await tx.value("select pg_is_in_recovery()")), names or []


def test_what_was_written_is_read_from_the_replica_and_only_by_its_account(pair: Pair) -> None:
    await_caught_up(pair.primary, pair.replica)

    assert pair.asked(lambda database: where_and_what(database, pair.acme)) == (True, ["Acme"])
    assert pair.asked(lambda database: where_and_what(database, pair.globex)) == (True, ["Globex"])


def test_nothing_can_be_written_there(pair: Pair) -> None:
    async def write(database: Database) -> None:
        async with database.read_behind(pair.acme) as tx:
            await tx.run("update accounts set name = 'Other' where account_id = %(account_id)s")

    with pytest.raises(psycopg.errors.ReadOnlySqlTransaction):
        pair.asked(write)


def test_the_primary_answers_while_the_replica_lags(pair: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(db, "MOST_BEHIND", 0.0)
    with psycopg.connect(pair.replica.url, autocommit=True) as replica:
        replica.execute("select pg_wal_replay_pause()")
        try:
            renamed = pair.asked(lambda database: rename(database, pair.acme))

            assert pair.asked(lambda database: where_and_what(database, pair.acme)) == (False, [renamed])
        finally:
            replica.execute("select pg_wal_replay_resume()")
    await_caught_up(pair.primary, pair.replica)
    assert pair.asked(lambda database: where_and_what(database, pair.acme)) == (True, [renamed])


async def rename(database: Database, who: Who) -> str:
    name = "Acme Holdings"
    async with database.begin(who) as tx:
        await tx.run("update accounts set name = %(name)s where account_id = %(account_id)s", name=name)
    return name


def test_the_primary_answers_while_the_replica_hangs_and_is_not_asked_again_at_once(
    pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(db, "ANSWER_WITHIN", 0.3)

    async def twice(database: Database) -> tuple[bool, bool, bool]:
        first, _ = await where_and_what(database, pair.acme)
        processes = pair.replica.processes()
        send(processes, signal.SIGSTOP)
        # It answers again, but too late: so the test need not wait until the library has given up on it.
        asyncio.get_running_loop().call_later(1, send, processes, signal.SIGCONT)
        hung, _ = await where_and_what(database, pair.acme)
        rested, _ = await where_and_what(database, pair.acme)
        return first, hung, rested

    assert pair.asked(twice) == (True, False, False)


def send(processes: list[psutil.Process], number: signal.Signals) -> None:
    for process in processes:
        process.send_signal(number)


def test_the_primary_answers_when_the_replica_has_died(pair: Pair) -> None:
    async def through_its_death(database: Database) -> tuple[bool, bool]:
        before, _ = await where_and_what(database, pair.acme)
        pair.replica.kill()
        after, _ = await where_and_what(database, pair.acme)
        return before, after

    try:
        assert pair.asked(through_its_death) == (True, False)
    finally:
        pair.replica.start()


def test_another_server_than_a_replica_is_never_asked(pair: Pair) -> None:
    async def misled() -> bool:
        database = Database(pair.primary.url, jobs, pool_size=2, replica_url=pair.primary.url)
        await database.open()
        try:
            return (await where_and_what(database, pair.acme))[0]
        finally:
            await database.close()

    assert not asyncio.run(misled())
