"""SQL of connections, resources, sessions and records."""

from psycopg.types.json import Jsonb

from trustwright.db import Slice, Tx
from trustwright.records.model import Connection, Existing, Record, Resource, Session, SessionStatus

CONNECTION = "id, provider_type, client_alias, description, created_by_id, created_at, updated_at, deleted_at"
RESOURCE = """id, connection_id, name, description, schema::text as schema, display_name_key, live_dataset_id,
    is_watched, created_at, updated_at, deleted_at"""
SESSION = "id, resource_id, session_id, status, dataset_id, created_at, updated_at, activated_at, canceled_at"
RECORD = "record_id, position, attributes::text as attributes, created_at, updated_at"

CONNECTIONS = f"select {CONNECTION} from connections where account_id = %(account_id)s and deleted_at is null"

SESSIONS = f"""
    select {SESSION} from sessions
    where account_id = %(account_id)s and resource_id = %(resource_id)s
        and (%(status)s::text is null or status = %(status)s)
"""

RECORDS = f"select {RECORD} from records where account_id = %(account_id)s and dataset_id = %(dataset_id)s"


async def insert_connection(
    tx: Tx, provider_type: str, alias: str, description: str | None, created_by_id: int | None
) -> Connection:
    """Adds a connection."""
    return await tx.only(
        Connection,
        f"""
        insert into connections (account_id, provider_type, client_alias, description, created_by_id)
        values (%(account_id)s, %(provider_type)s, %(alias)s, %(description)s, %(created_by_id)s)
        returning {CONNECTION}
        """,
        provider_type=provider_type,
        alias=alias,
        description=description,
        created_by_id=created_by_id,
    )


async def insert_connection_workspaces(tx: Tx, connection_id: int, workspace_ids: list[int]) -> None:
    """Says which workspaces a connection serves."""
    await tx.run(
        """
        insert into connection_workspaces (account_id, connection_id, workspace_id)
        select %(account_id)s, %(connection_id)s, id from unnest(%(workspace_ids)s::integer[]) as given (id)
        """,
        connection_id=connection_id,
        workspace_ids=workspace_ids,
    )


async def insert_resource(tx: Tx, connection_id: int, name: str, schema: str, display_name_key: str) -> Resource:
    """Adds a resource with an empty live dataset."""
    return await tx.only(
        Resource,
        f"""
        insert into resources (account_id, connection_id, name, schema, display_name_key)
        values (%(account_id)s, %(connection_id)s, %(name)s, %(schema)s, %(display_name_key)s)
        returning {RESOURCE}
        """,
        connection_id=connection_id,
        name=name,
        schema=schema,
        display_name_key=display_name_key,
    )


async def page_connections(tx: Tx, part: Slice) -> list[Connection]:
    """A page of connections."""
    return await tx.page(Connection, CONNECTIONS, part)


async def count_connections(tx: Tx) -> int:
    """How many connections there are."""
    return await tx.count(CONNECTIONS)


async def connections_serving(tx: Tx, workspace_id: int) -> list[Connection]:
    """The connections that serve a workspace."""
    return await tx.all(
        Connection,
        f"""
        {CONNECTIONS}
            and id in (
                select connection_id from connection_workspaces
                where account_id = %(account_id)s and workspace_id = %(workspace_id)s
            )
        order by id
        """,
        workspace_id=workspace_id,
    )


async def get_connection(tx: Tx, connection_id: int) -> Connection | None:
    """A connection, deleted or not."""
    return await tx.one(
        Connection,
        f"select {CONNECTION} from connections where account_id = %(account_id)s and id = %(connection_id)s",
        connection_id=connection_id,
    )


async def update_connection(tx: Tx, connection_id: int, alias: str | None, description: str | None) -> Connection:
    """Sets a connection's names."""
    return await tx.only(
        Connection,
        f"""
        update connections set client_alias = %(alias)s, description = %(description)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(connection_id)s
        returning {CONNECTION}
        """,
        connection_id=connection_id,
        alias=alias,
        description=description,
        now=tx.now,
    )


async def delete_connection(tx: Tx, connection_id: int) -> bool:
    """Marks a connection as deleted; False when it was already."""
    return (
        await tx.run(
            """
        update connections set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(connection_id)s and deleted_at is null
        """,
            connection_id=connection_id,
            now=tx.now,
        )
        > 0
    )


