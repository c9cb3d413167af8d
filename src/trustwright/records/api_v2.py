"""Custom connections, records and sessions, version 2."""

from functools import partial
from typing import Annotated

from msgspec import Meta

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Reply, Version
from trustwright.http.people import UserCompact
from trustwright.http.wire import Id, Wire
from trustwright.records import actions, store
from trustwright.records.items import read_batch, read_single
from trustwright.records.model import Connection, SessionStatus
from trustwright.records.wire import (
    BulkResult,
    ConnectionAnswer,
    ConnectionChange,
    ConnectionExpand,
    MergeBody,
    NewConnection,
    RecordAnswer,
    RecordPath,
    ResourceAnswer,
    ResourcePath,
    SessionActionAnswer,
    SessionActionBody,
    SessionAnswer,
    SessionPath,
    SessionStatusFilter,
    UpsertBody,
    UpsertResult,
    upsert_reply,
)

Expansions = frozenset[ConnectionExpand]


class ConnectionPath(Wire, frozen=True):
    connection_id: Id


class ConnectionsQuery(CursorQuery, frozen=True):
    expand: Expansions = frozenset()


class ConnectionQuery(Wire, frozen=True):
    expand: Expansions = frozenset()


class RecordsQuery(CursorQuery, frozen=True):
    session_id: Annotated[str, Meta(min_length=3, max_length=64)] | None = None


class SessionsQuery(CursorQuery, frozen=True):
    status: SessionStatusFilter | None = None


async def list_connections(call: Call, filters: ConnectionsQuery) -> CursorPage[ConnectionAnswer]:
    """Lists the custom connections of the account."""
    async with call.read() as tx:
        page = await by_cursor(
            filters, "connections", partial(store.page_connections, tx), partial(store.count_connections, tx), _same
        )
        return CursorPage(data=await _shown(tx, page.data, filters.expand), pagination=page.pagination)


async def create_connection(call: Call, body: NewConnection) -> ConnectionAnswer:
    """Creates a custom connection; a CUSTOM one with the resource that takes its records."""
    custom = body.custom()
    async with call.begin() as tx:
        connection = await actions.create_connection(tx, body.name, body.provider_types[0], body.description, custom)
        return await _one(tx, connection, frozenset({ConnectionExpand.CUSTOM_RESOURCES}))


async def get_connection(call: Call, path: ConnectionPath, filters: ConnectionQuery) -> ConnectionAnswer:
    """Gets one custom connection."""
    async with call.read() as tx:
        return await _one(tx, await actions.get_connection(tx, path.connection_id), filters.expand)


async def update_connection(call: Call, path: ConnectionPath, body: ConnectionChange) -> ConnectionAnswer:
    """Renames or describes a custom connection."""
    async with call.begin() as tx:
        connection = await actions.update_connection(tx, path.connection_id, body.client_alias, body.description)
        return await _one(tx, connection, frozenset())


async def delete_connection(call: Call, path: ConnectionPath) -> None:
    """Deletes a custom connection with all its records."""
    async with call.begin() as tx:
        await actions.delete_connection(tx, path.connection_id)


def _same(connection: Connection) -> Connection:
    return connection


async def _one(tx: Tx, connection: Connection, expand: Expansions) -> ConnectionAnswer:
    return (await _shown(tx, [connection], expand))[0]


async def _shown(tx: Tx, connections: list[Connection], expand: Expansions) -> list[ConnectionAnswer]:
    creators = resources = None
    if ConnectionExpand.CREATED_BY_USER in expand:
        ids = {connection.created_by_id for connection in connections if connection.created_by_id}
        creators = {id_: UserCompact.of(user) for id_, user in (await users_by_id(tx, ids)).items()}
    if ConnectionExpand.CUSTOM_RESOURCES in expand:
        resources = {connection.id: list[ResourceAnswer]() for connection in connections}
        for resource in await store.resources_of(tx, list(resources)):
            resources[resource.connection_id].append(ResourceAnswer.of(resource))
    return [ConnectionAnswer.of(connection, creators, resources) for connection in connections]


async def list_records(call: Call, path: ResourcePath, filters: RecordsQuery) -> CursorPage[RecordAnswer]:
    """Lists the live records of a resource, or those of one session in whatever state."""
    async with call.read() as tx:
        resource = await actions.get_resource(tx, path.connection_id, path.resource_id)
        if filters.session_id is None:
            session = await store.session_in(tx, resource.id, SessionStatus.ACTIVE)
            dataset_id = resource.live_dataset_id
        else:
            session = await store.newest_session(tx, resource.id, filters.session_id)
            dataset_id = (session.dataset_id if session else None) or 0
        session_id = session.session_id if session else None
        return await by_cursor(
            filters,
            [resource.id, dataset_id],
            partial(store.page_records, tx, dataset_id=dataset_id),
            partial(store.count_records, tx, dataset_id),
            lambda record: RecordAnswer.of(record, session_id),
            key="position",
        )


async def upsert_records(call: Call, path: ResourcePath, body: bytes) -> Reply:
    """Creates or replaces one record or many; in a list the good ones are stored whatever the others are."""
    batch = read_batch(body, call.settings.max_rows)
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        uploaded = await actions.upload(tx, resource, batch)
    return upsert_reply(uploaded)


