"""Bodies of monitors: what they are made of, and how a test and its exclusions are shown."""

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Self

from msgspec import UNSET, Meta, Raw, UnsetType, field
from msgspec.json import encode

from trustwright.http.people import UserCompact
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.monitors.definitions import rendered_definition
from trustwright.monitors.model import (
    CheckStatus,
    CheckType,
    Definition,
    Exclusion,
    Fault,
    Monitor,
    MonitorSource,
    OnEmpty,
    Requirement,
    ResultStatus,
)
from trustwright.records.model import Connection, ProviderType
from trustwright.trust_page.controls import Control

JsonObject = Annotated[Raw, Meta(extra_json_schema={"type": "object", "additionalProperties": True})]

EXAMPLE_GROUP = {
    "connectionId": 1,
    "resourceId": 1,
    "filteringCriteria": {
        "mode": "exclusion",
        "evaluator": {"all": [{"fact": "decommissioned", "operator": "equal", "value": True}]},
    },
    "evaluator": {"all": [{"fact": "encrypted", "operator": "equal", "value": True}]},
}
EXAMPLE = {"name": "Disks are encrypted", "controlIds": [1], "groups": [EXAMPLE_GROUP]}
EXAMPLE_CAUSE = {"fact": "encrypted", "operator": "equal", "value": True, "result": False, "factResult": False}


class WorkspacePath(Wire, frozen=True):
    workspace_id: Id


class TestPath(WorkspacePath, frozen=True):
    """`testId` counts within the workspace; the `id` of a test leads nowhere (Q66)."""

    test_id: Id


class Groups(Wire, frozen=True):
    """What a definition is sent with. `onEmpty` is what a group comes to whose resource has no records.
    `allowUnknownFields` lets conditions name fields that the schema of the resource does not list. A group has either
    an `evaluator` or a `population`."""

    groups: Annotated[list[JsonObject], Meta(min_length=1, max_length=20)]
    validation_requirement: Requirement = Requirement.ALL
    on_empty: OnEmpty = OnEmpty.READY
    allow_unknown_fields: bool = False


class NewMonitor(Groups, frozen=True, kw_only=True):
    example: ClassVar = EXAMPLE

    name: Annotated[str, Meta(min_length=1, max_length=191)]
    description: Annotated[str, Meta(max_length=30_000)] | None = None
    enabled: bool = True
    control_ids: list[Id] = field(default_factory=list)


class Redefinition(Groups, frozen=True, kw_only=True):
    """The definition anew; of the name, the description and the controls what is left out stays."""

    example: ClassVar = {"groups": [EXAMPLE_GROUP]}

    name: Annotated[str, Meta(min_length=1, max_length=191)] | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=30_000)] | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    control_ids: list[Id] | UnsetType = UNSET


class TrialOptions(Wire, frozen=True):
    """On which data a definition is tried. With `sessionId`: on the records staged in that session, where a resource
    has one of this name. With `testId`: without what is excluded from that test."""

    session_id: Annotated[str, Meta(min_length=3, max_length=64)] | None = None
    test_id: Id | None = None


class Trial(Groups, frozen=True, kw_only=True):
    """A definition to try, and on which data. With `sessionId`: on the records staged in that session, where a resource
    has one of this name. With `testId`: without what is excluded from that test."""

    example: ClassVar = {"groups": [EXAMPLE_GROUP], "sessionId": "nightly-1"}

    name: str | UnsetType = UNSET
    description: str | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET
    control_ids: list[Id] | UnsetType = UNSET
    session_id: Annotated[str, Meta(min_length=3, max_length=64)] | None = None
    test_id: Id | None = None


class MonitorChange(Wire, frozen=True):
    name: Annotated[str, Meta(max_length=191)] | UnsetType = UNSET
    enabled: bool | UnsetType = UNSET
    description: Annotated[str, Meta(max_length=30_000)] | UnsetType | None = UNSET


class NewExclusion(Wire, frozen=True):
    """`targetId` is the id of a record; it may be one that comes with the next session only."""

    example: ClassVar = {"targetId": "laptop-7", "exclusionReason": "Kept for spare parts"}

    target_id: Annotated[str, Meta(min_length=1, max_length=255)]
    exclusion_reason: Annotated[str, Meta(min_length=1, max_length=10_000)]


class ControlCompact(Wire, frozen=True):
    id: int
    code: str
    name: str
    description: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(control: Control) -> "ControlCompact":
        return ControlCompact(
            id=control.id,
            code=control.code,
            name=control.name,
            description=control.description,
            created_at=iso(control.created_at),
            updated_at=iso(control.updated_at),
        )


class InstanceAnswer(Wire, frozen=True):
    id: int
    check_result_status: ResultStatus
    collection_description: str | None
    check_types: list[CheckType]
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(monitor: Monitor) -> "InstanceAnswer":
        return InstanceAnswer(
            id=monitor.id,
            check_result_status=monitor.status,
            collection_description=monitor.description,
            check_types=[CheckType.CUSTOM],
            created_at=iso(monitor.created_at),
            updated_at=iso(monitor.updated_at),
        )