async def delete_resource(tx: Tx, resource_id: int) -> None:
    """Marks a resource as deleted."""
    await tx.run(
        """
        update resources set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(resource_id)s
        """,
        resource_id=resource_id,
        now=tx.now,
    )


async def resources_of(tx: Tx, connection_ids: list[int], workspace_id: int | None = None) -> list[Resource]:
    """The resources of some connections, or of those of them that serve a workspace."""
    return await tx.all(
        Resource,
        f"""
        select {RESOURCE} from resources
        where account_id = %(account_id)s and connection_id = any (%(connection_ids)s) and deleted_at is null
            and (%(workspace_id)s::bigint is null or connection_id in (
                select connection_id from connection_workspaces
                where account_id = %(account_id)s and workspace_id = %(workspace_id)s))
        order by id
        """,
        connection_ids=connection_ids,
        workspace_id=workspace_id,
    )


async def get_resource(tx: Tx, connection_id: int, resource_id: int) -> Resource | None:
    """A resource of a connection."""
    return await tx.one(
        Resource,
        f"""
        select {RESOURCE} from resources
        where account_id = %(account_id)s and id = %(resource_id)s and connection_id = %(connection_id)s
            and deleted_at is null
        """,
        connection_id=connection_id,
        resource_id=resource_id,
    )


async def get_resource_locked(tx: Tx, connection_id: int, resource_id: int, *, exclusive: bool) -> Resource | None:
    """A resource whose live dataset nobody exchanges, and with `exclusive` nobody uploads to, until the transaction
    ends. Waits for those who do."""
    return await tx.one(
        Resource,
        f"""
        select {RESOURCE}
        from resource_under_lock(%(account_id)s, %(connection_id)s::integer, %(resource_id)s::integer, %(exclusive)s)
        """,
        connection_id=connection_id,
        resource_id=resource_id,
        exclusive=exclusive,
    )


async def point_at(tx: Tx, resource_id: int, dataset_id: int) -> None:
    """Makes a dataset the live one."""
    await tx.run(
        """
        update resources set live_dataset_id = %(dataset_id)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(resource_id)s
        """,
        resource_id=resource_id,
        dataset_id=dataset_id,
        now=tx.now,
    )


async def insert_session(tx: Tx, resource_id: int, session_id: str) -> Session | None:
    """Opens a session; None when another is open."""
    return await tx.one(
        Session,
        f"""
        insert into sessions (account_id, resource_id, session_id)
        values (%(account_id)s, %(resource_id)s, %(session_id)s)
        on conflict do nothing
        returning {SESSION}
        """,
        resource_id=resource_id,
        session_id=session_id,
    )


async def newest_session(tx: Tx, resource_id: int, session_id: str) -> Session | None:
    """The latest session of a name."""
    return await tx.one(
        Session,
        f"""
        select {SESSION} from sessions
        where account_id = %(account_id)s and resource_id = %(resource_id)s and session_id = %(session_id)s
        order by id desc limit 1
        """,
        resource_id=resource_id,
        session_id=session_id,
    )


async def session_in(tx: Tx, resource_id: int, status: SessionStatus) -> Session | None:
    """The one session IN_PROGRESS, or the one ACTIVE."""
    return await tx.one(
        Session,
        f"""
        select {SESSION} from sessions
        where account_id = %(account_id)s and resource_id = %(resource_id)s and status = %(status)s
        """,
        resource_id=resource_id,
        status=status.value,
    )


async def update_session(tx: Tx, session_row_id: int, status: SessionStatus, *, keep_rows: bool) -> None:
    """Moves a session on; without `keep_rows` it lets go of its dataset."""
    await tx.run(
        """
        update sessions set status = %(status)s, updated_at = %(now)s,
            dataset_id = case when %(keep_rows)s then dataset_id end,
            activated_at = case when %(status)s = 'ACTIVE' then %(now)s else activated_at end,
            canceled_at = case when %(status)s = 'CANCELED' then %(now)s else canceled_at end
        where account_id = %(account_id)s and id = %(session_row_id)s
        """,
        session_row_id=session_row_id,
        status=status.value,
        keep_rows=keep_rows,
        now=tx.now,
    )


