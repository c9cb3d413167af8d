"""What can be done to connections, records and sessions."""

from datetime import datetime
from typing import NoReturn

import msgspec
from msgspec import UNSET, Struct, UnsetType

from trustwright.accounts.actions import require_workspaces
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound, SchemaMismatch
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.records import store, watching
from trustwright.records.inference import infer_schema
from trustwright.records.items import LARGEST, Batch, Item
from trustwright.records.model import (
    Connection,
    ProviderType,
    Record,
    Resource,
    Session,
    SessionAction,
    SessionStatus,
)
from trustwright.records.schemas import RecordSchema, compiled, display_key_fault, fault_message, schema_faults
from trustwright.records.shapes import shape
from trustwright.records.states import after, uploading_to

PURGE = "records.purge"
# The job of the monitors that read a resource.
CHECK = "monitors.check_resource"

# More would have each event of a large upload compressed by the database, which costs more than it saves.
NAMED_IN_EVENT = 20


class CustomResource(Struct, frozen=True):
    """What a CUSTOM connection is made with: JSON texts, of which exactly one is given."""

    workspace_ids: list[int]
    display_name_key: str
    schema: bytes | None
    sample_data: bytes | None


class Uploaded(Struct, frozen=True):
    """What became of a batch: `stored` holds the last good item of each id. `existed` tells of the records that were
    there before when they were created; `now` is when the others were."""

    items: list[Item]
    single: bool
    stored: dict[str, Item]
    existed: dict[str, datetime]
    now: datetime

    @property
    def all_stored(self) -> bool:
        return all(item.fault is None for item in self.items)

    def created_before(self) -> list[datetime | None]:
        """For each item, when the record that it replaced was created; None where it made a new one. Of two items with
        one id the later replaces the earlier."""
        if not self.existed and len(self.stored) == len(self.items):
            return [None] * len(self.items)
        known = dict(self.existed)
        found: list[datetime | None] = []
        for item in self.items:
            created_at = known.get(item.record_id)
            found.append(created_at)
            if created_at is None and item.fault is None:
                known[item.record_id] = self.now
        return found


async def create_connection(
    tx: Tx, name: str, provider_type: ProviderType, description: str | None, custom: CustomResource | None
) -> Connection:
    """Adds a connection; a CUSTOM one gets its resource, named like it. Raises Invalid (Q47)."""
    schema = _schema_of(custom) if custom else None
    if custom:
        await require_workspaces(tx, custom.workspace_ids)
    connection = await store.insert_connection(tx, provider_type, name, description, tx.who.user_id)
    if custom and schema:
        await store.insert_connection_workspaces(tx, connection.id, sorted(set(custom.workspace_ids)))
        await store.insert_resource(tx, connection.id, name, schema, custom.display_name_key)
    await record(
        tx,
        EventType.PROVIDER_CONNECTION_CREATED,
        f"Connection {name} created",
        target={"kind": "connection", "id": connection.id},
        after={"clientAlias": name, "description": description, "providerType": provider_type},
        connection_id=connection.id,
    )
    return connection


def _schema_of(custom: CustomResource) -> str:
    text = custom.schema
    if text is None:
        text = msgspec.json.encode(infer_schema(msgspec.json.decode(custom.sample_data or b"{}")))
    schema = msgspec.json.decode(text)
    faults = schema_faults(schema)
    if not faults and (fault := display_key_fault(schema, custom.display_name_key)):
        faults = [fault]
    if faults:
        raise Invalid("; ".join(faults))
    return text.decode()


async def get_connection(tx: Tx, connection_id: int) -> Connection:
    """Raises NotFound."""
    connection = await store.get_connection(tx, connection_id)
    if connection is None or connection.deleted_at is not None:
        raise NotFound(f"No custom connection {connection_id}")
    return connection


async def connections_serving(tx: Tx, workspace_id: int) -> list[Connection]:
    """The connections that serve a workspace; none for one that is not of this account."""
    return await store.connections_serving(tx, workspace_id)


