"""SQL of subscribers, and of the updates that they are told of."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Database, Tx
from trustwright.trust_page.model import Item
from trustwright.trust_page.store import ITEM
from trustwright.trust_page.subscribers import Subscriber

SUBSCRIBER = ", ".join(Subscriber.__struct_fields__)


class AccountId(Struct, frozen=True):
    account_id: int


async def find_or_insert(tx: Tx, workspace_id: int, email: str) -> Subscriber:
    """The subscription of an address, a new one where there is none; locked until the transaction ends."""
    return await tx.only(
        Subscriber,
        f"""
        insert into trust_subscribers (account_id, workspace_id, email, created_at)
        values (%(account_id)s, %(workspace_id)s, %(email)s, %(now)s)
        on conflict (account_id, workspace_id, email) do update set email = excluded.email
        returning {SUBSCRIBER}
        """,
        workspace_id=workspace_id,
        email=email,
        now=tx.now,
    )


async def get(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """A subscription, ended or not."""
    return await tx.one(
        Subscriber,
        f"select {SUBSCRIBER} from trust_subscribers where account_id = %(account_id)s and id = %(subscriber_id)s",
        subscriber_id=subscriber_id,
    )


async def confirm(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """Notes that the address wants the mails; None when that was noted before, or the subscription has ended."""
    return await tx.one(
        Subscriber,
        f"""
        update trust_subscribers set confirmed_at = %(now)s
        where account_id = %(account_id)s and id = %(subscriber_id)s and confirmed_at is null and ended_at is null
        returning {SUBSCRIBER}
        """,
        subscriber_id=subscriber_id,
        now=tx.now,
    )


async def end(tx: Tx, subscriber_id: int) -> Subscriber | None:
    """Ends a subscription and forgets its address; None when it had ended before."""
    return await tx.one(
        Subscriber,
        f"""
        update trust_subscribers set ended_at = %(now)s, email = null
        where account_id = %(account_id)s and id = %(subscriber_id)s and ended_at is null
        returning {SUBSCRIBER}
        """,
        subscriber_id=subscriber_id,
        now=tx.now,
    )


async def confirmed_after(tx: Tx, workspace_id: int, after_id: int, limit: int) -> list[Subscriber]:
    """The next of those who are to be mailed, by id."""
    return await tx.all(
        Subscriber,
        f"""
        select {SUBSCRIBER} from trust_subscribers
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and id > %(after_id)s
            and confirmed_at is not null and ended_at is null
        order by id limit %(limit)s
        """,
        workspace_id=workspace_id,
        after_id=after_id,
        limit=limit,
    )


async def count_confirmed(tx: Tx, workspace_id: int, most: int) -> int:
    """How many are mailed, counted up to a number."""
    found: int = await tx.value(
        """
        select count(*) from (
            select from trust_subscribers
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
                and confirmed_at is not null and ended_at is null
            limit %(most)s) counted
        """,
        workspace_id=workspace_id,
        most=most,
    )
    return found


async def forget_unconfirmed(tx: Tx, before: datetime) -> int:
    """Deletes the addresses that nobody confirmed since a time."""
    return await tx.run(
        """
        delete from trust_subscribers
        where account_id = %(account_id)s and confirmed_at is null and ended_at is null and created_at < %(before)s
        """,
        before=before,
    )


async def take_untold(tx: Tx) -> list[Item]:
    """The published updates that nobody was told of, marked as told."""
    return await tx.all(
        Item,
        f"""
        update trust_items set told_at = %(now)s
        where account_id = %(account_id)s and kind = 'UPDATE' and is_published and deleted_at is null
            and told_at is null and (content ->> 'published_at')::timestamptz <= %(now)s
        returning {ITEM}
        """,
        now=tx.now,
    )


async def items_by_id(tx: Tx, ids: list[int]) -> list[Item]:
    """Those of these entries that were not deleted."""
    return await tx.all(
        Item,
        f"""
        select {ITEM} from trust_items
        where account_id = %(account_id)s and id = any (%(ids)s::integer[]) and deleted_at is null
        order by id
        """,
        ids=ids,
    )


async def accounts_with_untold(database: Database) -> list[int]:
    """The accounts that have published updates which nobody was told of."""
    rows = await database.lookup_all(AccountId, "select account_id from accounts_with_untold_updates()")
    return [row.account_id for row in rows]
