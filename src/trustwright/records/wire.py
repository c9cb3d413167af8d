"""Bodies of connections, records and sessions, as both versions of the API spell them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, ClassVar

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from trustwright.errors import Invalid
from trustwright.http.bodies import decode
from trustwright.http.operations import Reply
from trustwright.http.people import UserCompact
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none, plain
from trustwright.records.actions import CustomResource, Uploaded
from trustwright.records.items import DEEPEST, Item, id_fault
from trustwright.records.model import (
    Connection,
    ProviderType,
    Record,
    Resource,
    Session,
    SessionAction,
    SessionStatus,
)
from trustwright.records.nesting import deeper_than
from trustwright.records.states import require_session_id

JsonObject = Annotated[msgspec.Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": True})]


EXAMPLE = {"id": "employee-001", "name": "John Doe", "department": "Engineering", "status": "Active"}
EXAMPLE_SCHEMA = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
MOMENT = "2025-07-01 16:45:55.246000"


class ResourcePath(Wire, frozen=True):
    connection_id: Id
    resource_id: Id


class RecordPath(ResourcePath, frozen=True):
    record_id: Annotated[str, Meta(min_length=1, max_length=255)]

    def __post_init__(self) -> None:
        if fault := id_fault(self.record_id):
            raise ValueError(fault)


class SessionPath(ResourcePath, frozen=True):
    session_id: Annotated[str, Meta(min_length=3, max_length=64, pattern="^[A-Za-z0-9_-]+$")]

    def __post_init__(self) -> None:
        # The pattern lets a line end pass.
        require_session_id(self.session_id)


class UpsertBody(Wire, frozen=True):
    """One record or a list of them. `id` names a record; without it each is new."""

    example: ClassVar = {"data": [EXAMPLE]}

    data: dict[str, Any] | list[dict[str, Any]]


class MergeBody(Wire, frozen=True):
    example: ClassVar = {"data": {"status": "Gone"}}

    data: dict[str, Any]


class UpsertResult(Wire, frozen=True):
    example: ClassVar = {
        "id": "employee-001",
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
        "statusCode": 201,
        "data": EXAMPLE,
    }

    id: str
    created_at: str
    updated_at: str
    status_code: int
    data: JsonObject


class ItemErrorDetail(Wire, frozen=True):
    message: str
    code: int


class ItemError(Wire, frozen=True):
    """The same twice: the schema of the API and its example disagree about the nesting (Q39)."""

    error: ItemErrorDetail
    message: str
    code: int


class BulkResult(Struct, frozen=True, rename="camel"):
    """A stored item as in a single answer, or one that was not, with `error`."""

    example: ClassVar = {
        "statusCode": 200,
        "data": EXAMPLE,
        "id": "employee-001",
        "createdAt": MOMENT,
        "updatedAt": MOMENT,
    }

    status_code: int
    data: JsonObject | UnsetType = UNSET
    id: str | UnsetType = UNSET
    created_at: str | UnsetType = UNSET
    updated_at: str | UnsetType = UNSET
    error: ItemError | UnsetType = UNSET


def upsert_reply(uploaded: Uploaded) -> Reply:
    """201 or 200 for an object, 200 for a list (Q37)."""
    before, now = uploaded.created_before(), plain(uploaded.now)
    if uploaded.single:
        item, status = uploaded.items[0], 200 if before[0] else 201
        return Reply(
            status,
            UpsertResult(
                id=item.record_id,
                created_at=plain(before[0]) if before[0] else now,
                updated_at=now,
                status_code=status,
                data=item.raw or msgspec.Raw(b"{}"),
            ),
        )
    return Reply(200, [_bulk_result(item, at, now) for item, at in zip(uploaded.items, before, strict=True)])


def _bulk_result(item: Item, created_before: datetime | None, now: str) -> BulkResult:
    data = item.raw or UNSET
    if item.fault is not None:
        detail = ItemErrorDetail(message=item.fault, code=item.code)
        return BulkResult(400, data, error=ItemError(error=detail, message=item.fault, code=item.code))
    if created_before is None:
        return BulkResult(201, data, item.record_id, now, now)
    return BulkResult(200, data, item.record_id, plain(created_before), now)


class RecordAnswer(Wire, frozen=True):
    example: ClassVar = {
        "id": "employee-001",
        "attributes": EXAMPLE,
        "sessionId": "upload-2025-07-01",
        "createdAt": "2025-07-01T16:45:55.246Z",
        "updatedAt": "2025-07-01T16:45:55.246Z",
    }

    id: str
    attributes: JsonObject
    session_id: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(record: Record, session_id: str | None) -> "RecordAnswer":
        return RecordAnswer(
            id=record.record_id,
            attributes=msgspec.Raw(record.attributes),
            session_id=session_id,
            created_at=iso(record.created_at),
            updated_at=iso(record.updated_at),
        )


class SessionAnswer(Wire, frozen=True):
    id: int
    session_id: str
    status: SessionStatus
    created_at: Timestamp
    updated_at: Timestamp
    activated_at: Timestamp | None
    canceled_at: Timestamp | None

    @staticmethod
    def of(session: Session) -> "SessionAnswer":
        return SessionAnswer(
            id=session.id,
            session_id=session.session_id,
            status=session.status,
            created_at=iso(session.created_at),
            updated_at=iso(session.updated_at),
            activated_at=iso_or_none(session.activated_at),
            canceled_at=iso_or_none(session.canceled_at),
        )


class SessionActionBody(Wire, frozen=True):
    action: SessionAction


class SessionActionAnswer(Wire, frozen=True):
    session_id: str
    status: SessionStatus
    action: SessionAction
    connection_id: int
    resource_id: int


class SessionStatusFilter(StrEnum):
    """CANCELLED is taken as CANCELED (Q43)."""

    IN_PROGRESS = "IN_PROGRESS"
    ACTIVE = "ACTIVE"
    CANCELED = "CANCELED"
    CANCELLED = "CANCELLED"
    ARCHIVED = "ARCHIVED"


class NewConnection(Wire, frozen=True):
    """`CUSTOM` needs `workspaceIds`, `displayNameKey` and one of `schema` and `sampleData`; the others take none."""

    example: ClassVar = {
        "name": "Employees",
        "providerTypes": ["CUSTOM"],
        "workspaceIds": [1],
        "schema": EXAMPLE_SCHEMA,
        "displayNameKey": "name",
        "description": "Who works here, from the HR system",
    }

    name: Annotated[str, Meta(min_length=1, max_length=191)]
    provider_types: Annotated[list[ProviderType], Meta(min_length=1, max_length=1)]
    workspace_ids: list[Id] | UnsetType = UNSET
    schema: JsonObject | UnsetType = UNSET
    sample_data: JsonObject | UnsetType = UNSET
    display_name_key: str | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=30_000)] | None = None

    def custom(self) -> CustomResource | None:
        """What a CUSTOM connection's resource is made of. Raises Invalid (Q47)."""
        given = {
            name
            for name in ("workspace_ids", "schema", "sample_data", "display_name_key")
            if getattr(self, name) is not UNSET
        }
        if self.provider_types[0] is not ProviderType.CUSTOM:
            if given:
                raise Invalid("workspaceIds, schema, sampleData and displayNameKey are for providerTypes CUSTOM only")
            return None
        if not self.workspace_ids:
            raise Invalid("workspaceIds: name at least one workspace")
        if not self.display_name_key:
            raise Invalid("displayNameKey: name the property that records are shown by")
        if len(given & {"schema", "sample_data"}) != 1:
            raise Invalid("Send exactly one of schema and sampleData")
        return CustomResource(
            workspace_ids=self.workspace_ids,
            display_name_key=self.display_name_key,
            schema=_object_text("schema", self.schema),
            sample_data=_object_text("sampleData", self.sample_data),
        )


