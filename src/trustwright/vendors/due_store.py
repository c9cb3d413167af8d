"""SQL of the vendors whose reviews are due."""

from datetime import date, timedelta

from msgspec import Struct

from trustwright.db import Tx
from trustwright.vendors.store import RENEWAL_STATUS

# Of more deadlines, the nearest. Each costs a look at the vendor's reviews, which is why the statement looks at one
# after the other, the longest overdue first, until it has found enough.
MOST_LOOKED_AT = 200
SOON = timedelta(days=7)


class DueVendor(Struct, frozen=True, kw_only=True):
    """A vendor in use whose renewal is near or past, with no review for it."""

    id: int
    name: str
    risk: str
    renewal_date: date
    is_overdue: bool


async def due_vendors(tx: Tx, today: date, limit: int) -> list[DueVendor]:
    """Those that are due, the longest overdue first."""
    return await tx.all(
        DueVendor,
        f"""
        with near as materialized (
            select * from vendors
            where account_id = %(account_id)s and deleted_at is null and archived_at is null
                and renewal_date <= %(until)s
                and coalesce(status, 'NONE') not in ('PROSPECTIVE', 'ARCHIVED', 'OFFBOARDED', 'REJECTED')
            order by renewal_date desc, id desc
            limit %(most)s
        ), first as materialized (
            select * from near order by renewal_date, id
        ), found as (
            select v.id, v.name, v.risk, v.renewal_date, v.renewal_date < %(today)s as is_overdue
            from first v
            where {RENEWAL_STATUS} in ('RENEWAL_DUE', 'RENEWAL_DUE_SOON')
            limit %(limit)s
        )
        select * from found order by renewal_date, id
        """,
        today=today,
        until=today + SOON,
        most=MOST_LOOKED_AT,
        limit=limit,
    )
