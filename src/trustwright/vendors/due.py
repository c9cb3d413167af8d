"""Which vendors need a person today."""

from datetime import UTC

from trustwright.db import Tx
from trustwright.vendors import due_store
from trustwright.vendors.due_store import DueVendor


async def due_vendors(tx: Tx, limit: int) -> list[DueVendor]:
    """The vendors whose reviews are due within a week or overdue, and have none for it; the longest overdue first."""
    return await due_store.due_vendors(tx, tx.now.astimezone(UTC).date(), limit)
