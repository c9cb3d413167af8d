"""SQL of the chain of events. Its links are written by the database alone, when an event commits."""

from collections.abc import AsyncGenerator
from uuid import UUID

from msgspec import Struct

from trustwright.db import Tx
from trustwright.events.chain import Head, Link, Stray


class Id(Struct, frozen=True):
    id: UUID


def links(tx: Tx) -> AsyncGenerator[Link, None]:
    """Every link in its order, with its event."""
    return tx.stream(
        Link,
        """
        select l.position, l.event_id, l.hash, case when e.id is not null then event_text(e) end as text
        from event_links l
        left join events e on e.account_id = l.account_id and e.id = l.event_id
        where l.account_id = %(account_id)s
        order by l.position
        """,
    )


async def head(tx: Tx) -> Head:
    """The last link."""
    found = await tx.one(
        Head,
        "select position, hash from event_links where account_id = %(account_id)s order by position desc limit 1",
    )
    return found or Head()


async def stray(tx: Tx) -> Stray | None:
    """The oldest event that has not just one link. Counted and not joined: links have no index by event, and a plan
    that looked for each of them would never end."""
    return await tx.one(
        Stray,
        """
        select event_id, sum(link) as links
        from (
            select id as event_id, seq, 0 as link from events where account_id = %(account_id)s
            union all
            select event_id, null, 1 from event_links where account_id = %(account_id)s
        ) found
        group by event_id
        having sum(link) <> 1
        order by min(seq)
        limit 1
        """,
    )


async def event_behind(tx: Tx, before: bytes, hash_: bytes) -> UUID | None:
    """The event whose link would have this hash behind that one. Reads all events."""
    found = await tx.one(
        Id,
        """
        select e.id from events e
        where e.account_id = %(account_id)s and event_hash(%(before)s, event_text(e)) = %(hash)s
        limit 1
        """,
        before=before,
        hash=hash_,
    )
    return found.id if found else None
