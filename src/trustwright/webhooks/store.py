"""SQL of webhooks, deliveries and attempts."""

from datetime import datetime
from uuid import UUID

from msgspec import Struct

from trustwright.db import Database, Slice, Tx
from trustwright.webhooks.model import (
    EARLY,
    LEASE,
    Attempt,
    Claimed,
    Delivery,
    DeliveryStatus,
    NewWebhook,
    Outcome,
    Webhook,
)

WEBHOOK = "id, url, description, is_enabled, disabled_message, created_at, updated_at"
DELIVERY = """id, webhook_id, message_id, kind, body, state, attempts, due_at, created_at, updated_at, finished_at"""

WEBHOOKS = "from webhooks where account_id = %(account_id)s and deleted_at is null"
DELIVERIES = """from webhook_deliveries where account_id = %(account_id)s and webhook_id = %(webhook_id)s
    and (%(status)s::text is null or state = %(status)s)"""


class Id(Struct, frozen=True):
    id: int


class AccountId(Struct, frozen=True):
    account_id: int


async def insert_webhook(tx: Tx, new: NewWebhook, nonce: bytes, secret_sha256: bytes) -> Webhook:
    """Adds a webhook."""
    return await tx.only(
        Webhook,
        f"""
        insert into webhooks (account_id, url, description, is_enabled, nonce, secret_sha256, created_at, updated_at)
        values (%(account_id)s, %(url)s, %(description)s, %(is_enabled)s, %(nonce)s, %(secret_sha256)s, %(now)s,
            %(now)s)
        returning {WEBHOOK}
        """,
        url=new.url,
        description=new.description,
        is_enabled=new.is_enabled,
        nonce=nonce,
        secret_sha256=secret_sha256,
        now=tx.now,
    )


async def page_webhooks(tx: Tx, part: Slice) -> list[Webhook]:
    """A part of the webhooks."""
    return await tx.page(Webhook, f"select {WEBHOOK} {WEBHOOKS}", part)


async def count_webhooks(tx: Tx) -> int:
    """How many webhooks the account has."""
    return await tx.count(f"select 1 {WEBHOOKS}")


async def get_webhook(tx: Tx, webhook_id: int) -> Webhook | None:
    """A webhook that was not deleted."""
    return await tx.one(Webhook, f"select {WEBHOOK} {WEBHOOKS} and id = %(webhook_id)s", webhook_id=webhook_id)


async def get_webhook_for_update(tx: Tx, webhook_id: int) -> Webhook | None:
    """A webhook that was not deleted, locked until the transaction ends."""
    return await tx.one(
        Webhook, f"select {WEBHOOK} {WEBHOOKS} and id = %(webhook_id)s for update", webhook_id=webhook_id
    )


async def enabled_webhooks(tx: Tx) -> list[int]:
    """The webhooks that want to hear."""
    found = await tx.all(Id, f"select id {WEBHOOKS} and is_enabled order by id")
    return [webhook.id for webhook in found]


async def update_webhook(tx: Tx, webhook: Webhook) -> Webhook:
    """Says something else of a webhook."""
    return await tx.only(
        Webhook,
        f"""
        update webhooks
        set url = %(url)s, description = %(description)s, is_enabled = %(is_enabled)s,
            disabled_message = %(disabled_message)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(webhook_id)s
        returning {WEBHOOK}
        """,
        webhook_id=webhook.id,
        url=webhook.url,
        description=webhook.description,
        is_enabled=webhook.is_enabled,
        disabled_message=webhook.disabled_message,
        now=tx.now,
    )


async def set_secret(tx: Tx, webhook_id: int, nonce: bytes, secret_sha256: bytes) -> Webhook:
    """Gives a webhook what its next secret is made of."""
    return await tx.only(
        Webhook,
        f"""
        update webhooks set nonce = %(nonce)s, secret_sha256 = %(secret_sha256)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(webhook_id)s
        returning {WEBHOOK}
        """,
        webhook_id=webhook_id,
        nonce=nonce,
        secret_sha256=secret_sha256,
        now=tx.now,
    )


async def delete_webhook(tx: Tx, webhook_id: int) -> None:
    """Hides a webhook; its deliveries stay, and nothing can be signed for it any more."""
    await tx.run(
        """
        update webhooks set nonce = '', is_enabled = false, deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(webhook_id)s
        """,
        webhook_id=webhook_id,
        now=tx.now,
    )


async def insert_delivery(tx: Tx, webhook_id: int, message_id: UUID, kind: str, body: str) -> Delivery:
    """Adds a delivery, due at once."""
    return await tx.only(
        Delivery,
        f"""
        insert into webhook_deliveries (account_id, webhook_id, message_id, kind, body, due_at, created_at, updated_at)
        values (%(account_id)s, %(webhook_id)s, %(message_id)s, %(kind_of_news)s, %(body)s, %(now)s, %(now)s, %(now)s)
        returning {DELIVERY}
        """,
        webhook_id=webhook_id,
        message_id=message_id,
        kind_of_news=kind,
        body=body,
        now=tx.now,
    )


