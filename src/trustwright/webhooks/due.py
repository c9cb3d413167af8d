"""Which webhooks need a person today."""

from datetime import timedelta

from trustwright.db import Tx
from trustwright.webhooks import due_store
from trustwright.webhooks.due_store import TroubledWebhook

LATELY = timedelta(days=7)


async def troubled_webhooks(tx: Tx, limit: int) -> list[TroubledWebhook]:
    """The webhooks that were disabled because of their receivers, or gave a delivery up in the last seven days."""
    return await due_store.troubled_webhooks(tx, tx.now - LATELY, limit)
