"""The second wall: what PostgreSQL itself refuses, whatever a statement forgets (design, rule 3)."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, LiteralString

import psycopg
import pytest
from psycopg import Connection, sql
from psycopg.errors import InsufficientPrivilege

from tests.factories import Account, World
from trustwright.accounts import store
from trustwright.db import APPLICATION_ROLE, Slice, Who
from trustwright.events import store as events
from trustwright.events.model import Filter, Source

ALL = Slice(column="created_at", descending=False, limit=100)

TABLES = """
    select c.relname from pg_class c
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
    where c.relkind in ('r', 'p') and c.relnamespace = 'public'::regnamespace
    order by c.relname
"""
CHECKS = "select conname from pg_constraint where contype = 'c' and conrelid = %s::regclass"
MUST_BE_GIVEN = """
    select a.attname, format_type(a.atttypid, null) from pg_attribute a
    where a.attrelid = %s::regclass and a.attnum > 0 and not a.attisdropped
        and a.attnotnull and not a.atthasdef and a.attidentity = '' and a.attname <> 'account_id'
"""
SAMPLES: dict[str, str] = {
    "bigint": "1",
    "integer": "1",
    "smallint": "1",
    "double precision": "1",
    "numeric": "1",
    "boolean": "true",
    "text": "x",
    "text[]": "{}",
    "integer[]": "{}",
    "json": "{}",
    "jsonb": "{}",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "date": "2025-07-01",
    "timestamp with time zone": "2025-07-01",
}


@pytest.fixture
def owner(world: World) -> Iterator[Connection[Any]]:
    """The owner of the tables, in a transaction that is rolled back."""
    with psycopg.connect(world.database_url) as connection:
        yield connection
        connection.rollback()


def become(connection: Connection[Any], account_id: int) -> None:
    """From here on the connection is the application, in an account."""
    connection.execute(sql.SQL("set local role {}").format(sql.Identifier(APPLICATION_ROLE)))
    connection.execute("select set_config('trustwright.account_id', %s, true)", (str(account_id),))


def tenant_tables(connection: Connection[Any]) -> list[str]:
    names = [name for (name,) in connection.execute(TABLES)]
    assert {"accounts", "workspaces", "users", "api_keys", "events"} <= set(names)
    return names


def plant(connection: Connection[Any], table: str, account_id: int) -> None:
    """Puts a row of the account into a table, if there is none, past whatever else the table asks of it."""
    name = sql.Identifier(table)
    if connection.execute(sql.SQL("select 1 from {} where account_id = %s").format(name), (account_id,)).fetchone():
        return
    for (check,) in connection.execute(CHECKS, (table,)).fetchall():
        connection.execute(sql.SQL("alter table {} drop constraint {}").format(name, sql.Identifier(check)))
    given = {"account_id": str(account_id)}
    # What stands for a secret is nobody else's, whatever the account.
    samples = {**SAMPLES, "bytea": f"secret {account_id}"}
    given |= {column: samples[kind] for column, kind in connection.execute(MUST_BE_GIVEN, (table,)).fetchall()}
    connection.execute(
        sql.SQL("insert into {} ({}) values ({})").format(
            name, sql.SQL(", ").join(map(sql.Identifier, given)), sql.SQL(", ").join(map(sql.Literal, given.values()))
        )
    )


def rows_seen(connection: Connection[Any], table: str) -> set[int] | None:
    """The accounts whose rows a statement without any condition finds; None when it may not even ask."""
    statement = sql.SQL("select distinct account_id from {}").format(sql.Identifier(table))
    try:
        with connection.transaction():
            return {account_id for (account_id,) in connection.execute(statement)}
    except InsufficientPrivilege:
        return None


@pytest.fixture
def tables(owner: Connection[Any], acme: Account, globex: Account) -> list[str]:
    """Every tenant table, with a row of each account in it."""
    names = tenant_tables(owner)
    owner.execute("set local session_replication_role = replica")
    for name in names:
        plant(owner, name, acme.id)
        plant(owner, name, globex.id)
    owner.execute("set local session_replication_role = origin")
    return names


def test_no_table_shows_another_accounts_rows_to_a_statement_without_conditions(
    owner: Connection[Any], tables: list[str], acme: Account, globex: Account
) -> None:
    for account in (acme, globex):
        become(owner, account.id)
        for table in tables:
            assert rows_seen(owner, table) in ({account.id}, None), table


@pytest.mark.parametrize(
    "statement",
    [
        "insert into {} (account_id) values (%s)",
        "update {} set account_id = %s",
        "delete from {} where account_id = %s",
    ],
)
def test_no_table_takes_or_gives_a_row_of_another_account(
    owner: Connection[Any], tables: list[str], acme: Account, globex: Account, statement: LiteralString
) -> None:
    become(owner, globex.id)

    for table in tables:
        changed = 0
        with suppress(InsufficientPrivilege), owner.transaction():
            changed = owner.execute(sql.SQL(statement).format(sql.Identifier(table)), (acme.id,)).rowcount
        assert changed == 0, table


def test_a_refusal_comes_from_the_wall_and_not_from_a_missing_privilege(
    owner: Connection[Any], acme: Account, globex: Account
) -> None:
    become(owner, globex.id)

    for statement in ("insert into users (account_id) values (%s)", "update users set account_id = %s"):
        with pytest.raises(InsufficientPrivilege, match="row-level security"), owner.transaction():
            owner.execute(statement, (acme.id,))
    assert owner.execute("update users set job_title = 'Taken'").rowcount == 1


def test_the_stores_statements_find_nothing_when_they_ask_for_another_account(
    world: World, acme: Account, globex: Account
) -> None:
    async def everything(account: Account, asked: Account) -> list[object]:
        async with world.database.begin(Who(account_id=account.id, source=Source.APP)) as tx:
            # What the statements filter by, and not what the database was told.
            tx.account_id = asked.id
            return [
                *([found] if (found := await store.get_account(tx)) else []),
                *await store.all_workspaces(tx),
                *await store.page_workspaces(tx, ALL),
                *await store.page_workspaces_named(tx, ALL, ""),
                *await store.page_users(tx, ALL, "", "", None),
                *await store.search_users(tx, ALL, store.Search()),
                *await store.get_users(tx, [asked.alice_id]),
                *([user] if (user := await store.get_user(tx, asked.alice_id)) else []),
                *([user] if (user := await store.get_user_by_email(tx, asked.alice_email)) else []),
                *await events.page(tx, ALL, Filter()),
            ]

    assert len(world.run(everything(acme, acme))) > 9
    assert world.run(everything(globex, acme)) == []


@pytest.mark.parametrize("statement", ["update events set description = ''", "delete from events", "truncate events"])
def test_events_can_be_neither_changed_nor_removed(owner: Connection[Any], acme: Account, statement: str) -> None:
    become(owner, acme.id)

    with pytest.raises(InsufficientPrivilege, match="permission denied for table events"):
        owner.execute(statement)


def test_the_application_can_neither_bypass_the_wall_nor_move_it(owner: Connection[Any]) -> None:
    role = owner.execute(
        "select rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles where rolname = %s",
        (APPLICATION_ROLE,),
    ).fetchone()
    owned = owner.execute(
        "select c.relname from pg_class c join pg_roles r on r.oid = c.relowner where r.rolname = %s",
        (APPLICATION_ROLE,),
    ).fetchall()

    assert role == (False, False, False, False)
    assert owned == []


def test_the_servers_own_connections_work_as_the_applications_role(world: World, acme: Account) -> None:
    async def role() -> object:
        async with world.database.read(acme.who) as tx:
            return await tx.value("select current_user")

    assert world.run(role()) == APPLICATION_ROLE


def test_a_statement_without_an_account_is_an_error(owner: Connection[Any], acme: Account) -> None:
    tables = tenant_tables(owner)
    owner.commit()

    for _ in ("before any transaction had an account", "after one had"):
        for table in tables:
            with pytest.raises(psycopg.Error):
                owner.execute(
                    sql.SQL("set local role {}; select from {}").format(
                        sql.Identifier(APPLICATION_ROLE), sql.Identifier(table)
                    )
                )
            owner.rollback()
        become(owner, acme.id)
        owner.commit()