async def update_connection(
    tx: Tx, connection_id: int, alias: str | UnsetType | None, description: str | UnsetType
) -> Connection:
    """Renames or describes a connection; UNSET leaves as it is. Raises NotFound."""
    before = await get_connection(tx, connection_id)
    new_alias = before.client_alias if alias is UNSET else alias
    new_description = before.description if description is UNSET else description
    connection = await store.update_connection(tx, connection_id, new_alias, new_description)
    await record(
        tx,
        EventType.PROVIDER_CONNECTION_UPDATED,
        f"Connection {connection.client_alias or connection.id} updated",
        target={"kind": "connection", "id": connection.id},
        before={"clientAlias": before.client_alias, "description": before.description},
        after={"clientAlias": connection.client_alias, "description": connection.description},
        connection_id=connection.id,
    )
    return connection


async def delete_connection(tx: Tx, connection_id: int) -> None:
    """Deletes a connection with all its records; once more does nothing. Raises NotFound for one that never was."""
    connection = await store.get_connection(tx, connection_id)
    if connection is None:
        raise NotFound(f"No custom connection {connection_id}")
    if connection.deleted_at is not None:
        return
    ids = [resource.id for resource in await store.resources_of(tx, [connection_id])]
    resources = [await store.get_resource_locked(tx, connection_id, id_, exclusive=True) for id_ in ids]
    if not await store.delete_connection(tx, connection_id):
        return  # somebody else did meanwhile
    for resource in filter(None, resources):
        await store.delete_resource(tx, resource.id)
        await _check(tx, resource)
        for dataset_id in {resource.live_dataset_id, *await store.release_sessions(tx, resource.id)}:
            await tx.defer(PURGE, dataset_id=dataset_id)
    await record(
        tx,
        EventType.PROVIDER_CONNECTION_REMOVED,
        f"Connection {connection.client_alias or connection.id} deleted with its records",
        target={"kind": "connection", "id": connection.id},
        before={"clientAlias": connection.client_alias, "description": connection.description},
        connection_id=connection.id,
    )


async def get_resource(tx: Tx, connection_id: int, resource_id: int) -> Resource:
    """A resource of a CUSTOM connection. Raises NotFound, for the connection first."""
    resource = await store.get_resource(tx, connection_id, resource_id)
    return resource or await _no_resource(tx, connection_id, resource_id)


async def resources_of(tx: Tx, connection_ids: list[int], workspace_id: int | None = None) -> list[Resource]:
    """The resources of some connections, or of those of them that serve a workspace."""
    return await store.resources_of(tx, connection_ids, workspace_id)


async def watch(tx: Tx, resource_ids: list[int]) -> None:
    """From now on uploads to these resources say that their data changed, for the monitors that read them."""
    await watching.watch(tx, resource_ids)


async def live_record(tx: Tx, resource: Resource, record_id: str) -> Record | None:
    """A record of the live data."""
    return await store.get_record(tx, resource.live_dataset_id, record_id)


async def locked_for_upload(tx: Tx, connection_id: int, resource_id: int) -> Resource:
    """The resource as it stays until the transaction ends: nothing completes meanwhile. Raises NotFound."""
    resource = await store.get_resource_locked(tx, connection_id, resource_id, exclusive=False)
    return resource or await _no_resource(tx, connection_id, resource_id)


async def locked_for_exchange(tx: Tx, connection_id: int, resource_id: int) -> Resource:
    """The resource while nobody uploads to it. Raises NotFound."""
    resource = await store.get_resource_locked(tx, connection_id, resource_id, exclusive=True)
    return resource or await _no_resource(tx, connection_id, resource_id)


async def _no_resource(tx: Tx, connection_id: int, resource_id: int) -> NoReturn:
    await get_connection(tx, connection_id)
    raise NotFound(f"No resource {resource_id} in custom connection {connection_id}")


async def upload(tx: Tx, resource: Resource, batch: Batch) -> Uploaded:
    """Creates or replaces live records (decisions 16); the good ones of a list, whatever the others are.

    Raises Invalid or SchemaMismatch for a single object that is not good."""
    uploaded = await _upload_to(tx, resource, resource.live_dataset_id, batch, None, opened=False)
    if uploaded.stored:
        _note_change(tx, resource)
    return uploaded


