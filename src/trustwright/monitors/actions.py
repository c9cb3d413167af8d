"""What can be done to monitors: to make, change, switch and delete them, to exclude records, to ask for runs."""

from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from trustwright.accounts.actions import require_workspace
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType, Source
from trustwright.monitors import exclusions, store
from trustwright.monitors.definitions import parse_definition, parse_draft, refuse, rendered_definition
from trustwright.monitors.faults import text_fault
from trustwright.monitors.fitting import misfits
from trustwright.monitors.following import follow
from trustwright.monitors.model import DAILY, Cause, Definition, Draft, Exclusion, Fault, Group, Monitor
from trustwright.records.actions import live_record, resources_of, watch
from trustwright.records.items import id_fault
from trustwright.records.model import Record, Resource
from trustwright.trust_page.actions import controls_by_id, expect_tests, locked_controls

RUN = "monitors.run"

LONGEST_NAME = 191
LONGEST_DESCRIPTION = 30_000
LONGEST_REASON = 10_000

DISABLED_BY_API = "Disabled via Public API"


async def create_monitor(tx: Tx, workspace_id: int, draft: Draft) -> Monitor:
    """Adds a test to a workspace; an enabled one runs at once. Raises NotFound for an unknown workspace, Invalid,
    and Conflict for a name that is taken."""
    await require_workspace(tx, workspace_id)
    await _require_sound(tx, workspace_id, draft)
    await store.lock_tests(tx, workspace_id)
    name = draft.name.strip()
    monitor = await store.insert_monitor(
        tx, workspace_id, name=name, description=draft.description, is_enabled=draft.is_enabled
    )
    if monitor is None:
        raise _taken(name)
    text = _text(draft.definition)
    control_ids = sorted(set(draft.control_ids))
    await _set_definition(tx, monitor, draft.definition, text)
    await _link(tx, monitor, [], control_ids)
    after = {**_details(monitor), "enabled": monitor.is_enabled, **_logic(monitor, control_ids, text)}
    type_ = EventType.CONTROL_TEST_INSTANCE_DRAFT_TEST_PUBLISHED
    await _record(tx, type_, f"Test {monitor.name} created", monitor, None, after)
    if monitor.is_enabled:
        await _run_soon(tx, monitor, Cause.CHANGE)
    return monitor


async def get_monitor(tx: Tx, workspace_id: int, test_id: int) -> Monitor:
    """Raises NotFound, also for a workspace that is not of this account."""
    monitor = await store.get_monitor(tx, workspace_id, test_id)
    if monitor is None:
        raise NotFound(f"No test {test_id} in workspace {workspace_id}")
    return monitor


async def update_monitor(
    tx: Tx,
    monitor: Monitor,
    *,
    name: str | UnsetType = UNSET,
    enabled: bool | UnsetType = UNSET,
    description: str | UnsetType | None = UNSET,
) -> Monitor:
    """Sets what is given. Raises Invalid, Conflict for a name that is taken, NotFound when it was deleted meanwhile."""
    before = await _locked(tx, monitor)
    new_name = before.name if name is UNSET else name
    after = await _set_details(tx, before, new_name, before.description if description is UNSET else description)
    after = await _set_enabled(tx, after, before.is_enabled if enabled is UNSET else enabled)
    if after.is_enabled is not before.is_enabled:
        await follow(tx, await _control_ids(tx, before))
        if after.is_enabled:
            await _run_soon(tx, after, Cause.CHANGE)
    return after


async def redefine(tx: Tx, monitor: Monitor, draft: Draft) -> Monitor:
    """Makes a monitor what a draft says. Another definition becomes its next version, and runs at once if it is
    enabled. Raises as `update_monitor`."""
    before = await _locked(tx, monitor)
    await _require_sound(tx, before.workspace_id, draft)
    old_ids, new_ids = await _control_ids(tx, before), sorted(set(draft.control_ids))
    after = await _set_details(tx, before, draft.name, draft.description)
    after = await _set_logic(tx, after, draft.definition, old_ids, new_ids)
    after = await _set_enabled(tx, after, draft.is_enabled)
    if after.is_enabled is not before.is_enabled or new_ids != old_ids:
        await follow(tx, sorted({*old_ids, *new_ids}))
    if after.is_enabled and (not before.is_enabled or after.version != before.version):
        await _run_soon(tx, after, Cause.CHANGE)
    return after