async def release_sessions(tx: Tx, resource_id: int) -> list[int]:
    """Takes the datasets from all sessions of a resource; their ids."""
    rows = await tx.value(
        """
        with held as (
            select id, dataset_id from sessions
            where account_id = %(account_id)s and resource_id = %(resource_id)s and dataset_id is not null
        ), released as (
            update sessions s set dataset_id = null from held
            where s.account_id = %(account_id)s and s.id = held.id
        )
        select coalesce(array_agg(dataset_id), '{}') from held
        """,
        resource_id=resource_id,
    )
    return list(rows)


async def page_sessions(tx: Tx, part: Slice, resource_id: int, status: str | None) -> list[Session]:
    """A page of a resource's sessions, of one state or any."""
    return await tx.page(Session, SESSIONS, part, resource_id=resource_id, status=status)


async def count_sessions(tx: Tx, resource_id: int, status: str | None) -> int:
    """How many they are."""
    return await tx.count(SESSIONS, resource_id=resource_id, status=status)


async def upsert_records(tx: Tx, dataset_id: int, ids: bytes, items: bytes) -> list[Existing]:
    """Stores a batch, two JSON lists of one length; returns the records that were there before."""
    return await tx.all(
        Existing,
        """
        select record_id, created_at
        from upsert_records(%(account_id)s, %(dataset_id)s, %(ids)s, %(items)s, %(now)s)
        """,
        dataset_id=dataset_id,
        ids=Jsonb(ids, dumps=bytes),
        items=Jsonb(items, dumps=bytes),
        now=tx.now,
    )


async def page_records(tx: Tx, part: Slice, dataset_id: int) -> list[Record]:
    """A page of a dataset."""
    return await tx.page(Record, RECORDS, part, key="position", dataset_id=dataset_id)


async def count_records(tx: Tx, dataset_id: int) -> int:
    """How many records a dataset holds."""
    return await tx.count(RECORDS, dataset_id=dataset_id)


async def any_record(tx: Tx, dataset_id: int) -> bool:
    """Whether a dataset holds a record."""
    return bool(
        await tx.value(
            "select exists (select from records where account_id = %(account_id)s and dataset_id = %(dataset_id)s)",
            dataset_id=dataset_id,
        )
    )


async def get_record(tx: Tx, dataset_id: int, record_id: str) -> Record | None:
    """A record."""
    return await tx.one(Record, f"{RECORDS} and record_id = %(record_id)s", **_key(dataset_id, record_id))


async def get_record_for_update(tx: Tx, dataset_id: int, record_id: str) -> Record | None:
    """A record that nobody else changes until the transaction ends."""
    return await tx.one(Record, f"{RECORDS} and record_id = %(record_id)s for update", **_key(dataset_id, record_id))


async def update_record(tx: Tx, dataset_id: int, record_id: str, attributes: str) -> Record:
    """Replaces a record's attributes."""
    return await tx.only(
        Record,
        f"""
        update records set attributes = %(attributes)s::jsonb, updated_at = %(now)s
        where account_id = %(account_id)s and dataset_id = %(dataset_id)s and record_id = %(record_id)s
        returning {RECORD}
        """,
        attributes=attributes,
        now=tx.now,
        **_key(dataset_id, record_id),
    )


async def delete_record(tx: Tx, dataset_id: int, record_id: str) -> Record | None:
    """Removes a record; what it was."""
    return await tx.one(
        Record,
        f"""
        delete from records
        where account_id = %(account_id)s and dataset_id = %(dataset_id)s and record_id = %(record_id)s
        returning {RECORD}
        """,
        **_key(dataset_id, record_id),
    )


async def delete_some_records(tx: Tx, dataset_id: int, after: str, most: int) -> str | None:
    """Removes up to `most` records of a dataset whose ids come after `after`; the last id, None when none was left.

    Starting behind what is gone spares each batch the dead index entries of those before it. By a range, and not by a
    list of ids: where the statistics do not know the dataset yet, that is looked for in all of it again and again."""
    last: str | None = await tx.value(
        """
        with part as (
            select max(record_id) as last from (
                select record_id from records
                where account_id = %(account_id)s and dataset_id = %(dataset_id)s and record_id > %(after)s
                order by record_id limit %(most)s
            ) some_records
        ), gone as (
            delete from records
            where account_id = %(account_id)s and dataset_id = %(dataset_id)s and record_id > %(after)s
                and record_id <= (select last from part)
        )
        select last from part
        """,
        dataset_id=dataset_id,
        after=after,
        most=most,
    )
    return last


def _key(dataset_id: int, record_id: str) -> dict[str, object]:
    return {"dataset_id": dataset_id, "record_id": record_id}
