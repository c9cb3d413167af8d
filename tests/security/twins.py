"""A second account with the ids of the first: every row once more, its texts marked as those of the other.

Ids count through all accounts, so that no service makes such a pair; what keeps accounts apart then is the account
alone, and not that ids happen to differ."""

import hashlib
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

import psycopg
from psycopg.rows import dict_row, tuple_row
from psycopg.sql import SQL, Identifier
from psycopg.types.json import Json

Row = dict[str, Any]

# Every text that people have written ends in the one or the other.
OURS, THEIRS = "northmark", "southmark"

# A text that people write, not the name of a state: it has words, or is a name, an address in the mail or in the web.
WRITTEN = re.compile(r"(?s).*\S\s+\S.*|[A-Z]\w*[a-zà-ÿ]|\S+@\S+|https?://\S+")

# What has words and is still a name that the service gives.
FIXED = {
    ("user_sessions", "method"),
    ("sign_in_tokens", "kind"),
}

# Columns that can be written, of every table that belongs to accounts.
COLUMNS = """
    select c.relname as table, a.attname as name, format_type(a.atttypid, null) as type,
        a.attnotnull as is_required
    from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p') and exists (
        select from pg_attribute k where k.attrelid = c.oid and k.attname = 'account_id')
    order by 1, a.attnum
"""

# Columns in which all accounts together have each value once.
UNIQUE_TO_ALL = """
    select c.relname as table, a.attname as name from pg_index i
    join pg_class c on c.oid = i.indrelid and c.relnamespace = 'public'::regnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = any (i.indkey)
    where i.indisunique and not exists (
        select from pg_attribute k where k.attrelid = c.oid and k.attname = 'account_id' and k.attnum = any (i.indkey))
"""


# What a column holds of which nothing more is known, by its type.
FILLERS: dict[str, Any] = {
    "bigint": 1,
    "integer": 1,
    "smallint": 1,
    "double precision": 1,
    "text": "x",
    "boolean": True,
    "bytea": b"x",
    "timestamp with time zone": datetime(2026, 1, 1, tzinfo=UTC),
    "date": date(2026, 1, 1),
    "uuid": UUID(int=1),
    "interval": timedelta(days=1),
    "json": Json({}),
    "jsonb": Json({}),
}


class Column(NamedTuple):
    name: str
    type: str
    is_required: bool
    is_unique_to_all: bool


def tenant_tables(connection: psycopg.Connection[Any]) -> dict[str, list[Column]]:
    """Every table that belongs to accounts, and its columns."""
    with connection.cursor(row_factory=dict_row) as cursor:
        unique = {(row["table"], row["name"]) for row in cursor.execute(UNIQUE_TO_ALL.encode())}
        tables: dict[str, list[Column]] = {}
        for row in cursor.execute(COLUMNS.encode()):
            column = Column(row["name"], row["type"], row["is_required"], (row["table"], row["name"]) in unique)
            tables.setdefault(row["table"], []).append(column)
        return tables


def copy_account(database_url: str, account_id: int, twin_id: int) -> None:
    """Makes the account `twin_id`, with every row of the other and none of its texts, and marks the texts of both."""
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        # Rows come table by table and not in the order in which they refer to each other.
        connection.execute("set session_replication_role = replica")
        for table, columns in tenant_tables(connection).items():
            name = Identifier(table)
            taken = SQL("delete from {} where account_id = %s returning *").format(name)
            rows = connection.execute(taken, (account_id,)).fetchall()
            statement = SQL("insert into {} ({}) overriding system value values ({})").format(
                name,
                SQL(", ").join(Identifier(column.name) for column in columns),
                SQL(", ").join([SQL("%s")] * len(columns)),
            )
            given = [[ours(table, row, column) for column in columns] for row in rows]
            given += [[theirs(table, row, column, twin_id) for column in columns] for row in rows]
            connection.cursor().executemany(statement, given)


def fill_empty_tables(database_url: str, account_ids: list[int]) -> None:
    """Puts two rows of each account where there is none: one with what a row must have, one with a value everywhere."""
    with psycopg.connect(database_url, row_factory=dict_row, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        for table, columns in tenant_tables(connection).items():
            if connection.execute(SQL("select from {} limit 1").format(Identifier(table))).fetchone() is None:
                for account_id in account_ids:
                    _fill(connection, table, [column for column in columns if column.is_required], account_id, 1)
                    _fill(connection, table, columns, account_id, 2)


def _fill(connection: psycopg.Connection[Row], table: str, columns: list[Column], account_id: int, number: int) -> None:
    values = {column.name: filler(column, account_id, number) for column in columns}
    statement = SQL("insert into {} ({}) overriding system value values ({}) on conflict do nothing").format(
        Identifier(table), SQL(", ").join(map(Identifier, values)), SQL(", ").join([SQL("%s")] * len(values))
    )
    connection.execute(statement, list(values.values()))


def filler(column: Column, account_id: int, number: int) -> Any:
    if column.name == "account_id":
        return account_id
    value = [] if column.type.endswith("[]") else FILLERS[column.type]
    if column.name == "id":
        return UUID(int=number) if column.type == "uuid" else number
    if column.is_unique_to_all:
        return f"{account_id} {number}".encode() if isinstance(value, bytes) else f"{account_id}-{number}"
    return value


def ours(table: str, row: Row, column: Column) -> Any:
    return _given(column, marked(table, column.name, row[column.name], OURS))


def theirs(table: str, row: Row, column: Column, twin_id: int) -> Any:
    value = twin_id if column.name == "account_id" else marked(table, column.name, row[column.name], THEIRS)
    return _given(column, another(value) if column.is_unique_to_all else value)


def marked(table: str, column: str, value: Any, mark: str) -> Any:
    """A value of a row with a mark at the end of each text in it that people have written."""
    if isinstance(value, str) and (table, column) not in FIXED:
        return mark_text(value, mark)
    if isinstance(value, dict | list) and column not in ("roles", "permissions", "entitlements"):
        return mark_within(value, mark)
    return value


def mark_within(value: Any, mark: str) -> Any:
    if isinstance(value, dict):
        return {name: inner if name.startswith("$") else mark_within(inner, mark) for name, inner in value.items()}
    if isinstance(value, list):
        return [mark_within(inner, mark) for inner in value]
    return mark_text(value, mark) if isinstance(value, str) else value


def mark_text(text: str, mark: str) -> str:
    if not WRITTEN.fullmatch(text):
        return text
    if re.fullmatch(r"[^\s@]+@[^\s@]+", text):
        return f"{mark}.{text}"
    return f"{text}/{mark}" if re.fullmatch(r"https?://\S+", text) else f"{text} {mark}"


def another(value: Any) -> Any:
    """A value of the same type that differs."""
    if isinstance(value, bytes):
        return hashlib.sha256(value).digest()
    return f"{value}-{THEIRS}" if isinstance(value, str) else value


def _given(column: Column, value: Any) -> Any:
    return Json(value) if column.type in ("json", "jsonb") and value is not None else value


def digests(connection: psycopg.Connection[Any], account_id: int | None = None) -> dict[str, str]:
    """By table, a digest of the rows of an account, of all accounts when none is named."""
    found = {}
    for table in tenant_tables(connection):
        statement = SQL(
            "select coalesce(md5(string_agg(md5(t::text), '' order by t::text)), '') from {} t"
            " where account_id = coalesce(%s, account_id)"
        ).format(Identifier(table))
        found[table] = connection.cursor(row_factory=tuple_row).execute(statement, (account_id,)).fetchall()[0][0]
    return found
