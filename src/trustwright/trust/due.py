"""Which documents of the trust center need a person today."""

from datetime import timedelta

from trustwright.db import Tx
from trustwright.trust import due_store
from trustwright.trust.due_store import EndingDocument

SOON = timedelta(days=30)


async def ending_documents(tx: Tx, workspace_id: int, limit: int) -> list[EndingDocument]:
    """The documents that end within 30 days or have ended, those first that ended first."""
    return await due_store.ending_documents(tx, workspace_id, tx.now + SOON, limit)
