"""The one way to record a change."""

from typing import Any

from trustwright.db import Tx
from trustwright.events import store
from trustwright.events.model import Event, EventType


async def record(
    tx: Tx,
    type_: EventType,
    description: str,
    *,
    target: dict[str, Any],
    before: object = None,
    after: object = None,
    connection_id: int | None = None,
    workspace_id: int | None = None,
    status: str | None = None,
) -> None:
    """Records who did what in the transaction that does it. `before` and `after` are JSON values, None for nothing;
    `status` is the result of what was checked."""
    store.insert(tx, type_, description, target, before, after, connection_id, workspace_id, status)


async def events_of_vendor(tx: Tx, vendor_id: int, most: int) -> list[Event]:
    """The newest events of a vendor, its reviews, documents and questionnaires."""
    return await store.of_vendor(tx, vendor_id, most)