async def update_record(call: Call, path: RecordPath, body: bytes) -> RecordAnswer:
    """Lays the given top-level properties over a live record."""
    item = read_single(body)
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        record = await actions.merge_record(tx, resource, path.record_id, item)
        session = await store.session_in(tx, resource.id, SessionStatus.ACTIVE)
        return RecordAnswer.of(record, session.session_id if session else None)


async def delete_record(call: Call, path: RecordPath) -> None:
    """Deletes a live record."""
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        await actions.delete_record(tx, resource, path.record_id)


async def list_sessions(call: Call, path: ResourcePath, filters: SessionsQuery) -> CursorPage[SessionAnswer]:
    """Lists the upload sessions of a resource."""
    status = SessionStatus.CANCELED if filters.status is SessionStatusFilter.CANCELLED else filters.status
    async with call.read() as tx:
        resource = await actions.get_resource(tx, path.connection_id, path.resource_id)
        return await by_cursor(
            filters,
            resource.id,
            partial(store.page_sessions, tx, resource_id=resource.id, status=status),
            partial(store.count_sessions, tx, resource.id, status),
            SessionAnswer.of,
        )


async def upload_session_records(call: Call, path: SessionPath, body: bytes) -> Reply:
    """Stages records in a session; the first upload opens it. They stay invisible until it is completed."""
    batch = read_batch(body, call.settings.max_rows)
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        uploaded = await actions.upload_to_session(tx, resource, path.session_id, batch)
    return upsert_reply(uploaded)


async def perform_session_action(call: Call, path: SessionPath, body: SessionActionBody) -> SessionActionAnswer:
    """Completes a session, which replaces the live records by those staged in it, or cancels it."""
    async with call.begin() as tx:
        resource = await actions.locked_for_exchange(tx, path.connection_id, path.resource_id)
        status = await actions.act_on_session(tx, resource, path.session_id, body.action)
    return SessionActionAnswer(
        session_id=path.session_id,
        status=status,
        action=body.action,
        connection_id=path.connection_id,
        resource_id=path.resource_id,
    )


CONNECTIONS = "/custom-connections"
CONNECTION = "/custom-connections/{connectionId}"
RESOURCE = "/custom-connections/{connectionId}/resources/{resourceId}"

UPSERT_ANSWERS = {200: UpsertResult | list[BulkResult], 201: UpsertResult}

operation = partial(Operation, version=Version.V2, entitlement=Entitlement.CUSTOM_CONNECTIONS_AND_TESTS)

operations = [
    operation(
        method="GET",
        path=CONNECTIONS,
        handler=list_connections,
        permissions=(Permission.CUSTOM_CONNECTIONS_GET,),
        errors=(400,),
    ),
    operation(
        method="POST",
        path=CONNECTIONS,
        handler=create_connection,
        permissions=(Permission.CUSTOM_CONNECTIONS_POST, Permission.CUSTOM_CONNECTIONS_DATA_POST),
        success=(201,),
        errors=(400,),
    ),
    operation(
        method="GET",
        path=CONNECTION,
        handler=get_connection,
        permissions=(Permission.CUSTOM_CONNECTIONS_GET,),
        errors=(404,),
    ),
    operation(
        method="PUT",
        path=CONNECTION,
        handler=update_connection,
        permissions=(Permission.CUSTOM_CONNECTIONS_PUT, Permission.CUSTOM_CONNECTIONS_DATA_PUT),
        errors=(400, 404),
    ),
    operation(
        method="DELETE",
        path=CONNECTION,
        handler=delete_connection,
        permissions=(Permission.CUSTOM_CONNECTIONS_DELETE,),
        success=(204,),
    ),
    operation(
        method="GET",
        path=f"{RESOURCE}/records",
        handler=list_records,
        permissions=(Permission.CUSTOM_CONNECTIONS_GET,),
        errors=(400, 404),
    ),
    operation(
        method="POST",
        path=f"{RESOURCE}/records",
        handler=upsert_records,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_POST,),
        success=(200, 201),
        errors=(400, 404),
        body=UpsertBody,
        answers=UPSERT_ANSWERS,
    ),
    operation(
        method="PUT",
        path=f"{RESOURCE}/records/{{recordId}}",
        handler=update_record,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_PUT,),
        errors=(400, 404, 413),
        body=MergeBody,
    ),
    operation(
        method="DELETE",
        path=f"{RESOURCE}/records/{{recordId}}",
        handler=delete_record,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_DELETE,),
        success=(204,),
        errors=(404,),
    ),
    operation(
        method="GET",
        path=f"{RESOURCE}/sessions",
        handler=list_sessions,
        permissions=(Permission.CUSTOM_CONNECTIONS_GET,),
        errors=(400, 404),
    ),
    operation(
        method="POST",
        path=f"{RESOURCE}/sessions/{{sessionId}}",
        handler=upload_session_records,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_POST,),
        success=(200, 201),
        errors=(400, 404),
        body=UpsertBody,
        answers=UPSERT_ANSWERS,
    ),
    operation(
        method="POST",
        path=f"{RESOURCE}/sessions/{{sessionId}}/actions",
        handler=perform_session_action,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_POST,),
        success=(200, 201),
        errors=(400, 404, 422),
        answers={200: SessionActionAnswer, 201: SessionActionAnswer},
    ),
]