async def delete_monitor(tx: Tx, monitor: Monitor) -> None:
    """Deletes a monitor; its runs stay. Raises NotFound."""
    before = await _locked(tx, monitor)
    control_ids = await _control_ids(tx, before)
    await store.delete_monitor(tx, before.id)
    told = {**_details(before), "enabled": before.is_enabled, "controlIds": control_ids, "version": before.version}
    type_ = EventType.CONTROL_TEST_INSTANCE_PUBLISH_TEST_DELETED
    await _record(tx, type_, f"Test {before.name} deleted", before, told, None)
    await follow(tx, control_ids)


async def definition_of(tx: Tx, monitor_id: int, version: int) -> Definition:
    """What a version of a monitor checks. Raises NotFound, and Invalid for one that this release cannot read."""
    text = await store.definition_text(tx, monitor_id, version)
    if text is None:
        raise NotFound(f"No version {version} of this test")
    return read_definition(text)


async def definitions_of(tx: Tx, monitors: list[Monitor]) -> dict[int, Definition]:
    """What monitors check now, by id. Raises Invalid as `definition_of`."""
    found = await store.current_definitions(tx, [monitor.id for monitor in monitors])
    return {each.monitor_id: read_definition(each.text) for each in found}


def read_definition(text: str) -> Definition:
    """A definition that was kept. Raises Invalid for one that this release cannot read."""
    faults: list[Fault] = []
    definition = parse_definition(msgspec.json.decode(text), faults)
    if definition is None:
        refuse(faults)
    return definition


async def faults_of(tx: Tx, workspace_id: int, value: Any) -> list[Fault]:
    """All that is wrong with what `create_monitor` would be asked for, a JSON value; a name may still be missing."""
    faults: list[Fault] = []
    draft = parse_draft({"name": "Unnamed", **value} if isinstance(value, dict) else value, faults)
    return faults if draft is None else [*faults, *await _faults(tx, workspace_id, draft)]


async def checked_draft(tx: Tx, workspace_id: int, value: Any) -> Draft:
    """A JSON value as a draft that `create_monitor` takes, unless its name is taken. Raises Invalid."""
    faults: list[Fault] = []
    draft = parse_draft(value, faults)
    if draft is not None:
        faults += await _faults(tx, workspace_id, draft)
    if draft is None or faults:
        refuse(faults)
    return draft


async def exclude(tx: Tx, monitor: Monitor, target_id: str, reason: str) -> Exclusion:
    """Leaves a record out of a monitor's result, from now on and whatever session brings it; it need not be there yet.
    Raises Invalid, and Conflict when it is left out already."""
    if fault := id_fault(target_id):
        raise Invalid(f"targetId: {fault.removeprefix('id: ')}")
    _require_text("exclusionReason", reason, LONGEST_REASON)
    before = await _locked(tx, monitor)
    found, record_ = await _target(tx, before, target_id)
    connections = {resource.connection_id for resource in found}
    exclusion = await exclusions.insert_exclusion(
        tx,
        before.id,
        target_id,
        target_id if record_ is None else _display_name(found[0], record_),
        connections.pop() if len(connections) == 1 else None,
        reason,
    )
    if exclusion is None:
        raise Conflict(f"targetId: {target_id!r} is excluded from this test already")
    await _record_exclusion(tx, EventType.MONITOR_EXCLUSION_CREATED, before, exclusion)
    return exclusion


async def include_again(tx: Tx, monitor: Monitor, exclusion_id: int) -> None:
    """Has a record count again that was excluded. Raises NotFound."""
    before = await _locked(tx, monitor)
    exclusion = await exclusions.delete_exclusion(tx, before.id, exclusion_id)
    if exclusion is None:
        raise NotFound(f"No exclusion {exclusion_id} of this test")
    await _record_exclusion(tx, EventType.MONITOR_EXCLUSION_DELETED, before, exclusion)


async def note_download(tx: Tx, monitor: Monitor, type_: str) -> None:
    """Writes down that findings left as a file. `type_`: which of them."""
    description = f"Findings of test {monitor.name} downloaded"
    await _record(tx, EventType.MONITOR_FINDINGS_CSV_GENERATED, description, monitor, None, {"type": type_})


