"""SQL of events."""

from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from trustwright.db import Slice, Tx
from trustwright.events.model import Event, EventType, Filter

COLUMNS = """id, seq, type, category, source, description, request, user_id, connection_id, workspace_id,
    target, before, after, status, created_at"""

MATCHING = f"""
    select {COLUMNS} from events
    where account_id = %(account_id)s
        and (%(type)s::text is null or type = %(type)s)
        and (%(source)s::text is null or source = %(source)s)
        and (%(category)s::text is null or category = %(category)s)
        and (%(workspace_id)s::integer is null or workspace_id = %(workspace_id)s)
        and (%(since)s::timestamptz is null or created_at >= %(since)s)
        and (%(until)s::timestamptz is null or created_at <= %(until)s)
        and (%(any_user)s or user_id is not distinct from %(user_id)s)
        and (%(any_connection)s or connection_id is not distinct from %(connection_id)s)
        and (%(q)s = '' or position(lower(%(q)s) in lower(description)) > 0)
"""
# The same once more, as the index of events by user can answer it.
OF_USER = " and user_id = %(user_id)s"


def insert(
    tx: Tx,
    type_: EventType,
    description: str,
    target: dict[str, Any],
    before: object,
    after: object,
    connection_id: int | None,
    workspace_id: int | None,
    status: str | None,
) -> None:
    """Adds one event in the name of the transaction's actor."""
    tx.at_end(
        """
        insert into events (account_id, type, category, source, description, request, user_id, key_id,
            connection_id, workspace_id, target, before, after, status, created_at)
        values (%(account_id)s, %(type)s, %(category)s, %(source)s, %(description)s, %(request)s, %(user_id)s,
            %(key_id)s, %(connection_id)s, %(workspace_id)s, %(target)s, %(before)s, %(after)s,
            %(status)s, %(now)s)
        """,
        type=type_.value,
        category=type_.category.value,
        source=tx.who.source.value,
        description=description,
        request=tx.who.request,
        user_id=tx.who.user_id,
        key_id=tx.who.key_id,
        connection_id=connection_id,
        workspace_id=workspace_id,
        target=Jsonb(target),
        before=None if before is None else Jsonb(before),
        after=None if after is None else Jsonb(after),
        status=status,
        now=tx.now,
    )


async def page(tx: Tx, part: Slice, filters: Filter) -> list[Event]:
    """A page of the events that match."""
    text = MATCHING if filters.user_id is None else MATCHING + OF_USER
    return await tx.page(Event, text, part, key="seq", **_values(filters))


async def count(tx: Tx, filters: Filter) -> int:
    """How many events match."""
    return await tx.count(MATCHING, **_values(filters))


async def get(tx: Tx, event_id: UUID) -> Event | None:
    """One event."""
    return await tx.one(
        Event,
        f"select {COLUMNS} from events where account_id = %(account_id)s and id = %(event_id)s",
        event_id=event_id,
    )


async def of_vendor(tx: Tx, vendor_id: int, most: int) -> list[Event]:
    """The newest events of a vendor, its reviews, documents and questionnaires."""
    return await tx.all(
        Event,
        f"""
        select {COLUMNS} from events
        where account_id = %(account_id)s and vendor_id = %(vendor_id)s
        order by created_at desc, seq desc limit %(most)s
        """,
        vendor_id=vendor_id,
        most=most,
    )


def _values(filters: Filter) -> dict[str, object]:
    return {name: getattr(filters, name) for name in filters.__struct_fields__}
