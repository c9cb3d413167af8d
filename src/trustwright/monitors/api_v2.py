"""Tests of a workspace, version 2: those that there are, and the records that fail them or pass."""

from enum import StrEnum
from functools import partial
from typing import Any

from msgspec import UNSET

from trustwright.accounts.actions import require_workspace, users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.lists import CursorPage, CursorQuery, ListQuery, NamedQuery, Pagination, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserCompact
from trustwright.http.wire import Wire, iso_or_none
from trustwright.monitors import actions, evaluating, history, store
from trustwright.monitors.bodies import FindingsPage, MonitorFinding, finding
from trustwright.monitors.model import (
    CheckStatus,
    CheckType,
    Failure,
    Monitor,
    MonitorSource,
    Passing,
    ResultStatus,
    Run,
)
from trustwright.monitors.store import Filter
from trustwright.monitors.wire import (
    ControlCompact,
    InstanceAnswer,
    MonitorAnswer,
    MonitorChange,
    TestPath,
    WorkspacePath,
)
from trustwright.trust_page.actions import controls_by_id


class MonitorExpand(StrEnum):
    """`disablingUser` fills `disabledByUser` (Q18)."""

    CONTROLS = "controls"
    MONITOR_INSTANCES = "monitorInstances"
    DISABLING_USER = "disablingUser"


class FindingExpand(StrEnum):
    TAGS = "tags"


Expansions = frozenset[MonitorExpand]
FindingExpansions = frozenset[FindingExpand]


class MonitorsQuery(NamedQuery, frozen=True):
    expand: Expansions = frozenset()
    check_result_status: ResultStatus | None = None
    check_status: CheckStatus | None = None
    type: CheckType | None = None
    test_source: MonitorSource | None = None


class MonitorQuery(Wire, frozen=True):
    """What the contract also lists for one test, paging and order, says nothing here (Q13)."""

    expand: Expansions = frozenset()


class PassesQuery(CursorQuery, frozen=True):
    expand: FindingExpansions = frozenset()


class FailuresQuery(PassesQuery, frozen=True):
    include_exclusions: bool = False


async def list_monitors(call: Call, path: WorkspacePath, filters: MonitorsQuery) -> CursorPage[MonitorAnswer]:
    """Lists the tests of a workspace."""
    wanted = Filter(
        workspace_id=path.workspace_id,
        statuses=[filters.check_result_status] if filters.check_result_status else None,
        check_status=filters.check_status,
        check_type=filters.type,
        source=filters.test_source,
    )
    async with call.read() as tx:
        await require_workspace(tx, path.workspace_id)
        page = await by_cursor(
            filters,
            path.workspace_id,
            partial(store.page_monitors, tx, filter_=wanted),
            lambda: store.count_monitors(tx, wanted),
            _same,
        )
        return CursorPage(data=await _shown(tx, page.data, filters.expand), pagination=page.pagination)


async def get_monitor(call: Call, path: TestPath, filters: MonitorQuery) -> MonitorAnswer:
    """Gets one test."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        return (await _shown(tx, [monitor], filters.expand))[0]


async def update_monitor(call: Call, path: TestPath, body: MonitorChange) -> MonitorAnswer:
    """Renames, describes, enables or disables a test."""
    # So says an answer that there is none.
    description = None if body.description == "" else body.description
    async with call.begin() as tx:
        before = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        monitor = await actions.update_monitor(
            tx, before, name=body.name, enabled=body.enabled, description=description
        )
        return MonitorAnswer.of(monitor)


async def list_monitor_failures(call: Call, path: TestPath, filters: FailuresQuery) -> FindingsPage:
    """Lists the records that failed a test when it ran last. What was excluded since is left out at once."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        run = await last_run(tx, monitor)
        if run is None:
            return _findings(monitor, _nothing(filters))
        asked: dict[str, Any] = {
            "run_id": run.id,
            "monitor_id": monitor.id,
            "include_excluded": filters.include_exclusions,
        }
        page = await by_cursor(
            filters,
            run.id,
            partial(history.page_failures, tx, **asked),
            partial(history.count_failures, tx, **asked),
            partial(_failing, run, filters.expand),
            key="position",
        )
        return _findings(monitor, page)


