"""SQL of the resources that monitors read: which they are, and which of them changed."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Database, Tx


class Change(Struct, frozen=True):
    """A resource whose live records changed, of whatever account."""

    account_id: int
    connection_id: int
    resource_id: int


async def watch(tx: Tx, resource_ids: list[int]) -> None:
    """Marks resources as read by monitors. Uploads that did not know it yet are waited for."""
    await tx.run(
        """
        with locked as materialized (
            select id, pg_advisory_xact_lock(%(account_id)s::integer, id) from (
                select id from resources
                where account_id = %(account_id)s and id = any (%(resource_ids)s) and not is_watched order by id
            ) unwatched
        )
        update resources r set is_watched = true from locked where r.account_id = %(account_id)s and r.id = locked.id
        """,
        resource_ids=resource_ids,
    )


def note_change(tx: Tx, resource_id: int) -> None:
    """Says that live records of a resource changed. Many uploads say it once, and none waits for another."""
    tx.at_end(
        """
        insert into resource_changes (account_id, resource_id, noticed_at)
        values (%(account_id)s, %(resource_id)s, %(now)s)
        on conflict do nothing
        """,
        resource_id=resource_id,
        now=tx.now,
    )


async def take_change(tx: Tx, resource_id: int) -> bool:
    """Takes back that a resource changed; False when nothing said so."""
    return (
        await tx.run(
            "delete from resource_changes where account_id = %(account_id)s and resource_id = %(resource_id)s",
            resource_id=resource_id,
        )
        > 0
    )


async def changed_resources(database: Database, since: datetime) -> list[Change]:
    """The resources of all accounts of which it is known since then that they changed."""
    return await database.lookup_all(
        Change, "select account_id, connection_id, resource_id from changed_resources(%(since)s)", since=since
    )
