"""Events, version 2."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, field

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import User
from trustwright.accounts.permissions import Permission
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound
from trustwright.events import store
from trustwright.events.model import Category, Event, Filter, Source
from trustwright.events.names import TYPES
from trustwright.http.lists import CreatedQuery, CursorPage, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserCompact
from trustwright.http.wire import Id, Timestamp, Wire, iso

TypeName = Annotated[str, Meta(extra_json_schema={"enum": sorted(TYPES)})]


class EventExpand(StrEnum):
    CONNECTION = "connection"
    ISSUES = "issues"
    METADATA = "metadata"
    TEST_ID = "testId"
    TEST_NAME = "testName"
    USER = "user"


class EventQuery(Wire, frozen=True):
    """Paging parameters are documented here too, and mean nothing (Q13)."""

    expand: list[EventExpand] = field(default_factory=list)


class EventsQuery(CreatedQuery, frozen=True):
    """A user or connection that is absent means any, a blank one means events without one (Q67)."""

    expand: list[EventExpand] = field(default_factory=list)
    type: TypeName | None = None
    source: Source | None = None
    category: Category | None = None
    connection_id: Id | UnsetType | None = UNSET
    user_id: Id | UnsetType | None = UNSET
    workspace_id: Id | None = None
    created_at_start_date: datetime | None = None
    created_at_end_date: datetime | None = None


class EventPath(Wire, frozen=True):
    event_id: UUID


class MetadataAnswer(Wire, frozen=True):
    """`targetEntity` is what changed, `sourceData` how it was before, `dto` how it is since."""

    dto: dict[str, Any] | None
    target_entity: dict[str, Any] | None
    source_data: dict[str, Any] | None
    request: dict[str, Any] | None

    @staticmethod
    def of(event: Event) -> "MetadataAnswer":
        return MetadataAnswer(
            dto=_as_object(event.after),
            target_entity=event.target,
            source_data=_as_object(event.before),
            request={"description": event.request} if event.request else None,
        )


class EventAnswer(Wire, frozen=True):
    id: UUID
    type: TypeName
    category: Category
    source: Source
    description: str
    status: str | None
    created_at: Timestamp
    user_id: int | None
    connection_id: int | None
    request_description: str | None
    metadata: MetadataAnswer | UnsetType = UNSET
    user: UserCompact | UnsetType | None = UNSET
    connection: dict[str, Any] | UnsetType | None = UNSET
    test_id: str | UnsetType | None = UNSET
    test_name: str | UnsetType | None = UNSET
    issues: list[dict[str, Any]] | UnsetType = UNSET

    @staticmethod
    def of(event: Event, expand: list[EventExpand], users: dict[int, User]) -> "EventAnswer":
        user = users.get(event.user_id) if event.user_id else None
        return EventAnswer(
            id=event.id,
            type=event.type,
            category=event.category,
            source=event.source,
            description=event.description,
            status=event.status,
            created_at=iso(event.created_at),
            user_id=event.user_id,
            connection_id=event.connection_id,
            request_description=event.request,
            metadata=MetadataAnswer.of(event) if EventExpand.METADATA in expand else UNSET,
            user=(UserCompact.of(user) if user else None) if EventExpand.USER in expand else UNSET,
            connection=None if EventExpand.CONNECTION in expand else UNSET,
            test_id=_of_test(event, "testId") if EventExpand.TEST_ID in expand else UNSET,
            test_name=_of_test(event, "testName") if EventExpand.TEST_NAME in expand else UNSET,
            issues=[] if EventExpand.ISSUES in expand else UNSET,
        )


async def list_events(call: Call, filters: EventsQuery) -> CursorPage[EventAnswer]:
    """Lists what was done in the account, by whom and when."""
    wanted = _filter(filters)
    users: dict[int, User] = {}
    async with call.read() as tx:

        async def fetch(part: Slice) -> list[Event]:
            events = await store.page(tx, part, wanted)
            users.update(await _users(tx, events, filters.expand))
            return events

        return await by_cursor(
            filters,
            "events",
            fetch,
            lambda: store.count(tx, wanted),
            lambda event: EventAnswer.of(event, filters.expand, users),
            key="seq",
        )


async def get_event(call: Call, path: EventPath, filters: EventQuery) -> EventAnswer:
    """Shows an event."""
    async with call.read() as tx:
        event = await store.get(tx, path.event_id)
        if event is None:
            raise NotFound(f"No event {path.event_id} in this account")
        return EventAnswer.of(event, filters.expand, await _users(tx, [event], filters.expand))


async def _users(tx: Tx, events: list[Event], expand: list[EventExpand]) -> dict[int, User]:
    if EventExpand.USER not in expand:
        return {}
    return await users_by_id(tx, {event.user_id for event in events if event.user_id})


def _of_test(event: Event, name: str) -> str | None:
    """What the event says of the monitor that it is about."""
    value = event.target.get(name)
    return None if value is None else str(value)


def _filter(filters: EventsQuery) -> Filter:
    """Raises Invalid."""
    if filters.type is not None and filters.type not in TYPES:
        raise Invalid(f"type: there are no events of type {filters.type!r}")
    return Filter(
        type=filters.type,
        source=filters.source,
        category=filters.category,
        workspace_id=filters.workspace_id,
        since=filters.created_at_start_date,
        until=filters.created_at_end_date,
        any_user=filters.user_id is UNSET,
        user_id=None if filters.user_id is UNSET else filters.user_id,
        any_connection=filters.connection_id is UNSET,
        connection_id=None if filters.connection_id is UNSET else filters.connection_id,
    )


def _as_object(value: Any) -> dict[str, Any] | None:
    """The contract knows only objects here; any other JSON value goes into one."""
    return value if value is None or isinstance(value, dict) else {"value": value}


operations = [
    Operation(
        version=Version.V2,
        method="GET",
        path="/events",
        handler=list_events,
        permissions=(Permission.EVENT_TRACKING_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/events/{eventId}",
        handler=get_event,
        permissions=(Permission.EVENT_TRACKING_GET_EVENT,),
        errors=(400, 404),
    ),
]
