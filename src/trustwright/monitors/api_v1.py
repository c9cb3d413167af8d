"""Tests, version 1, as it is published beside the contract: all of the account, one in detail, and a run on demand."""

from enum import StrEnum
from functools import partial
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType, field
from msgspec.structs import replace

from trustwright.accounts.permissions import Permission
from trustwright.db import Slice, Tx
from trustwright.http.lists import NumberedPage, PageQuery, numbered
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.monitors import actions, evaluating, exclusions, history, store
from trustwright.monitors.api_v2 import controls_shown, last_run
from trustwright.monitors.model import (
    SHOWN,
    AlreadyRunning,
    Cause,
    CheckStatus,
    CheckType,
    Monitor,
    MonitorSource,
    RanGroup,
    ResultStatus,
    Run,
)
from trustwright.monitors.store import Filter
from trustwright.monitors.wire import ClientType, ControlCompact, TestPath


class CheckFrequency(StrEnum):
    DAILY = "DAILY"


class MonitorsQuery(PageQuery, frozen=True):
    """What else the published version lists is accepted and changes nothing. `q`: what the name contains."""

    q: Annotated[str, Meta(max_length=500)] = ""
    workspace_id: Id | None = None
    check_result_status: ResultStatus | None = None
    check_result_statuses: list[ResultStatus] = field(default_factory=list)
    check_status: CheckStatus | None = None
    source: MonitorSource | None = None
    type: CheckType | None = None
    control_id: Id | None = None
    exclude_control_id: Id | None = None
    exclude_test_ids: list[Id] = field(default_factory=list)
    sort_by_name: bool = False

    def filter(self) -> Filter:
        one, several = self.check_result_status, self.check_result_statuses
        statuses = several or list(ResultStatus)
        return Filter(
            workspace_id=self.workspace_id,
            statuses=[status for status in statuses if one in (None, status)],
            check_status=self.check_status,
            source=self.source,
            check_type=self.type,
            q=self.q,
            control_id=self.control_id,
            exclude_control_id=self.exclude_control_id,
            exclude_test_ids=self.exclude_test_ids,
        )


class TargetV1(Wire, frozen=True):
    id: str
    name: str


class MetadataV1(Wire, frozen=True):
    """What one group of the last run found in its connection. The lists hold the first 100, and are there only in the
    details of one test."""

    check_result_status: ResultStatus
    type: CheckType
    source: MonitorSource
    connection_id: int
    client_id: str
    client_alias: str
    client_type: ClientType
    message: str | None
    pass_: list[TargetV1] | UnsetType = field(name="pass", default=UNSET)
    fail: list[TargetV1] | UnsetType = UNSET
    exclusions: list[TargetV1] | UnsetType = UNSET


class InstanceV1(Wire, frozen=True):
    id: int
    check_result_status: ResultStatus
    check_frequency: CheckFrequency
    check_types: list[CheckType]
    collection_description: str | None
    metadata: list[MetadataV1]
    created_at: Timestamp
    updated_at: Timestamp


class MonitorV1(Wire, frozen=True):
    id: int
    test_id: int
    name: str
    description: str
    check_result_status: ResultStatus
    check_status: CheckStatus
    check_frequency: CheckFrequency
    source: MonitorSource
    last_check: Timestamp | None
    last_passed_at: Timestamp | None
    failed_since: Timestamp | None
    disabled_message: str | None
    controls: list[ControlCompact]
    monitor_instances: list[InstanceV1]
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(monitor: Monitor, controls: list[ControlCompact], metadata: list[MetadataV1]) -> "MonitorV1":
        instance = InstanceV1(
            id=monitor.id,
            check_result_status=monitor.status,
            check_frequency=CheckFrequency.DAILY,
            check_types=[CheckType.CUSTOM],
            collection_description=monitor.description,
            metadata=metadata,
            created_at=iso(monitor.created_at),
            updated_at=iso(monitor.updated_at),
        )
        return MonitorV1(
            id=monitor.id,
            test_id=monitor.test_id,
            name=monitor.name,
            description=monitor.description or "",
            check_result_status=monitor.status,
            check_status=monitor.check_status,
            check_frequency=CheckFrequency.DAILY,
            source=MonitorSource.CUSTOM,
            last_check=iso_or_none(monitor.last_checked_at),
            last_passed_at=iso_or_none(monitor.last_passed_at),
            failed_since=iso_or_none(monitor.failed_since),
            disabled_message=monitor.disabled_message,
            controls=controls,
            monitor_instances=[instance],
            created_at=iso(monitor.created_at),
            updated_at=iso(monitor.updated_at),
        )


