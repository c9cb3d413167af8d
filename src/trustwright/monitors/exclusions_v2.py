"""Records that are left out of a test's result, version 2."""

from enum import StrEnum
from functools import partial
from typing import Annotated, Any

from msgspec import Meta

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserCompact
from trustwright.http.wire import Id
from trustwright.monitors import actions, exclusions
from trustwright.monitors.model import Exclusion, Monitor
from trustwright.monitors.wire import ConnectionCompact, ExclusionAnswer, NewExclusion, TestPath
from trustwright.records.actions import connections_serving


class ExclusionExpand(StrEnum):
    CONNECTION = "connection"
    EXCLUSION_DESIGNATOR = "exclusionDesignator"


Expansions = frozenset[ExclusionExpand]


class ExclusionPath(TestPath, frozen=True):
    exclusion_id: Id


class ExclusionsQuery(CursorQuery, frozen=True):
    expand: Expansions = frozenset()
    target_id: Annotated[str, Meta(max_length=30_000)] | None = None


async def list_monitor_exclusions(call: Call, path: TestPath, filters: ExclusionsQuery) -> CursorPage[ExclusionAnswer]:
    """Lists the records that are left out of a test's result."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        page = await by_cursor(
            filters,
            monitor.id,
            partial(exclusions.page_exclusions, tx, monitor_id=monitor.id, target_id=filters.target_id),
            partial(exclusions.count_exclusions, tx, monitor.id, filters.target_id),
            _same,
        )
        return CursorPage(data=await _shown(tx, monitor, page.data, filters.expand), pagination=page.pagination)


async def create_monitor_exclusion(call: Call, path: TestPath, body: NewExclusion) -> ExclusionAnswer:
    """Leaves a record out of a test's result, whatever session brings it, and runs the test again."""
    async with call.begin() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        exclusion = await actions.exclude(tx, monitor, body.target_id, body.exclusion_reason)
        return (await _shown(tx, monitor, [exclusion], frozenset(ExclusionExpand)))[0]


async def delete_monitor_exclusion(call: Call, path: ExclusionPath) -> None:
    """Counts a record again, and runs the test again."""
    async with call.begin() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        await actions.include_again(tx, monitor, path.exclusion_id)


def _same(exclusion: Exclusion) -> Exclusion:
    return exclusion


async def _shown(tx: Tx, monitor: Monitor, exclusions: list[Exclusion], expand: Expansions) -> list[ExclusionAnswer]:
    more: dict[int, dict[str, Any]] = {exclusion.id: {} for exclusion in exclusions}
    if ExclusionExpand.CONNECTION in expand:
        connections = {connection.id: connection for connection in await connections_serving(tx, monitor.workspace_id)}
        for exclusion in exclusions:
            connection = connections.get(exclusion.connection_id or 0)
            more[exclusion.id]["connection"] = ConnectionCompact.of(connection) if connection else None
    if ExclusionExpand.EXCLUSION_DESIGNATOR in expand:
        users = await users_by_id(tx, {exclusion.created_by_id for exclusion in exclusions if exclusion.created_by_id})
        for exclusion in exclusions:
            if user := users.get(exclusion.created_by_id or 0):
                more[exclusion.id]["exclusion_designator"] = UserCompact.of(user)
    return [ExclusionAnswer.of(exclusion, **more[exclusion.id]) for exclusion in exclusions]


EXCLUSIONS = "/workspaces/{workspaceId}/monitoring-tests/{testId}/exclusions"

operation = partial(Operation, version=Version.V2, errors=(400, 404))

operations = [
    operation(
        method="GET",
        path=EXCLUSIONS,
        handler=list_monitor_exclusions,
        permissions=(Permission.MONITORS_GET_MONITOR,),
    ),
    operation(
        method="POST",
        path=EXCLUSIONS,
        handler=create_monitor_exclusion,
        permissions=(Permission.MONITORS_PUT_MONITOR,),
        success=(201,),
        errors=(400, 404, 409),
        extension=True,
    ),
    operation(
        method="DELETE",
        path=f"{EXCLUSIONS}/{{exclusionId}}",
        handler=delete_monitor_exclusion,
        permissions=(Permission.MONITORS_PUT_MONITOR,),
        success=(204,),
        extension=True,
    ),
]
