"""Runs of a test, version 2."""

from functools import partial

from trustwright.accounts.permissions import Permission
from trustwright.db import Slice
from trustwright.errors import NotFound
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id
from trustwright.monitors import actions, history
from trustwright.monitors.bodies import RanAnswer, RunAnswer, RunDetails, TargetAnswer
from trustwright.monitors.definitions import rendered_definition
from trustwright.monitors.model import SHOWN, Cause
from trustwright.monitors.running import run_monitor
from trustwright.monitors.wire import TestPath


class RunPath(TestPath, frozen=True):
    run_id: Id


async def run_monitoring_test(call: Call, path: TestPath) -> RanAnswer:
    """Runs a test now, and answers what it came to."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
    run, outcome = await run_monitor(call.database, call.who(), call.settings, monitor.id, Cause.MANUAL)
    return RanAnswer.of(outcome, run_id=run.id, message=run.message)


async def list_monitor_runs(call: Call, path: TestPath, filters: CursorQuery) -> CursorPage[RunAnswer]:
    """Lists the runs of a test: its history."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
    async with call.read_behind() as tx:
        return await by_cursor(
            filters,
            monitor.id,
            partial(history.page_runs, tx, monitor_id=monitor.id),
            partial(history.count_runs, tx, monitor.id),
            RunAnswer.of,
        )


async def get_monitor_run(call: Call, path: RunPath) -> RunDetails:
    """Gets one run, with the definition that it ran and the records that failed it."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        run = await history.get_run(tx, monitor.id, path.run_id)
        if run is None:
            raise NotFound(f"No run {path.run_id} of test {monitor.test_id}")
        definition = await actions.definition_of(tx, monitor.id, run.version)
        first = Slice(column="created_at", descending=False, limit=SHOWN)
        failures = await history.page_failures(tx, first, run.id, monitor_id=monitor.id, include_excluded=True)
        return RunDetails.of(
            run, definition=rendered_definition(definition), failures=list(map(TargetAnswer.of, failures))
        )


RUNS = "/workspaces/{workspaceId}/monitoring-tests/{testId}/runs"

operation = partial(
    Operation, version=Version.V2, permissions=(Permission.MONITORS_GET_MONITOR,), errors=(400, 404), extension=True
)

operations = [
    operation(
        method="POST",
        path="/workspaces/{workspaceId}/monitoring-tests/{testId}/run",
        handler=run_monitoring_test,
        permissions=(Permission.MONITORS_PUT_MONITOR,),
        errors=(400, 404, 409),
    ),
    operation(method="GET", path=RUNS, handler=list_monitor_runs),
    operation(method="GET", path=f"{RUNS}/{{runId}}", handler=get_monitor_run),
]