async def request_run(tx: Tx, monitor: Monitor, cause: Cause) -> None:
    """Has a monitor run soon, in a job. Raises Conflict for a disabled one."""
    if not monitor.is_enabled:
        raise Conflict(f"Test {monitor.test_id} is disabled: enable it first")
    await _run_soon(tx, monitor, cause)


async def _run_soon(tx: Tx, monitor: Monitor, cause: Cause) -> None:
    await tx.defer(RUN, monitor_id=monitor.id, cause=cause.value)


async def _locked(tx: Tx, monitor: Monitor) -> Monitor:
    """The monitor as it is now, and stays until the transaction ends."""
    found = await store.monitor_by_id(tx, monitor.id, lock=True)
    if found is None:
        raise NotFound(f"No test {monitor.test_id} in workspace {monitor.workspace_id}")
    return found


async def _set_details(tx: Tx, before: Monitor, name: str, description: str | None) -> Monitor:
    name = name.strip()
    if (name, description) == (before.name, before.description):
        return before
    _require_details(name, description)
    after = await store.update_details(tx, before.id, name, description)
    if after is None:
        raise _taken(name)
    type_ = EventType.MONITOR_TEST_DETAILS_UPDATED
    await _record(tx, type_, f"Details of test {after.name} changed", after, _details(before), _details(after))
    return after


async def _set_enabled(tx: Tx, before: Monitor, is_enabled: bool) -> Monitor:
    if before.is_enabled is is_enabled:
        return before
    by_api = tx.who.source is Source.PUBLIC_API
    after = await store.set_enabled(
        tx,
        before.id,
        is_enabled=is_enabled,
        disabled_by_id=None if is_enabled else tx.who.user_id,
        disabled_message=DISABLED_BY_API if by_api and not is_enabled else None,
    )
    description = f"Test {after.name} {'enabled' if is_enabled else 'disabled'}"
    told = [{"enabled": each.is_enabled, "disabledMessage": each.disabled_message} for each in (before, after)]
    await _record(tx, EventType.MONITOR_TEST_STATUS_UPDATED, description, after, *told)
    return after


async def _set_logic(
    tx: Tx, before: Monitor, definition: Definition, old_ids: list[int], new_ids: list[int]
) -> Monitor:
    text = _text(definition)
    # Texts and not values are compared, for to Python 1 and true are equal.
    former = await store.definition_text(tx, before.id, before.version) or ""
    if (text, new_ids) == (former, old_ids):
        return before
    after = await store.set_version(tx, before.id, before.version if text == former else before.version + 1)
    if text != former:
        await _set_definition(tx, after, definition, text)
    await _link(tx, after, old_ids, new_ids)
    told = _logic(before, old_ids, former), _logic(after, new_ids, text)
    type_ = EventType.CONTROL_TEST_INSTANCE_CUSTOM_TEST_EDITED
    await _record(tx, type_, f"Logic of test {after.name} changed", after, *told)
    return after


async def _set_definition(tx: Tx, monitor: Monitor, definition: Definition, text: str) -> None:
    resource_ids = sorted({group.resource_id for group in definition.groups})
    await store.insert_version(tx, monitor.id, monitor.version, text)
    await store.set_resources(tx, monitor.id, resource_ids)
    await watch(tx, resource_ids)


async def _link(tx: Tx, monitor: Monitor, old_ids: list[int], new_ids: list[int]) -> None:
    """Has other controls follow a monitor, which from then on are tested every day."""
    if old_ids == new_ids:
        return
    for control in await locked_controls(tx, sorted({*old_ids, *new_ids})):
        if control.id in new_ids:
            await expect_tests(tx, control, DAILY.days)
    await store.set_controls(tx, monitor.id, new_ids)


async def _control_ids(tx: Tx, monitor: Monitor) -> list[int]:
    return [link.control_id for link in await store.controls_of(tx, [monitor.id])]


async def _require_sound(tx: Tx, workspace_id: int, draft: Draft) -> None:
    _require_details(draft.name, draft.description)
    if faults := await _faults(tx, workspace_id, draft):
        refuse(faults)