def _object_text(name: str, raw: msgspec.Raw | UnsetType) -> bytes | None:
    if raw is UNSET:
        return None
    text = bytes(raw)
    if not text.startswith(b"{"):
        raise Invalid(f"{name}: must be an object")
    if deeper_than(DEEPEST, decode(text, dict)):
        raise Invalid(f"{name}: must not be nested deeper than {DEEPEST} levels")
    return text


class ConnectionChange(Wire, frozen=True):
    client_alias: Annotated[str, Meta(max_length=191)] | UnsetType | None = UNSET
    description: Annotated[str, Meta(max_length=30_000)] | UnsetType = UNSET


class ConnectionExpand(StrEnum):
    CREATED_BY_USER = "createdByUser"
    CUSTOM_RESOURCES = "customResources"


class ResourceAnswer(Wire, frozen=True):
    id: int
    name: str
    description: str | None
    schema: JsonObject
    created_at: Timestamp
    updated_at: Timestamp
    deleted_at: Timestamp | None

    @staticmethod
    def of(resource: Resource) -> "ResourceAnswer":
        return ResourceAnswer(
            id=resource.id,
            name=resource.name,
            description=resource.description,
            schema=msgspec.Raw(resource.schema),
            created_at=iso(resource.created_at),
            updated_at=iso(resource.updated_at),
            deleted_at=iso_or_none(resource.deleted_at),
        )


class ConnectionAnswer(Wire, frozen=True):
    id: int
    client_alias: str | None
    description: str | None
    provider_types: list[ProviderType]
    created_at: Timestamp
    updated_at: Timestamp
    created_by_id: int | None
    created_by_user: UserCompact | UnsetType = UNSET
    custom_resources: list[ResourceAnswer] | UnsetType = UNSET

    @staticmethod
    def of(
        connection: Connection,
        creators: dict[int, UserCompact] | None,
        resources: dict[int, list[ResourceAnswer]] | None,
    ) -> "ConnectionAnswer":
        """`creators` and `resources` by user and connection id, None when they are not to be shown."""
        return ConnectionAnswer(
            id=connection.id,
            client_alias=connection.client_alias,
            description=connection.description,
            provider_types=[connection.provider_type],
            created_at=iso(connection.created_at),
            updated_at=iso(connection.updated_at),
            created_by_id=connection.created_by_id,
            created_by_user=(creators or {}).get(connection.created_by_id or 0, UNSET),
            custom_resources=UNSET if resources is None else resources.get(connection.id, []),
        )
