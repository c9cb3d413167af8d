"""Which requests for access need a person today, and how many came."""

from datetime import UTC, timedelta

from trustwright.access_requests import due_store
from trustwright.access_requests.due_store import WaitingRequest, Week
from trustwright.db import Tx

# A chart shows no more of a week: to count further would take longer, the more there are.
MOST_COUNTED = 1000


async def waiting_requests(tx: Tx, workspace_id: int, limit: int) -> list[WaitingRequest]:
    """The requests of a workspace that wait for a reviewer, the oldest first."""
    return await due_store.waiting_requests(tx, workspace_id, limit)


async def requests_by_week(tx: Tx, workspace_id: int, weeks: int) -> list[Week]:
    """How many requests came in each of the last weeks, which begin on Mondays (UTC)."""
    today = tx.now.astimezone(UTC).date()
    return await due_store.requests_by_week(
        tx, workspace_id, today - timedelta(days=today.weekday()), weeks, MOST_COUNTED
    )
