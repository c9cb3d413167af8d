"""What tests check, version 2: created, tried out on real data before, changed and deleted."""

from functools import partial
from typing import Any

from trustwright.accounts.actions import require_workspace
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.http.bodies import decode
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.monitors import actions, store
from trustwright.monitors.bodies import OutcomeAnswer
from trustwright.monitors.model import Monitor
from trustwright.monitors.running import dry_run
from trustwright.monitors.wire import (
    DefinedAnswer,
    NewMonitor,
    Redefinition,
    TestPath,
    Trial,
    TrialOptions,
    ValidationAnswer,
    WorkspacePath,
)

# What an answer shows of a test besides what it is made of, so that it can be sent back as it came.
RESULTS = ("checkResultStatus", "checkStatus", "testSource", "lastPassedAt", "failedSince")

UNNAMED = {"name": "Unnamed"}


class VersionQuery(Wire, frozen=True):
    """Without a version the one that runs now is meant."""

    version: Id | None = None


async def create_monitoring_test(call: Call, path: WorkspacePath, body: bytes) -> DefinedAnswer:
    """Creates a test; an enabled one runs at once."""
    value = _given(body)
    async with call.begin() as tx:
        await require_workspace(tx, path.workspace_id)
        draft = await actions.checked_draft(tx, path.workspace_id, value)
        return await _shown(tx, await actions.create_monitor(tx, path.workspace_id, draft))


async def validate_monitoring_test(call: Call, path: WorkspacePath, body: bytes) -> ValidationAnswer:
    """Says all that is wrong with the body of a test; nothing is stored."""
    value = _given(body)
    async with call.read() as tx:
        await require_workspace(tx, path.workspace_id)
        return ValidationAnswer.of(await actions.faults_of(tx, path.workspace_id, _untried(value)))


async def dry_run_monitoring_test(call: Call, path: WorkspacePath, body: bytes) -> OutcomeAnswer:
    """Evaluates a definition on the records as they are, or as a session stages them; nothing is stored."""
    options, value = decode(body, TrialOptions), _given(body)
    async with call.read() as tx:
        await require_workspace(tx, path.workspace_id)
        draft = await actions.checked_draft(tx, path.workspace_id, UNNAMED | _untried(value))
    outcome = await dry_run(
        call.database,
        call.who(),
        call.settings,
        path.workspace_id,
        draft.definition,
        session_id=options.session_id,
        test_id=options.test_id,
    )
    return OutcomeAnswer.of(outcome)


async def get_monitoring_test_definition(call: Call, path: TestPath, filters: VersionQuery) -> DefinedAnswer:
    """Gets what a test checks, or what it checked in a former version."""
    async with call.read() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        return await _shown(tx, monitor, filters.version)


async def put_monitoring_test_definition(call: Call, path: TestPath, body: bytes) -> DefinedAnswer:
    """Says anew what a test checks: its next version. What is left out besides the definition stays as it is."""
    value = _given(body)
    async with call.begin() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        present = {
            "name": monitor.name,
            "description": monitor.description,
            "enabled": monitor.is_enabled,
            "controlIds": await _control_ids(tx, monitor),
        }
        draft = await actions.checked_draft(tx, path.workspace_id, present | value)
        return await _shown(tx, await actions.redefine(tx, monitor, draft))


async def delete_monitoring_test(call: Call, path: TestPath) -> None:
    """Deletes a test; what its runs found is kept."""
    async with call.begin() as tx:
        await actions.delete_monitor(tx, await actions.get_monitor(tx, path.workspace_id, path.test_id))


def _given(body: bytes) -> dict[str, Any]:
    """The body as it came, so that each fault can be placed. Raises Invalid for what is no JSON object."""
    value = {key: each for key, each in decode(body, dict[str, Any]).items() if key not in RESULTS}
    # So says an answer that there is none.
    return value | {"description": None} if value.get("description") == "" else value


def _untried(value: dict[str, Any]) -> dict[str, Any]:
    """Without what only says on which data to try it."""
    return {key: each for key, each in value.items() if key != "sessionId"}


async def _shown(tx: Tx, monitor: Monitor, version: int | None = None) -> DefinedAnswer:
    shown = version or monitor.version
    definition = await actions.definition_of(tx, monitor.id, shown)
    return DefinedAnswer.defined(monitor, shown, definition, await _control_ids(tx, monitor))


async def _control_ids(tx: Tx, monitor: Monitor) -> list[int]:
    return [link.control_id for link in await store.controls_of(tx, [monitor.id])]


TESTS = "/workspaces/{workspaceId}/monitoring-tests"
TEST = f"{TESTS}/{{testId}}"

operation = partial(
    Operation, version=Version.V2, permissions=(Permission.MONITORS_PUT_MONITOR,), errors=(400, 404), extension=True
)

operations = [
    operation(
        method="POST",
        path=TESTS,
        handler=create_monitoring_test,
        success=(201,),
        errors=(400, 404, 409),
        body=NewMonitor,
    ),
    operation(method="POST", path=f"{TESTS}/validate", handler=validate_monitoring_test, body=Trial),
    operation(method="POST", path=f"{TESTS}/dry-run", handler=dry_run_monitoring_test, body=Trial),
    operation(
        method="GET",
        path=f"{TEST}/definition",
        handler=get_monitoring_test_definition,
        permissions=(Permission.MONITORS_GET_MONITOR,),
    ),
    operation(
        method="PUT",
        path=f"{TEST}/definition",
        handler=put_monitoring_test_definition,
        errors=(400, 404, 409),
        body=Redefinition,
    ),
    operation(method="DELETE", path=TEST, handler=delete_monitoring_test, success=(204,)),
]