async def _faults(tx: Tx, workspace_id: int, draft: Draft) -> list[Fault]:
    """What does not fit the resources and controls of the workspace."""
    definition = draft.definition
    connection_ids = sorted({group.connection_id for group in definition.groups})
    resources = await resources_of(tx, connection_ids, workspace_id)
    faults = [
        fault
        for place, group in enumerate(definition.groups)
        for fault in _group_faults(f"groups[{place}]", group, resources, definition.allow_unknown)
    ]
    controls = await controls_by_id(tx, draft.control_ids)
    known = {control.id for control in controls if control.workspace_id == workspace_id}
    for place, control_id in enumerate(draft.control_ids):
        if control_id not in known:
            message = f"no control {control_id} in this workspace; the trust center lists those that there are"
            faults.append(Fault(f"controlIds[{place}]", message))
    return faults


def _group_faults(place: str, group: Group, resources: list[Resource], allow_unknown: bool) -> list[Fault]:
    own = {resource.id: resource for resource in resources if resource.connection_id == group.connection_id}
    if not own:
        message = f"no custom connection {group.connection_id} serves this workspace; name one that was made for it"
        return [Fault(f"{place}.connectionId", message)]
    resource = own.get(group.resource_id)
    if resource is None:
        choice = ", ".join(f"{each.id} ({each.name})" for each in own.values())
        message = f"no resource {group.resource_id} in connection {group.connection_id}, which has {choice}"
        return [Fault(f"{place}.resourceId", message)]
    return misfits(group, place, msgspec.json.decode(resource.schema), resource.name, allow_unknown=allow_unknown)


def _require_details(name: str, description: str | None) -> None:
    _require_text("name", name, LONGEST_NAME)
    if description:
        _require_text("description", description, LONGEST_DESCRIPTION, may_be_blank=True)


def _require_text(field: str, text: str, longest: int, *, may_be_blank: bool = False) -> None:
    if not may_be_blank and not text.strip():
        raise Invalid(f"{field}: must not be blank")
    if fault := text_fault(text.strip(), longest):
        raise Invalid(f"{field}: {fault}")


async def _target(tx: Tx, monitor: Monitor, target_id: str) -> tuple[list[Resource], Record | None]:
    """The resource that has the record now, and the record; else all resources of the monitor, and None."""
    definition = await definition_of(tx, monitor.id, monitor.version)
    read = {group.resource_id for group in definition.groups}
    connection_ids = sorted({group.connection_id for group in definition.groups})
    resources = [resource for resource in await resources_of(tx, connection_ids) if resource.id in read]
    for resource in resources:
        if found := await live_record(tx, resource, target_id):
            return [resource], found
    return resources, None


def _display_name(resource: Resource, found: Record) -> str:
    """What a record is called; its id where it has no name."""
    name = msgspec.json.decode(found.attributes).get(resource.display_name_key)
    return (name if isinstance(name, str | None) else msgspec.json.encode(name).decode()) or found.record_id


def _text(definition: Definition) -> str:
    return msgspec.json.encode(rendered_definition(definition)).decode()


def _taken(name: str) -> Conflict:
    return Conflict(f"name: {name!r} belongs to another test of this account; choose another")


def _details(monitor: Monitor) -> dict[str, Any]:
    return {"name": monitor.name, "description": monitor.description}


def _logic(monitor: Monitor, control_ids: list[int], text: str) -> dict[str, Any]:
    definition = msgspec.Raw(text.encode()) if text else None
    return {"version": monitor.version, "controlIds": control_ids, "definition": definition}


async def _record_exclusion(tx: Tx, type_: EventType, monitor: Monitor, exclusion: Exclusion) -> None:
    told = {"id": exclusion.id, "targetId": exclusion.target_id, "exclusionReason": exclusion.reason}
    is_new = type_ is EventType.MONITOR_EXCLUSION_CREATED
    description = f"{exclusion.target_id} {'excluded from' if is_new else 'counts again for'} test {monitor.name}"
    await _record(tx, type_, description, monitor, None if is_new else told, told if is_new else None)
    if monitor.is_enabled:
        await _run_soon(tx, monitor, Cause.CHANGE)


async def _record(tx: Tx, type_: EventType, description: str, monitor: Monitor, before: Any, after: Any) -> None:
    await record(
        tx,
        type_,
        description,
        target={"kind": "monitor", "id": monitor.id, "testId": monitor.test_id, "testName": monitor.name},
        before=before,
        after=after,
        workspace_id=monitor.workspace_id,
    )
