"""The database: a pool, and transactions that know their account and their actor."""

import asyncio
import os
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager, suppress
from contextvars import ContextVar
from datetime import datetime
from typing import Any, TypeVar

import msgspec
import procrastinate
import psycopg
import structlog
from msgspec import Struct
from psycopg import AsyncCursor
from psycopg.rows import RowMaker, tuple_row
from psycopg.types.json import set_json_dumps, set_json_loads
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from trustwright import tracing
from trustwright.events.model import Source

set_json_dumps(msgspec.json.encode)
set_json_loads(msgspec.json.decode)

log = structlog.get_logger()

APPLICATION_ROLE = "trustwright_app"

STREAMED_AT_ONCE = 500

# Connections of one process that help others of it.
MOST_BESIDE = 5
# Seconds to wait for one of them.
PATIENCE = 0.5

SAME_MOMENT = "begin isolation level repeatable read"

# How far a replica may lag, and how long one that is away is left alone, in seconds.
MOST_BEHIND = 5.0
LEFT_ALONE = 15.0
# Seconds in which it must have begun a transaction.
ANSWER_WITHIN = 2.0

T = TypeVar("T")


class Statements:
    """How many statements were sent, of whoever asked for it to be counted."""

    def __init__(self) -> None:
        self.count = 0


# Set by what answers a request, so that its log line tells.
statements: ContextVar[Statements | None] = ContextVar("statements", default=None)


def _count() -> None:
    counted = statements.get()
    if counted is not None:
        counted.count += 1


class Who(Struct, frozen=True):
    """In whose name a transaction runs: the account it may see, and the actor its events name."""

    account_id: int
    source: Source
    user_id: int | None = None
    key_id: int | None = None
    request: str | None = None


def row_as(kind: type[T]) -> Callable[[AsyncCursor[T]], RowMaker[T]]:
    """Rows as checked values of `kind`: text becomes its enums, and a column that does not fit is an error."""

    def maker(cursor: AsyncCursor[T]) -> RowMaker[T]:
        # Not `cursor.description`, which makes an object a column for each statement.
        result = cursor.pgresult
        names = [(result.fname(place) or b"").decode() for place in range(result.nfields)] if result else []
        return lambda values: msgspec.convert(dict(zip(names, values, strict=True)), kind)

    return maker


class Slice(Struct, frozen=True, kw_only=True):
    """Which part of a list, in which order. `after`: the column's value and the key of the last row before it."""

    column: str
    descending: bool
    limit: int
    after: tuple[object, int] | None = None
    offset: int = 0


class PoolUse(Struct, frozen=True):
    """How many connections a pool has free and in use, and how many wait for one."""

    idle: int
    busy: int
    waiting: int


# What is raised when the database is away, or refuses: for those who may not know its driver.
Unanswered = psycopg.Error


class UnsafeRole(RuntimeError):
    """The database role of the application could bypass row-level security; the message names it."""


