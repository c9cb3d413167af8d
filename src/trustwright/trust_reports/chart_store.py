"""SQL of the chart above the reports."""

from trustwright.db import Tx
from trustwright.trust_reports.model import Span
from trustwright.trust_reports.periods import Bar, Step


async def bars(tx: Tx, workspace_id: int, asked: Span, step: Step) -> list[Bar]:
    """How many requests were made in each step of a time, and how many of them were approved so far."""
    return await tx.all(
        Bar,
        """
        with counted as (
            select date_trunc(%(step)s, created_at at time zone 'UTC') as begins, count(*) as requests,
                count(*) filter (where status not in ('PENDING', 'DENIED')) as approved
            from access_requests
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
                and created_at >= %(start)s and created_at < %(end)s
            group by 1
        )
        select begins::date as begins, coalesce(requests, 0) as requests, coalesce(approved, 0) as approved
        from generate_series(
            date_trunc(%(step)s, %(start)s::timestamptz at time zone 'UTC'),
            %(end)s::timestamptz at time zone 'UTC' - interval '1 second', ('1 ' || %(step)s)::interval) as begins
        left join counted using (begins)
        order by begins
        """,
        workspace_id=workspace_id,
        start=asked.start,
        end=asked.end,
        step=step.value,
    )
