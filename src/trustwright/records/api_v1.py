"""Custom connection data, version 1: the same records, with sessions in headers."""

from functools import partial

from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.http.operations import Call, Operation, Reply, Version
from trustwright.http.wire import Wire
from trustwright.records import actions
from trustwright.records.headers import SessionHeaders
from trustwright.records.items import read_batch, read_single
from trustwright.records.model import SessionAction
from trustwright.records.wire import (
    BulkResult,
    MergeBody,
    RecordPath,
    ResourcePath,
    UpsertBody,
    UpsertResult,
    upsert_reply,
)


class RecordIdAnswer(Wire, frozen=True):
    id: str


async def create_custom_data(call: Call, path: ResourcePath, body: bytes) -> Reply:
    """Creates or replaces records; the session headers stage them, complete the session or abort it."""
    headers = SessionHeaders.of(call.headers)
    if headers.session_id and headers.abort:
        await _end(call, path, headers.session_id, SessionAction.CANCEL)
        return Reply(200, [])
    batch = read_batch(body, call.settings.max_rows)
    if headers.session_id and headers.complete and not batch.items:
        await _end(call, path, headers.session_id, SessionAction.COMPLETE)
        return Reply(200, [])
    async with call.begin() as tx:
        lock = actions.locked_for_exchange if headers.complete else actions.locked_for_upload
        resource = await lock(tx, path.connection_id, path.resource_id)
        if headers.session_id is None:
            uploaded = await actions.upload(tx, resource, batch)
        else:
            uploaded = await actions.upload_to_session(tx, resource, headers.session_id, batch)
            if headers.complete and uploaded.all_stored:
                await actions.act_on_session(tx, resource, headers.session_id, SessionAction.COMPLETE)
    return upsert_reply(uploaded)


async def _end(call: Call, path: ResourcePath, session_id: str, action: SessionAction) -> None:
    async with call.begin() as tx:
        resource = await actions.locked_for_exchange(tx, path.connection_id, path.resource_id)
        await actions.act_on_session(tx, resource, session_id, action)


async def update_custom_data(call: Call, path: RecordPath, body: bytes) -> RecordIdAnswer:
    """Lays the given top-level properties over a live record."""
    item = read_single(body)
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        record = await actions.merge_record(tx, resource, path.record_id, item)
    return RecordIdAnswer(id=record.record_id)


async def delete_custom_data(call: Call, path: RecordPath) -> None:
    """Deletes a live record."""
    async with call.begin() as tx:
        resource = await actions.locked_for_upload(tx, path.connection_id, path.resource_id)
        await actions.delete_record(tx, resource, path.record_id)


RECORDS = "/custom-connections/{connectionId}/resources/{resourceId}/records"

operation = partial(Operation, version=Version.V1, entitlement=Entitlement.CUSTOM_CONNECTIONS_AND_TESTS)

operations = [
    operation(
        method="POST",
        path=RECORDS,
        handler=create_custom_data,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_POST,),
        success=(200, 201),
        errors=(413,),
        headers=SessionHeaders,
        body=UpsertBody,
        answers={200: UpsertResult | list[BulkResult], 201: UpsertResult},
    ),
    operation(
        method="PUT",
        path=f"{RECORDS}/{{recordId}}",
        handler=update_custom_data,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_PUT,),
        errors=(413,),
        body=MergeBody,
    ),
    operation(
        method="DELETE",
        path=f"{RECORDS}/{{recordId}}",
        handler=delete_custom_data,
        permissions=(Permission.CUSTOM_CONNECTIONS_DATA_DELETE,),
        errors=(400, 404),
    ),
]