class Tx:
    """One transaction of one account. `now` is its time, the same for all that it writes."""

    def __init__(self, cursor: AsyncCursor[Any], jobs: procrastinate.App, who: Who, now: datetime) -> None:
        # One for all statements: to make a cursor costs as much as a small statement.
        self._cursor = cursor
        self._connection = cursor.connection
        self._jobs = jobs
        self._at_end: list[tuple[str, dict[str, object]]] = []
        self.who = who
        self.account_id = who.account_id
        self.now = now

    async def all(self, kind: type[T], sql: str, **values: object) -> list[T]:
        """The rows, each as a `kind` built from its columns by name."""
        return await (await self._execute(row_as(kind), sql, values)).fetchall()

    async def one(self, kind: type[T], sql: str, **values: object) -> T | None:
        """The first row as a `kind`, or None."""
        return await (await self._execute(row_as(kind), sql, values)).fetchone()

    async def only(self, kind: type[T], sql: str, **values: object) -> T:
        """The one row that a statement like `insert ... returning` always has."""
        row = await self.one(kind, sql, **values)
        if row is None:
            raise LookupError(f"A statement that always returns a row returned none: {sql}")
        return row

    async def value(self, sql: str, **values: object) -> Any:
        """The first column of the first row, or None."""
        row = await (await self._execute(tuple_row, sql, values)).fetchone()
        return row[0] if row else None

    async def run(self, sql: str, **values: object) -> int:
        """The number of rows changed."""
        return (await self._execute(tuple_row, sql, values)).rowcount

    async def _execute(self, rows: Any, sql: str, values: dict[str, object]) -> AsyncCursor[Any]:
        _count()
        self._cursor.row_factory = rows
        with tracing.statement():
            return await self._cursor.execute(sql, {"account_id": self.account_id, **values})

    def at_end(self, sql: str, **values: object) -> None:
        """Sends a statement together with the commit, which spares a round trip. It stands or falls with the rest."""
        self._at_end.append((sql, {"account_id": self.account_id, **values}))

    async def commit(self) -> None:
        """For the block that opened the transaction."""
        with tracing.statement("commit"):
            if not self._at_end:
                await self._connection.commit()
                return
            async with self._connection.pipeline():
                for sql, values in self._at_end:
                    _count()
                    await self._cursor.execute(sql, values)
                await self._cursor.execute("commit")

    async def stream(self, kind: type[T], sql: str, **values: object) -> AsyncGenerator[T, None]:
        """The rows one by one, however many: the server keeps those that were not asked for yet."""
        _count()
        async with self._connection.cursor(name="stream", row_factory=row_as(kind)) as cursor:
            cursor.itersize = STREAMED_AT_ONCE
            with tracing.statement():
                await cursor.execute(sql, {"account_id": self.account_id, **values})
            async for row in cursor:
                yield row

    async def page(self, kind: type[T], sql: str, part: Slice, *, key: str = "id", **values: object) -> list[T]:
        """A part of the rows that `sql`, a select that ends in its conditions, finds: by keyset, or by offset."""
        direction, follows = ("desc", "<") if part.descending else ("asc", ">")
        text = f"{sql} and ({part.column}, {key}) {follows} (%(after_value)s, %(after_key)s)" if part.after else sql
        text += f" order by {part.column} {direction}, {key} {direction} limit {part.limit:d} offset {part.offset:d}"
        after_value, after_key = part.after or (None, None)
        return await self.all(kind, text, after_value=after_value, after_key=after_key, **values)

    async def count(self, sql: str, **values: object) -> int:
        """How many rows `sql` finds."""
        return int(await self.value(f"select count(*) from ({sql}) matching", **values))

    async def defer(self, task: str, **arguments: Any) -> None:
        """Queues a job that runs in this account after, and only if, this transaction commits."""
        deferrer = self._jobs.configure_task(task, connection=self._connection)
        with tracing.statement():
            await deferrer.defer_async(account_id=self.account_id, **arguments, **tracing.carried())