async def get_delivery(tx: Tx, webhook_id: int, delivery_id: int) -> Delivery | None:
    """One delivery of a webhook."""
    return await tx.one(
        Delivery,
        f"select {DELIVERY} {DELIVERIES} and id = %(delivery_id)s",
        webhook_id=webhook_id,
        delivery_id=delivery_id,
        status=None,
    )


async def page_deliveries(tx: Tx, part: Slice, webhook_id: int, status: DeliveryStatus | None) -> list[Delivery]:
    """A part of a webhook's deliveries, in one state or in any."""
    return await tx.page(Delivery, f"select {DELIVERY} {DELIVERIES}", part, webhook_id=webhook_id, status=status)


async def count_deliveries(tx: Tx, webhook_id: int, status: DeliveryStatus | None) -> int:
    """How many deliveries a webhook has, in one state or in any."""
    return await tx.count(f"select 1 {DELIVERIES}", webhook_id=webhook_id, status=status)


async def attempts_of(tx: Tx, delivery_ids: list[int]) -> list[Attempt]:
    """The attempts at these deliveries, the oldest first."""
    return await tx.all(
        Attempt,
        """
        select delivery_id, number, attempted_at, http_status, error, answer, milliseconds
        from webhook_attempts
        where account_id = %(account_id)s and delivery_id = any(%(delivery_ids)s)
        order by delivery_id, number
        """,
        delivery_ids=delivery_ids,
    )


async def claim(tx: Tx, delivery_id: int) -> Claimed | None:
    """Leases a delivery that waits, is due, and is nobody else's now. Of two at once the second waits for the first
    to commit, and then finds it leased."""
    return await tx.one(
        Claimed,
        """
        update webhook_deliveries
        set leased_until = %(leased_until)s, attempts = webhook_deliveries.attempts + 1, updated_at = %(now)s
        from webhooks
        where webhook_deliveries.account_id = %(account_id)s and webhook_deliveries.id = %(delivery_id)s
            and state = 'QUEUED' and due_at <= %(due_by)s and (leased_until is null or leased_until <= %(now)s)
            and webhooks.account_id = webhook_deliveries.account_id and webhooks.id = webhook_deliveries.webhook_id
        returning webhook_deliveries.id, webhook_id, message_id, kind, body, attempts, url, nonce, secret_sha256,
            is_enabled
        """,
        delivery_id=delivery_id,
        now=tx.now,
        due_by=tx.now + EARLY,
        leased_until=tx.now + LEASE,
    )


async def insert_attempt(tx: Tx, claimed: Claimed, outcome: Outcome) -> None:
    """Logs how an attempt ended."""
    await tx.run(
        """
        insert into webhook_attempts (account_id, delivery_id, number, attempted_at, http_status, error, answer,
            milliseconds)
        values (%(account_id)s, %(delivery_id)s, %(number)s, %(now)s, %(http_status)s, %(error)s, %(answer)s,
            %(milliseconds)s)
        """,
        delivery_id=claimed.id,
        number=claimed.attempts,
        now=tx.now,
        http_status=outcome.http_status,
        error=outcome.error,
        answer=outcome.answer,
        milliseconds=outcome.milliseconds,
    )


async def settle(tx: Tx, claimed: Claimed, state: DeliveryStatus, due_at: datetime) -> bool:
    """Saves what an attempt made of its delivery, and ends the lease; False when a later attempt has taken over.
    What was delivered is delivered, though, however late that is learnt."""
    changed = await tx.run(
        """
        update webhook_deliveries
        set state = %(state)s, due_at = %(due_at)s, leased_until = null, updated_at = %(now)s,
            finished_at = case when %(state)s = 'QUEUED' then null else %(now)s::timestamptz end
        where account_id = %(account_id)s and id = %(delivery_id)s and state = 'QUEUED'
            and (attempts = %(attempts)s or %(state)s = 'DELIVERED')
        """,
        delivery_id=claimed.id,
        attempts=claimed.attempts,
        state=state,
        due_at=due_at,
        now=tx.now,
    )
    return changed > 0


async def postpone_forgotten(tx: Tx, before: datetime) -> list[int]:
    """The deliveries that should have been tried before a time and are nobody's now, made due anew."""
    found = await tx.all(
        Id,
        """
        update webhook_deliveries set due_at = %(now)s
        where account_id = %(account_id)s and state = 'QUEUED' and due_at < %(before)s
            and (leased_until is null or leased_until < %(now)s)
        returning id
        """,
        before=before,
        now=tx.now,
    )
    return [delivery.id for delivery in found]


async def accounts_with_forgotten(database: Database) -> list[int]:
    """The accounts that have deliveries which should have been tried long ago."""
    rows = await database.lookup_all(AccountId, "select account_id from accounts_with_forgotten_deliveries()")
    return [row.account_id for row in rows]
