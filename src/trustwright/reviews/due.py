"""Which reviews need a person today."""

from trustwright.db import Tx
from trustwright.reviews import due_store
from trustwright.reviews.due_store import DueReview


async def due_reviews(tx: Tx, limit: int) -> list[DueReview]:
    """The open reviews, the nearest deadline first."""
    return await due_store.due_reviews(tx, limit)