class Database:
    """The pool of one process. Every connection works as the application's role, which row-level security binds."""

    def __init__(self, url: str, jobs: procrastinate.App, *, pool_size: int, replica_url: str = "") -> None:
        self._jobs = jobs
        self._pool = _pool(url, min_size=1, max_size=pool_size, timeout=30)
        # Of their own, so that who holds a transaction and waits for one beside it never waits for itself.
        self._helpers = _pool(url, min_size=0, max_size=MOST_BESIDE, timeout=PATIENCE)
        self._replica = _checked_pool(replica_url, pool_size) if replica_url else None
        self._replica_rests_until = 0.0

    async def open(self) -> None:
        """Connects. Raises UnsafeRole when the role could see more than one account."""
        await self._pool.open(wait=True, timeout=30)
        await self._helpers.open()
        if self._replica:
            await self._replica.open()
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select rolname from pg_roles where rolname = current_user and (rolsuper or rolbypassrls)"
            )
            if await cursor.fetchone():
                raise UnsafeRole(f"Role {APPLICATION_ROLE} must have neither SUPERUSER nor BYPASSRLS")

    async def close(self) -> None:
        if self._replica:
            await self._replica.close()
        await self._helpers.close()
        await self._pool.close()

    async def answers(self) -> bool:
        """Whether a statement gets an answer within two seconds."""
        try:
            async with self._pool.connection(timeout=2) as connection:
                await connection.execute("select 1")
        except psycopg.Error:
            return False
        return True

    def pool_use(self) -> PoolUse:
        """Of the connections that requests and jobs share."""
        stats = self._pool.get_stats()
        idle = stats.get("pool_available", 0)
        return PoolUse(idle, stats.get("pool_size", 0) - idle, stats.get("requests_waiting", 0))

    def begin(self, who: Who) -> AbstractAsyncContextManager[Tx]:
        """A transaction that commits at the end of its block and rolls back on any exception."""
        return self._transaction(self._pool, who, "begin")

    def read(self, who: Who) -> AbstractAsyncContextManager[Tx]:
        """A read-only transaction whose statements all see the same moment."""
        return self._transaction(self._pool, who, f"{SAME_MOMENT}, read only")

    @asynccontextmanager
    async def read_behind(self, who: Who) -> AsyncIterator[Tx]:
        """The same, where what was committed in the last MOST_BEHIND seconds may be missing: on the replica, if there
        is one that is near enough, and otherwise here (decisions/0022)."""
        async with AsyncExitStack() as stack:
            tx = await self._on_replica(stack, who)
            if tx is None:
                tx = await stack.enter_async_context(self.read(who))
            yield tx

    async def _on_replica(self, stack: AsyncExitStack, who: Who) -> Tx | None:
        """A transaction there that ends with `stack`; None while the replica is away or too far behind, or is none."""
        if self._replica is None or time.monotonic() < self._replica_rests_until:
            return None
        if self._replica_rests_until:
            # One tries whether it is back, and the others go on without it.
            self._replica_rests_until = time.monotonic() + LEFT_ALONE
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "select now(), pg_current_wal_lsn()::text, system_identifier from pg_control_system()"
            )
            ((now, written, system),) = await cursor.fetchall()
        # A commit that it has replayed is never older than those it lacks, and both times are of the primary's clock.
        near = f"""
            pg_is_in_recovery()
            and (select system_identifier = {int(system)} from pg_control_system())
            and (pg_last_wal_replay_lsn() >= '{written}'::pg_lsn
                or pg_last_xact_replay_timestamp() >= '{now.isoformat()}'::timestamptz - interval '{MOST_BEHIND} s')
        """
        try:
            async with asyncio.timeout(ANSWER_WITHIN), AsyncExitStack() as attempt:
                begun = self._transaction(self._replica, who, f"{SAME_MOMENT}, read only")
                tx = await attempt.enter_async_context(begun)
                self._replica_rests_until = 0.0
                if await tx.value(f"select {near}"):
                    stack.push_async_exit(attempt.pop_all())
                    return tx
        except (psycopg.OperationalError, TimeoutError) as error:
            log.warning("replica is away", reason=str(error) or "no answer")
            self._replica_rests_until = time.monotonic() + LEFT_ALONE
        return None

    def snapshot(self, who: Who) -> AbstractAsyncContextManager[Tx]:
        """A transaction that writes, and whose statements all see the same moment. To change what somebody else changed
        meanwhile is an error: it is for rows that are new."""
        return self._transaction(self._pool, who, SAME_MOMENT)

    @asynccontextmanager
    async def beside(self, tx: Tx, most: int) -> AsyncIterator[list[Tx]]:
        """Read-only transactions on other connections that see the very moment of `tx`, so that several processes of
        the database can share its work: `most` of them, or fewer while others have the connections, perhaps none. `tx`
        must see one moment only."""
        if most == 0:
            yield []
            return
        moment = await tx.value("select pg_export_snapshot()")
        begin = f"{SAME_MOMENT}, read only; set transaction snapshot '{moment}'"
        async with AsyncExitStack() as stack:
            found: list[Tx] = []
            with suppress(PoolTimeout):
                while len(found) < most:
                    found.append(await stack.enter_async_context(self._transaction(self._helpers, tx.who, begin)))
            yield found

    @asynccontextmanager
    async def _transaction(self, pool: AsyncConnectionPool, who: Who, begin: str) -> AsyncIterator[Tx]:
        async with pool.connection() as connection:
            cursor = connection.cursor()
            _count()
            # One round trip: several commands in one text are possible only without parameters, hence int().
            with tracing.statement("begin"):
                await cursor.execute(
                    f"{begin}; select set_config('trustwright.account_id', '{int(who.account_id)}', true), now()"
                )
            while cursor.nextset():
                pass
            ((_, now),) = await cursor.fetchall()
            try:
                tx = Tx(cursor, self._jobs, who, now)
                yield tx
                await tx.commit()
            except BaseException:
                await connection.rollback()
                raise

    async def lookup(self, kind: type[T], sql: str, **values: object) -> T | None:
        """One row of a statement that belongs to no account yet: who is it that knocks?"""
        _count()
        async with self._pool.connection() as connection, connection.cursor(row_factory=row_as(kind)) as cursor:
            with tracing.statement():
                await cursor.execute(sql, values)
            return await cursor.fetchone()

    async def lookup_all(self, kind: type[T], sql: str, **values: object) -> list[T]:
        """The rows of such a statement."""
        _count()
        async with self._pool.connection() as connection, connection.cursor(row_factory=row_as(kind)) as cursor:
            with tracing.statement():
                await cursor.execute(sql, values)
            return await cursor.fetchall()


def _checked_pool(url: str, max_size: int) -> AsyncConnectionPool:
    """Of a server that may go away: a connection is tried before it is given out."""
    return _pool(url, min_size=0, max_size=max_size, timeout=PATIENCE, check=AsyncConnectionPool.check_connection)


def _pool(url: str, *, min_size: int, max_size: int, timeout: float, **more: Any) -> AsyncConnectionPool:
    return AsyncConnectionPool(
        url,
        min_size=min_size,
        max_size=max_size,
        open=False,
        timeout=timeout,
        **more,
        kwargs={"autocommit": True, **connection_options()},
    )


def connection_options() -> dict[str, Any]:
    """What every connection of the application is opened with."""
    return {
        "application_name": f"trustwright-{os.getpid()}",
        "options": f"-c role={APPLICATION_ROLE} -c timezone=UTC -c datestyle=ISO",
    }