class Found(Struct, frozen=True):
    """What the last run of a test found, as far as it is shown: passes and failures with the place of their group, and
    exclusions with their connection."""

    passes: list[tuple[int, TargetV1]]
    failures: list[tuple[int, TargetV1]]
    exclusions: list[tuple[int | None, TargetV1]]


async def list_all_monitors(call: Call, filters: MonitorsQuery) -> NumberedPage[MonitorV1]:
    """Lists the tests of the account, as the published version 1 does."""
    wanted = filters.filter()
    async with call.read() as tx:
        page = await numbered(
            filters,
            partial(store.page_monitors, tx, filter_=wanted),
            partial(store.count_monitors, tx, wanted),
            _same,
            column="name" if filters.sort_by_name else "created_at",
        )
        controls = await controls_shown(tx, page.data)
        ids = [monitor.last_run_id for monitor in page.data if monitor.last_run_id]
        runs = {run.monitor_id: run for run in await history.runs_by_id(tx, ids)}
    shown = [
        MonitorV1.of(monitor, controls[monitor.id], _metadata(runs.get(monitor.id), None)) for monitor in page.data
    ]
    return NumberedPage(data=shown, page=page.page, limit=page.limit, total=page.total)


async def get_monitor_details(call: Call, path: TestPath) -> MonitorV1:
    """Gets one test with what its last run found, as the published version 1 does."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        run = await last_run(tx, monitor)
        found = await _found(tx, monitor, run) if run else None
        return MonitorV1.of(monitor, (await controls_shown(tx, [monitor]))[monitor.id], _metadata(run, found))


async def retest_monitor(call: Call, path: TestPath) -> None:
    """Has a test run soon, as the published version 1 does; its last check says when it did."""
    async with call.begin() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        if await history.run_under_way(tx, monitor.id):
            raise AlreadyRunning
        await actions.request_run(tx, monitor, Cause.MANUAL)


def _same(monitor: Monitor) -> Monitor:
    return monitor


async def _found(tx: Tx, monitor: Monitor, run: Run) -> Found:
    first = Slice(column="created_at", descending=False, limit=SHOWN)
    passes = await evaluating.page_passes(tx, first, monitor, run)
    failures = await history.page_failures(tx, first, run.id, monitor_id=monitor.id, include_excluded=False)
    left_out = await exclusions.page_exclusions(tx, first, monitor.id)
    return Found(
        passes=[(each.group_number, TargetV1(id=each.record_id, name=each.target_name)) for each in passes],
        failures=[(each.group_number, TargetV1(id=each.target_id, name=each.target_name)) for each in failures],
        exclusions=[(each.connection_id, TargetV1(id=each.target_id, name=each.target_name)) for each in left_out],
    )


def _metadata(run: Run | None, found: Found | None) -> list[MetadataV1]:
    groups = run.groups if run else []
    return [_metadata_of(number, group, found) for number, group in enumerate(groups)]


def _metadata_of(number: int, group: RanGroup, found: Found | None) -> MetadataV1:
    shown = MetadataV1(
        check_result_status=group.status,
        type=CheckType.CUSTOM,
        source=MonitorSource.CUSTOM,
        connection_id=group.connection_id,
        client_id=group.provider_name,
        client_alias=group.provider_name,
        client_type=ClientType.CUSTOM,
        message=group.note,
    )
    if found is None:
        return shown
    return replace(
        shown,
        pass_=[target for place, target in found.passes if place == number],
        fail=[target for place, target in found.failures if place == number],
        # What was excluded before it came belongs to no connection, and may come with any of them.
        exclusions=[target for connection, target in found.exclusions if connection in (None, group.connection_id)],
    )


operation = partial(Operation, version=Version.V1, extension=True)

operations = [
    operation(
        method="GET",
        path="/monitors",
        handler=list_all_monitors,
        permissions=(Permission.MONITORS_GET,),
        errors=(400,),
    ),
    operation(
        method="GET",
        path="/workspaces/{workspaceId}/monitors/{testId}/details",
        handler=get_monitor_details,
        permissions=(Permission.MONITORS_GET_MONITOR,),
        errors=(400, 404),
    ),
    operation(
        method="POST",
        path="/workspaces/{workspaceId}/autopilot/{testId}/retest",
        handler=retest_monitor,
        permissions=(Permission.MONITORS_POST_RETEST,),
        success=(201,),
        errors=(400, 404, 409),
    ),
]
