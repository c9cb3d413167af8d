"""What the tests of the chain share: events that are recorded, and the owner of the database, whom nothing binds."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.rows import tuple_row
from typer.testing import CliRunner, Result

from tests.factories import Account
from trustwright.cli import app
from trustwright.db import Database, Who
from trustwright.events.actions import record
from trustwright.events.chain import BrokenChain, Fault, Head
from trustwright.events.model import EventType
from trustwright.events.verifying import verify

Row = tuple[Any, ...]


async def act(database: Database, who: Who, *descriptions: str) -> None:
    """Records an event for each description, one transaction each."""
    for description in descriptions:
        async with database.begin(who) as tx:
            await record(
                tx,
                EventType.VENDOR_CREATED,
                description,
                target={"kind": "vendor", "id": 7, "name": "Fjørd \u2028 & Söhne"},
                after={"name": description, "cost": 1.10},
            )


async def look(database: Database, who: Who, anchor: bytes | None = None) -> Head | Fault:
    """The head of an intact chain, or what is wrong with it."""
    async with database.read(who) as tx:
        try:
            return await verify(tx, anchor)
        except BrokenChain as broken:
            return broken.fault


def do(account: Account, *descriptions: str) -> None:
    account.world.run(act(account.world.database, account.who, *descriptions))


def checked(account: Account, anchor: bytes | None = None) -> Head | Fault:
    return account.world.run(look(account.world.database, account.who, anchor))


def head_of(account: Account) -> Head:
    """The head of a chain that must be intact."""
    head = checked(account)
    assert isinstance(head, Head), head
    return head


@contextmanager
def owner(account: Account) -> Iterator[psycopg.Connection[Row]]:
    """One transaction of the owner of the database, who may do all that a thief of its password may."""
    with psycopg.connect(account.world.database_url, row_factory=tuple_row) as connection:
        yield connection


def event_at(account: Account, position: int) -> str:
    """The id of the event at a place of the chain."""
    with owner(account) as connection:
        row = connection.execute(
            "select event_id::text from event_links where account_id = %s and position = %s", (account.id, position)
        ).fetchone()
    assert row
    return str(row[0])


def tamper(account: Account, sql: str, *values: object) -> None:
    """Changes the database past the service: no more than one row, and no less where it is about rows."""
    with owner(account) as connection:
        assert connection.execute(sql.encode(), values).rowcount in (1, -1)


def trustwright(account: Account, *words: object, data_dir: Path | None = None) -> Result:
    where = ["--database-url", account.world.database_url]
    if data_dir:
        where += ["--data-dir", str(data_dir)]
    return CliRunner().invoke(app, ["events", *map(str, words), *where])
