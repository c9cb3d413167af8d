"""SQL of the monitors that fail or were not looked at, and of how all of them stood day by day."""

from datetime import date, datetime

from msgspec import Struct

from trustwright.db import Tx
from trustwright.monitors.model import ResultStatus


class TroubledMonitor(Struct, frozen=True, kw_only=True):
    """An enabled monitor that fails, that could not be evaluated, or that has not run for too long."""

    test_id: int
    name: str
    status: ResultStatus
    failed_since: datetime | None
    last_checked_at: datetime | None
    is_stale: bool


class Day(Struct, frozen=True):
    """How many monitors of a workspace stood how at the end of a day."""

    day: date
    passing: int
    failing: int


async def troubled_monitors(tx: Tx, workspace_id: int, checked_since: datetime, limit: int) -> list[TroubledMonitor]:
    """The monitors in trouble, those first that have failed for the longest. Stale: not checked since then."""
    return await tx.all(
        TroubledMonitor,
        """
        select test_id, name, status, failed_since, last_checked_at,
            coalesce(last_checked_at, created_at) < %(checked_since)s as is_stale
        from monitors
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null and is_enabled
            and (status in ('FAILED', 'ERROR') or coalesce(last_checked_at, created_at) < %(checked_since)s)
        order by failed_since nulls last, last_checked_at nulls first, id
        limit %(limit)s
        """,
        workspace_id=workspace_id,
        checked_since=checked_since,
        limit=limit,
    )


async def monitors_by_day(tx: Tx, workspace_id: int, last: date, days: int, most: int) -> list[Day]:
    """How the monitors stood at the end of each of some days, the oldest first: by the last run until then that passed
    or failed. Of more than `most` monitors, the oldest."""
    return await tx.all(
        Day,
        """
        select day::date as day,
            count(*) filter (where ended.status = 'PASSED') as passing,
            count(*) filter (where ended.status = 'FAILED') as failing
        from generate_series(
            %(last)s::timestamp - (%(days)s::integer - 1) * interval '1 day', %(last)s::timestamp, interval '1 day'
        ) as shown (day)
        left join (
            select id, created_at from monitors
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            order by created_at, id
            limit %(most)s
        ) m on m.created_at < (day + interval '1 day') at time zone 'UTC'
        left join lateral (
            select r.status from monitor_runs r
            where r.account_id = %(account_id)s and r.monitor_id = m.id and r.status in ('PASSED', 'FAILED')
                and r.created_at < (day + interval '1 day') at time zone 'UTC'
            order by r.created_at desc, r.id desc
            limit 1
        ) ended on true
        group by day
        order by day
        """,
        workspace_id=workspace_id,
        last=last,
        days=days,
        most=most,
    )
