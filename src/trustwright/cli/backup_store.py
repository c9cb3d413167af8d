"""SQL of backups: the moment that one holds, and the contents that files name at it."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from msgspec import Struct


class Moment(Struct, frozen=True):
    """A snapshot of the database by its name, which other sessions can take up, and the contents that files name in
    it, as account and SHA-256."""

    snapshot: str
    contents: list[tuple[int, bytes]]


@contextmanager
def moment(url: str) -> Iterator[Moment]:
    """What stands in the database now, to be looked at for as long as the block runs."""
    with psycopg.connect(url) as connection:
        # A dump takes longer than the private server lets a transaction idle.
        connection.execute("set idle_in_transaction_session_timeout = 0")
        connection.commit()
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        (snapshot,) = connection.execute("select pg_export_snapshot()").fetchone() or ("",)
        contents = connection.execute("select distinct account_id, sha256 from files order by account_id, sha256")
        yield Moment(snapshot, contents.fetchall())
