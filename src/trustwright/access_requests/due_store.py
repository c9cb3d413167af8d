"""SQL of the requests that wait, and of how many came."""

from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from trustwright.db import Tx


class WaitingRequest(Struct, frozen=True, kw_only=True):
    request_id: UUID
    full_name: str
    company: str
    email: str
    created_at: datetime


class Week(Struct, frozen=True):
    """How many requests came in the week that begins on `monday`: at most as many as are counted."""

    monday: date
    count: int


async def waiting_requests(tx: Tx, workspace_id: int, limit: int) -> list[WaitingRequest]:
    """The requests of a workspace that wait for a reviewer, the oldest first."""
    return await tx.all(
        WaitingRequest,
        """
        select request_id, trim(first_name || ' ' || last_name) as full_name, company, email, created_at
        from access_requests
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and status = 'PENDING'
        order by created_at, id
        limit %(limit)s
        """,
        workspace_id=workspace_id,
        limit=limit,
    )


async def requests_by_week(tx: Tx, workspace_id: int, last_monday: date, weeks: int, most: int) -> list[Week]:
    """How many requests came in each of some weeks, the oldest first. No week's are counted beyond `most`."""
    return await tx.all(
        Week,
        """
        select day::date as monday, counted.number as count
        from generate_series(
            %(last)s::timestamp - (%(weeks)s::integer - 1) * interval '7 days', %(last)s::timestamp, interval '7 days'
        ) as week (day)
        cross join lateral (
            select count(*) as number from (
                select from access_requests r
                where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
                    and r.created_at >= day at time zone 'UTC'
                    and r.created_at < (day + interval '7 days') at time zone 'UTC'
                limit %(most)s
            ) few
        ) counted
        order by day
        """,
        workspace_id=workspace_id,
        last=last_monday,
        weeks=weeks,
        most=most,
    )
