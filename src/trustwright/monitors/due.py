"""Which monitors need a person today, and how they stood lately."""

from datetime import UTC

from trustwright.db import Tx
from trustwright.monitors import due_store
from trustwright.monitors.due_store import Day, TroubledMonitor
from trustwright.monitors.model import DAILY

# Every enabled monitor runs once a day; after two days something is wrong.
STALE_AFTER = 2 * DAILY
# A chart tells the same of as many as of more.
MOST_COUNTED = 200


async def troubled_monitors(tx: Tx, workspace_id: int, limit: int) -> list[TroubledMonitor]:
    """The enabled monitors that fail, that could not be evaluated, or that have not run for two days."""
    return await due_store.troubled_monitors(tx, workspace_id, tx.now - STALE_AFTER, limit)


async def monitors_by_day(tx: Tx, workspace_id: int, days: int) -> list[Day]:
    """How many monitors passed and failed at the end of each of the last days (UTC), today included."""
    today = tx.now.astimezone(UTC).date()
    return await due_store.monitors_by_day(tx, workspace_id, today, days, MOST_COUNTED)
