"""SQL of the reviews that are not finished."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx
from trustwright.reviews.model import ReviewStatus, ReviewType


class DueReview(Struct, frozen=True, kw_only=True):
    """An open review, with the name of its vendor."""

    id: int
    vendor_id: int
    vendor_name: str
    type: ReviewType
    status: ReviewStatus
    title: str | None
    review_deadline_at: datetime


async def due_reviews(tx: Tx, limit: int) -> list[DueReview]:
    """The open reviews of vendors that were not deleted, the nearest deadline first."""
    return await tx.all(
        DueReview,
        """
        select r.id, r.vendor_id, v.name as vendor_name, r.type, r.status, r.title, r.review_deadline_at
        from reviews r
        join vendors v on v.account_id = r.account_id and v.id = r.vendor_id and v.deleted_at is null
        where r.account_id = %(account_id)s and r.status in ('NOT_YET_STARTED', 'IN_PROGRESS')
        order by r.review_deadline_at, r.id
        limit %(limit)s
        """,
        limit=limit,
    )
