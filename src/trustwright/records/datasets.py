"""Which records of a resource count, for those who read them from outside, and the end of those that do not."""

from datetime import datetime

from trustwright.db import Database, Tx
from trustwright.records import store, watching
from trustwright.records.model import Dataset, Resource, SessionStatus
from trustwright.records.watching import Change


async def changed_resources(database: Database, since: datetime) -> list[Change]:
    """The watched resources of all accounts whose live records changed by then, and that nobody has looked at."""
    return await watching.changed_resources(database, since)


async def take_change(tx: Tx, connection_id: int, resource_id: int) -> bool:
    """Takes back that a resource changed, for those who look at it next: uploads that said so have been committed, and
    later ones say so again. False when nothing said so, or it was deleted."""
    resource = await store.get_resource_locked(tx, connection_id, resource_id, exclusive=True)
    return await watching.take_change(tx, resource_id) and resource is not None


async def live_dataset(tx: Tx, resource: Resource) -> Dataset:
    """What readers see of a resource."""
    session = await store.session_in(tx, resource.id, SessionStatus.ACTIVE)
    return Dataset(
        resource.live_dataset_id, session.session_id if session else None, session.activated_at if session else None
    )


async def staged_dataset(tx: Tx, resource: Resource, session_id: str) -> Dataset | None:
    """What the latest session of that name holds; None where there is none, or it has let go of its records."""
    session = await store.newest_session(tx, resource.id, session_id)
    if session is None or session.dataset_id is None:
        return None
    return Dataset(session.dataset_id, session.session_id, session.activated_at)


async def purge_some(tx: Tx, dataset_id: int, after_id: str, most: int) -> str | None:
    """Removes up to `most` unreachable rows behind `after_id`; the last id, None when none was left."""
    return await store.delete_some_records(tx, dataset_id, after_id, most)
