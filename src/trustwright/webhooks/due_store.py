"""SQL of the webhooks whose receivers do not take what is sent."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx


class TroubledWebhook(Struct, frozen=True, kw_only=True):
    """`disabled_message`: why the service disabled it; None for one that lately gave a delivery up."""

    id: int
    url: str
    disabled_message: str | None
    failed_at: datetime | None


async def troubled_webhooks(tx: Tx, since: datetime, limit: int) -> list[TroubledWebhook]:
    """The webhooks that were disabled by the service, or of which a delivery was given up since then."""
    return await tx.all(
        TroubledWebhook,
        """
        select w.id, w.url, w.disabled_message, d.failed_at
        from webhooks w
        left join lateral (
            select max(finished_at) as failed_at from webhook_deliveries
            where account_id = %(account_id)s and webhook_id = w.id and state = 'FAILED' and finished_at >= %(since)s
        ) d on true
        where w.account_id = %(account_id)s and w.deleted_at is null
            and (w.disabled_message is not null or (w.is_enabled and d.failed_at is not null))
        order by w.id
        limit %(limit)s
        """,
        since=since,
        limit=limit,
    )