async def upload_to_session(tx: Tx, resource: Resource, session_id: str, batch: Batch) -> Uploaded:
    """Stages records; the first upload opens the session (custom-data 1.8). Raises Invalid as `upload`, and for a
    session that takes none."""
    session, opened = await _session_for_upload(tx, resource, session_id)
    if session.dataset_id is None:
        raise Invalid(f"Session {session_id} takes no more records")
    return await _upload_to(tx, resource, session.dataset_id, batch, session_id, opened)


async def _session_for_upload(tx: Tx, resource: Resource, session_id: str) -> tuple[Session, bool]:
    """The session, and whether it was opened now."""
    open_session = await store.session_in(tx, resource.id, SessionStatus.IN_PROGRESS)
    newest = None if open_session else await store.newest_session(tx, resource.id, session_id)
    if session := uploading_to(session_id, newest, open_session):
        return session, False
    if session := await store.insert_session(tx, resource.id, session_id):
        return session, True
    # Another first upload won; now its session can be seen.
    open_session = await store.session_in(tx, resource.id, SessionStatus.IN_PROGRESS)
    if session := uploading_to(session_id, None, open_session):
        return session, False
    raise Invalid(f"Session {session_id} was opened and closed meanwhile; send this upload again")


async def _upload_to(
    tx: Tx, resource: Resource, dataset_id: int, batch: Batch, session_id: str | None, opened: bool
) -> Uploaded:
    items = batch.fitting(shape(resource.schema)) or _judged(compiled(resource.schema), batch.items)
    if batch.single and (fault := items[0].fault):
        raise (SchemaMismatch if items[0].code == SchemaMismatch.code else Invalid)(fault)
    good = {item.record_id: item for item in items if item.fault is None}
    before = await store.get_record_for_update(tx, dataset_id, next(iter(good))) if batch.single else None
    uploaded = Uploaded(items, batch.single, good, await _store(tx, dataset_id, good), tx.now)
    if good or opened:
        await _record_upload(tx, resource, uploaded, session_id, before)
    return uploaded


def _judged(schema: RecordSchema, items: list[Item]) -> list[Item]:
    """The items, with a fault where one does not fit the schema."""
    if not schema.declares_id:
        for item in items:
            item.values.pop("id", None)
    if schema.all_valid([item.values for item in items if item.fault is None]):
        return items
    for item in items:
        if item.fault is None and (faults := schema.faults(item.values)):
            item.fault = fault_message(faults)
            item.code = SchemaMismatch.code
    return items


async def _store(tx: Tx, dataset_id: int, good: dict[str, Item]) -> dict[str, datetime]:
    """Stores items by id; when those that were there before were created."""
    if not good:
        return {}
    ids = msgspec.json.encode(list(good))
    items = b"[" + b",".join([item.raw or b"" for item in good.values()]) + b"]"
    return {row.record_id: row.created_at for row in await store.upsert_records(tx, dataset_id, ids, items)}


async def _record_upload(
    tx: Tx, resource: Resource, uploaded: Uploaded, session_id: str | None, before: Record | None
) -> None:
    ids, updated = list(uploaded.stored), len(uploaded.existed)
    after_: dict[str, object] = {
        "created": len(ids) - updated,
        "updated": updated,
        "ids": ids[:NAMED_IN_EVENT],
    }
    if uploaded.single:
        after_["attributes"] = uploaded.items[0].raw
    place = f"session {session_id}" if session_id else "the live data"
    await record(
        tx,
        EventType.CUSTOM_RESOURCE_RECORD_UPDATED if len(ids) == updated else EventType.CUSTOM_RESOURCE_RECORD_CREATED,
        f"{len(ids) - updated} records created and {updated} updated in {place} of {resource.name}",
        target={"kind": "resource", "id": resource.id, "sessionId": session_id},
        before={"attributes": msgspec.Raw(before.attributes)} if before else None,
        after=after_,
        connection_id=resource.connection_id,
    )


