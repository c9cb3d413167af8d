"""SQL of what the console shows of connections and records: never more than a page of them is looked at."""

from trustwright.db import Slice, Tx
from trustwright.records.model import DatasetSize, ListedConnection, ProviderType, Record, RecordLine

# What a line shows of a long text.
SHOWN = 80

LISTED = """
    select id, name, provider_type, description, created_at, updated_at from (
        select *, coalesce(nullif(client_alias, ''), 'Connection ' || id) as name from connections
        where account_id = %(account_id)s and deleted_at is null
    ) listed
    where (%(provider)s::text is null or provider_type = %(provider)s)
        and (position(lower(%(q)s) in lower(name)) > 0 or position(lower(%(q)s) in lower(description)) > 0
            or id::text = %(q)s)
        and (%(workspace_id)s::integer is null or id in (
            select connection_id from connection_workspaces
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s))
"""

BETWEEN = """
    where account_id = %(account_id)s and dataset_id = %(dataset_id)s
        and record_id >= %(first)s and record_id < %(before)s
"""

LINES = f"""
    select record_id, position, created_at, updated_at, left(attributes ->> %(name_key)s, {SHOWN}) as name,
        (select coalesce(jsonb_object_agg(key, left(attributes ->> key, {SHOWN})), '{{}}')
            from unnest(%(keys)s::text[]) key) as values
    from records {BETWEEN}
"""

WHOLE = f"select record_id, position, attributes::text as attributes, created_at, updated_at from records {BETWEEN}"


async def page_connections(
    tx: Tx, part: Slice, q: str, provider: ProviderType | None, workspace_id: int | None
) -> list[ListedConnection]:
    """A page of the connections whose name, description or id has to do with `q`."""
    wanted = provider.value if provider else None
    return await tx.page(ListedConnection, LISTED, part, q=q, provider=wanted, workspace_id=workspace_id)


async def sizes(tx: Tx, dataset_ids: list[int], most: int) -> list[DatasetSize]:
    """How large datasets are, each counted up to `most`."""
    return await tx.all(
        DatasetSize,
        """
        select wanted.id as dataset_id,
            (select count(*) from (
                select from records
                where account_id = %(account_id)s and dataset_id = wanted.id limit %(most)s) few) as counted,
            (select updated_at from records
                where account_id = %(account_id)s and dataset_id = wanted.id
                order by updated_at desc, position desc limit 1) as last_push_at
        from unnest(%(dataset_ids)s::bigint[]) as wanted (id)
        """,
        dataset_ids=dataset_ids,
        most=most,
    )


async def page_lines(
    tx: Tx, part: Slice, dataset_id: int, name_key: str, keys: list[str], first: str, before: str
) -> list[RecordLine]:
    """A page of the records of a dataset whose ids lie from `first` on, and below `before`."""
    return await tx.page(
        RecordLine,
        LINES,
        part,
        key="position",
        dataset_id=dataset_id,
        name_key=name_key,
        keys=keys,
        first=first,
        before=before,
    )


async def page_whole(tx: Tx, part: Slice, dataset_id: int, first: str, before: str) -> list[Record]:
    """The same records with all that they hold."""
    return await tx.page(Record, WHOLE, part, key="position", dataset_id=dataset_id, first=first, before=before)


async def workspaces_of(tx: Tx, connection_id: int) -> list[int]:
    """The workspaces that a connection serves."""
    found = await tx.value(
        """
        select coalesce(array_agg(workspace_id order by workspace_id), '{}') from connection_workspaces
        where account_id = %(account_id)s and connection_id = %(connection_id)s
        """,
        connection_id=connection_id,
    )
    return list(found)


async def set_workspaces(tx: Tx, connection_id: int, workspace_ids: list[int]) -> None:
    """Says which workspaces a connection serves, and no others."""
    await tx.run(
        """
        with gone as (
            delete from connection_workspaces
            where account_id = %(account_id)s and connection_id = %(connection_id)s
                and workspace_id <> all (%(workspace_ids)s)
        )
        insert into connection_workspaces (account_id, connection_id, workspace_id)
        select %(account_id)s, %(connection_id)s, id from unnest(%(workspace_ids)s::integer[]) as given (id)
        on conflict do nothing
        """,
        connection_id=connection_id,
        workspace_ids=workspace_ids,
    )


async def lock_connection(tx: Tx, connection_id: int) -> None:
    """Nobody else changes a connection until the transaction ends."""
    await tx.run(
        "select from connections where account_id = %(account_id)s and id = %(connection_id)s for no key update",
        connection_id=connection_id,
    )