async def list_monitor_passes(call: Call, path: TestPath, filters: PassesQuery) -> FindingsPage:
    """Lists the records that passed a test when it ran last, as far as they are still as they were."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        run = await last_run(tx, monitor)
        if run is None:
            return _findings(monitor, _nothing(filters))
        page = await by_cursor(
            filters,
            run.id,
            partial(evaluating.page_passes, tx, monitor=monitor, run=run),
            partial(evaluating.count_passes, tx, monitor, run),
            partial(_passing, run, filters.expand),
            key="position",
        )
        return _findings(monitor, page)


async def last_run(tx: Tx, monitor: Monitor) -> Run | None:
    """The last run that came to a result; None before there is one."""
    return await history.get_run(tx, monitor.id, monitor.last_run_id) if monitor.last_run_id else None


def _same(monitor: Monitor) -> Monitor:
    return monitor


async def _shown(tx: Tx, monitors: list[Monitor], expand: Expansions) -> list[MonitorAnswer]:
    more: dict[int, dict[str, Any]] = {monitor.id: {} for monitor in monitors}
    if MonitorExpand.MONITOR_INSTANCES in expand:
        for monitor in monitors:
            more[monitor.id]["monitor_instances"] = [InstanceAnswer.of(monitor)]
    if MonitorExpand.CONTROLS in expand:
        for monitor_id, controls in (await controls_shown(tx, monitors)).items():
            more[monitor_id]["controls"] = controls
    if MonitorExpand.DISABLING_USER in expand:
        users = await users_by_id(tx, {monitor.disabled_by_id for monitor in monitors if monitor.disabled_by_id})
        for monitor in monitors:
            if user := users.get(monitor.disabled_by_id or 0):
                more[monitor.id]["disabled_by_user"] = UserCompact.of(user)
    return [MonitorAnswer.of(monitor, **more[monitor.id]) for monitor in monitors]


async def controls_shown(tx: Tx, monitors: list[Monitor]) -> dict[int, list[ControlCompact]]:
    """For each of the monitors the controls that follow it."""
    links = await store.controls_of(tx, [monitor.id for monitor in monitors])
    found = await controls_by_id(tx, sorted({link.control_id for link in links}))
    controls = {control.id: ControlCompact.of(control) for control in found}
    shown: dict[int, list[ControlCompact]] = {monitor.id: [] for monitor in monitors}
    for link in links:
        shown[link.monitor_id].append(controls[link.control_id])
    return shown


def _nothing(filters: ListQuery) -> CursorPage[MonitorFinding]:
    """The only page of a test that never came to a result."""
    total = 0 if filters.include_total_count and filters.cursor is None else UNSET
    return CursorPage(data=[], pagination=Pagination(cursor=None, total_count=total))


def _findings(monitor: Monitor, page: CursorPage[MonitorFinding]) -> FindingsPage:
    return FindingsPage(data=page.data, pagination=page.pagination, last_check=iso_or_none(monitor.last_checked_at))


def _failing(run: Run, expand: FindingExpansions, failure: Failure) -> MonitorFinding:
    tags = failure.tags if FindingExpand.TAGS in expand else None
    provider = run.groups[failure.group_number].provider_name
    return finding(failure.target_id, failure.target_name, provider, failure.cause, tags)


def _passing(run: Run, expand: FindingExpansions, passing: Passing) -> MonitorFinding:
    tags = passing.tags if FindingExpand.TAGS in expand else None
    provider = run.groups[passing.group_number].provider_name
    return finding(passing.record_id, passing.target_name, provider, None, tags)


TESTS = "/workspaces/{workspaceId}/monitoring-tests"
TEST = f"{TESTS}/{{testId}}"

operation = partial(Operation, version=Version.V2, permissions=(Permission.MONITORS_GET_MONITOR,), errors=(400, 404))

operations = [
    operation(method="GET", path=TESTS, handler=list_monitors, permissions=(Permission.MONITORS_GET,)),
    operation(method="GET", path=TEST, handler=get_monitor),
    operation(
        method="PUT",
        path=TEST,
        handler=update_monitor,
        permissions=(Permission.MONITORS_PUT_MONITOR,),
        success=(200, 204),
        errors=(400, 404, 409),
        answers={200: MonitorAnswer, 204: None},
    ),
    operation(method="GET", path=f"{TEST}/failures", handler=list_monitor_failures),
    operation(method="GET", path=f"{TEST}/passes", handler=list_monitor_passes),
]
