"""Connections, their resources, the records pushed into them, and the sessions that stage those."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


class ProviderType(StrEnum):
    MDM = "MDM"
    HRIS = "HRIS"
    CUSTOM = "CUSTOM"


class Connection(Struct, frozen=True, kw_only=True):
    id: int
    provider_type: ProviderType
    client_alias: str | None
    description: str | None
    created_by_id: int | None
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None

    @property
    def name(self) -> str:
        """What people know it by."""
        return self.client_alias or f"Connection {self.id}"


class ListedConnection(Struct, frozen=True, kw_only=True):
    """A line of the list of connections."""

    id: int
    name: str
    provider_type: ProviderType
    description: str | None
    created_at: datetime
    updated_at: datetime


class Resource(Struct, frozen=True, kw_only=True):
    """What the records of a connection are. `schema` is the JSON text as it was given. `is_watched`: monitors read
    it."""

    id: int
    connection_id: int
    name: str
    description: str | None
    schema: str
    display_name_key: str
    live_dataset_id: int
    is_watched: bool
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


class SessionStatus(StrEnum):
    IN_PROGRESS = "IN_PROGRESS"
    ACTIVE = "ACTIVE"
    CANCELED = "CANCELED"
    ARCHIVED = "ARCHIVED"


class SessionAction(StrEnum):
    COMPLETE = "complete"
    CANCEL = "cancel"


class Session(Struct, frozen=True, kw_only=True):
    """A staged upload. `session_id` is the caller's word for it; `dataset_id` is None once its rows are dropped."""

    id: int
    resource_id: int
    session_id: str
    status: SessionStatus
    dataset_id: int | None
    created_at: datetime
    updated_at: datetime
    activated_at: datetime | None
    canceled_at: datetime | None


class Record(Struct, frozen=True, kw_only=True):
    """`attributes` is the JSON text of the object; `position` orders what came at the same moment."""

    record_id: str
    position: int
    attributes: str
    created_at: datetime
    updated_at: datetime


class RecordLine(Struct, frozen=True, kw_only=True):
    """A line of the list of records. `name`: what the resource shows its records by; `values`: the beginnings of some
    of its attributes, by their names."""

    record_id: str
    position: int
    name: str | None
    values: dict[str, str | None]
    created_at: datetime
    updated_at: datetime


class DatasetSize(Struct, frozen=True, kw_only=True):
    """How many records a dataset holds, counted up to a limit, and when the last of them came or changed."""

    dataset_id: int
    counted: int
    last_push_at: datetime | None


class Existing(Struct, frozen=True):
    """A record that was there before an upsert replaced it."""

    record_id: str
    created_at: datetime


class Dataset(Struct, frozen=True):
    """Records as monitors see them. `session_id`: of the session that brought them, None for direct uploads alone;
    `activated_at`: when that was completed."""

    id: int
    session_id: str | None
    activated_at: datetime | None
