"""Which workspaces a connection serves: what the API says once, and the console may change."""

from trustwright.accounts.actions import require_workspaces
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.records import listing_store as store
from trustwright.records.actions import get_connection
from trustwright.records.model import Connection, ProviderType


async def locked_connection(tx: Tx, connection_id: int) -> Connection:
    """A connection that nobody else changes until the transaction ends. Raises NotFound."""
    await store.lock_connection(tx, connection_id)
    return await get_connection(tx, connection_id)


async def serve(tx: Tx, connection: Connection, workspace_ids: list[int]) -> None:
    """Has a connection serve these workspaces, and no others. Raises Invalid for unknown ones, and for none where the
    connection takes records."""
    after = sorted(set(workspace_ids))
    before = await store.workspaces_of(tx, connection.id)
    if after == before:
        return
    if not after and connection.provider_type is ProviderType.CUSTOM:
        raise Invalid("workspaces: choose at least one")
    await require_workspaces(tx, after)
    await store.set_workspaces(tx, connection.id, after)
    await record(
        tx,
        EventType.PROVIDER_CONNECTION_UPDATED,
        f"Connection {connection.name} serves other workspaces",
        target={"kind": "connection", "id": connection.id},
        before={"workspaceIds": before},
        after={"workspaceIds": after},
        connection_id=connection.id,
    )