class MonitorAnswer(Wire, frozen=True):
    """A test. The last three are there only when they are expanded, `disabledByUser` only if somebody is known."""

    id: int
    test_id: int
    name: str
    description: str
    check_result_status: ResultStatus
    check_status: CheckStatus
    test_source: MonitorSource
    last_passed_at: Timestamp | None
    failed_since: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    monitor_instances: list[InstanceAnswer] | UnsetType = UNSET
    disabled_by_user: UserCompact | UnsetType = UNSET
    controls: list[ControlCompact] | UnsetType = UNSET

    @classmethod
    def of(cls, monitor: Monitor, **more: Any) -> Self:
        """`more` are the fields that not every answer has."""
        return cls(
            id=monitor.id,
            test_id=monitor.test_id,
            name=monitor.name,
            description=monitor.description or "",
            check_result_status=monitor.status,
            check_status=monitor.check_status,
            test_source=MonitorSource.CUSTOM,
            last_passed_at=iso_or_none(monitor.last_passed_at),
            failed_since=iso_or_none(monitor.failed_since),
            created_at=iso(monitor.created_at),
            updated_at=iso(monitor.updated_at),
            **more,
        )


class DefinedAnswer(MonitorAnswer, frozen=True, kw_only=True):
    """A test with what it checks; it can be sent back as it is."""

    enabled: bool
    version: int
    control_ids: list[int]
    validation_requirement: Requirement
    on_empty: OnEmpty
    allow_unknown_fields: bool
    groups: list[JsonObject]

    @classmethod
    def defined(cls, monitor: Monitor, version: int, definition: Definition, control_ids: list[int]) -> "DefinedAnswer":
        """`version` is the one of the definition; the monitor may be past it."""
        return cls.of(
            monitor,
            enabled=monitor.is_enabled,
            version=version,
            control_ids=control_ids,
            validation_requirement=definition.requirement,
            on_empty=definition.on_empty,
            allow_unknown_fields=definition.allow_unknown,
            groups=[Raw(encode(group)) for group in rendered_definition(definition)["groups"]],
        )


class FaultAnswer(Wire, frozen=True):
    """Where in the body something is wrong, and what would be right."""

    example: ClassVar = {
        "path": "groups[0].evaluator.all[0].operator",
        "message": "'equalz' is no operator; did you mean 'equal'?",
    }

    path: str
    message: str


class ValidationAnswer(Wire, frozen=True):
    valid: bool
    errors: list[FaultAnswer]

    @staticmethod
    def of(faults: list[Fault]) -> "ValidationAnswer":
        return ValidationAnswer(
            valid=not faults, errors=[FaultAnswer(path=fault.path, message=fault.message) for fault in faults]
        )


class ConnectionState(StrEnum):
    ACTIVE = "ACTIVE"
    MISCONFIGURED = "MISCONFIGURED"


class ClientType(StrEnum):
    """How connections of ours are called among all clients."""

    CUSTOM = "CUSTOM"
    CUSTOM_MDM = "CUSTOM_MDM"
    CUSTOM_HRIS = "CUSTOM_HRIS"


CLIENT_TYPES = {
    ProviderType.CUSTOM: ClientType.CUSTOM,
    ProviderType.MDM: ClientType.CUSTOM_MDM,
    ProviderType.HRIS: ClientType.CUSTOM_HRIS,
}


class ConnectionCompact(Wire, frozen=True):
    """Nothing connects anywhere: records are pushed, so a connection never fails."""

    id: int
    client_type: ClientType
    client_id: str | None
    client_alias: str | None
    state: ConnectionState
    created_at: Timestamp | None
    updated_at: Timestamp | None
    connected_at: Timestamp | None
    failed_at: Timestamp | None
    deleted_at: Timestamp | None

    @staticmethod
    def of(connection: Connection) -> "ConnectionCompact":
        return ConnectionCompact(
            id=connection.id,
            client_type=CLIENT_TYPES[connection.provider_type],
            client_id=connection.client_alias,
            client_alias=connection.client_alias,
            state=ConnectionState.ACTIVE,
            created_at=iso(connection.created_at),
            updated_at=iso(connection.updated_at),
            connected_at=iso(connection.created_at),
            failed_at=None,
            deleted_at=iso_or_none(connection.deleted_at),
        )


class ExclusionAnswer(Wire, frozen=True):
    """`connection` is null for a record that was not there when it was excluded, and once it is deleted. It and the
    designator are there only when they are expanded, the designator only if somebody is known."""

    id: int
    target_id: str
    target_name: str
    exclusion_reason: str
    created_at: Timestamp
    updated_at: Timestamp
    connection: ConnectionCompact | UnsetType | None = UNSET
    exclusion_designator: UserCompact | UnsetType = UNSET

    @classmethod
    def of(cls, exclusion: Exclusion, **more: Any) -> Self:
        """`more` are the fields that not every answer has."""
        return cls(
            id=exclusion.id,
            target_id=exclusion.target_id,
            target_name=exclusion.target_name,
            exclusion_reason=exclusion.reason,
            created_at=iso(exclusion.created_at),
            updated_at=iso(exclusion.updated_at),
            **more,
        )