async def merge_record(tx: Tx, resource: Resource, record_id: str, item: Item) -> Record:
    """Lays the item's top-level keys over a live record; null stays null (decisions 16).

    Raises NotFound for an unknown record, Invalid for an item with another id, SchemaMismatch for a bad sum."""
    if item.fault is not None:
        raise Invalid(item.fault)
    if item.values.get("id") is not None and item.record_id != record_id:
        raise Invalid(f"data.id: must be {record_id}, as in the path, or absent")
    before = await store.get_record_for_update(tx, resource.live_dataset_id, record_id)
    if before is None:
        raise NotFound(f"No record {record_id}")
    parts = msgspec.json.Decoder(dict[str, msgspec.Raw])
    merged = msgspec.json.encode({**parts.decode(before.attributes), **parts.decode(item.raw or b"{}")})
    if len(merged) > LARGEST:
        raise Invalid(f"data: the record would become larger than {LARGEST} bytes")
    schema = compiled(resource.schema)
    values = msgspec.json.decode(merged)
    if not schema.declares_id:
        values.pop("id", None)
    if faults := schema.faults(values):
        raise SchemaMismatch(fault_message(faults))
    after_ = await store.update_record(tx, resource.live_dataset_id, record_id, merged.decode())
    _note_change(tx, resource)
    await record(
        tx,
        EventType.CUSTOM_RESOURCE_RECORD_UPDATED,
        f"Record {record_id} of {resource.name} updated",
        target={"kind": "record", "id": record_id, "resourceId": resource.id},
        before=msgspec.Raw(before.attributes),
        after=msgspec.Raw(after_.attributes),
        connection_id=resource.connection_id,
    )
    return after_


async def delete_record(tx: Tx, resource: Resource, record_id: str) -> None:
    """Removes a live record. Raises NotFound."""
    gone = await store.delete_record(tx, resource.live_dataset_id, record_id)
    if gone is None:
        raise NotFound(f"No record {record_id}")
    _note_change(tx, resource)
    await record(
        tx,
        EventType.CUSTOM_RESOURCE_RECORD_REMOVED,
        f"Record {record_id} of {resource.name} deleted",
        target={"kind": "record", "id": record_id, "resourceId": resource.id},
        before=msgspec.Raw(gone.attributes),
        connection_id=resource.connection_id,
    )


async def act_on_session(tx: Tx, resource: Resource, session_id: str, action: SessionAction) -> SessionStatus:
    """Completes or cancels the latest session of that name; its status then. Raises NotFound, WrongState.

    Completing moves one pointer, so that it takes the same time for any number of records (decisions 19)."""
    session = await store.newest_session(tx, resource.id, session_id)
    if session is None:
        raise NotFound(f"No session {session_id}")
    has_records = session.dataset_id is not None and await store.any_record(tx, session.dataset_id)
    status = after(session, action, has_records=has_records)
    if status is None:
        return session.status
    if status is SessionStatus.ACTIVE and session.dataset_id is not None:
        await _exchange(tx, resource, session.dataset_id)
    await store.update_session(tx, session.id, status, keep_rows=status is SessionStatus.ACTIVE)
    if status is SessionStatus.CANCELED and session.dataset_id is not None:
        await tx.defer(PURGE, dataset_id=session.dataset_id)
    completed = status is SessionStatus.ACTIVE
    await record(
        tx,
        EventType.CUSTOM_RESOURCE_RECORD_UPDATED if completed else EventType.CUSTOM_DATA_RECORD_REMOVED,
        f"Session {session_id} of {resource.name} " + ("completed: it is the live data" if completed else "canceled"),
        target={"kind": "session", "id": session.id, "sessionId": session_id, "resourceId": resource.id},
        before={"status": session.status},
        after={"status": status},
        connection_id=resource.connection_id,
    )
    return status


async def _exchange(tx: Tx, resource: Resource, dataset_id: int) -> None:
    former = await store.session_in(tx, resource.id, SessionStatus.ACTIVE)
    if former is not None:
        await store.update_session(tx, former.id, SessionStatus.ARCHIVED, keep_rows=False)
    await store.point_at(tx, resource.id, dataset_id)
    await tx.defer(PURGE, dataset_id=resource.live_dataset_id)
    await _check(tx, resource)


def _note_change(tx: Tx, resource: Resource) -> None:
    """Has the monitors of a resource look at it soon, once for many uploads."""
    if resource.is_watched:
        watching.note_change(tx, resource.id)


async def _check(tx: Tx, resource: Resource) -> None:
    """Has them look at it now."""
    if resource.is_watched:
        await tx.defer(CHECK, resource_id=resource.id)
