"""The monitors of a workspace and a folder of files: what either lacks of the other (docs/monitors.md)."""

from collections.abc import Iterator
from contextlib import contextmanager

from msgspec import Struct

from trustwright.db import Slice, Tx
from trustwright.errors import Problem
from trustwright.monitors import actions, store
from trustwright.monitors.documents import (
    File,
    Names,
    Reading,
    Source,
    document_of,
    free_file_name,
    key_of,
    read,
    written,
)
from trustwright.monitors.model import Draft, Fault, Monitor
from trustwright.records.actions import connections_serving, resources_of
from trustwright.trust_page.actions import controls_of

ALL = Slice(column="created_at", descending=False, limit=1_000_000)


class Known(Struct, frozen=True):
    """A monitor of a workspace, and all that it was made of."""

    monitor: Monitor
    draft: Draft


class Pulled(Struct, frozen=True, kw_only=True):
    """What a folder has to become. `gone`: files whose monitors are not there any more."""

    written: list[File]
    unchanged: list[str]
    gone: list[str]


class Plan(Struct, frozen=True, kw_only=True):
    """What a workspace has to become; nothing, where a file has a fault. `extra`: monitors without a file."""

    faults: list[str]
    created: list[Reading]
    changed: list[tuple[Known, Reading]]
    unchanged: list[str]
    extra: list[Monitor]


async def pull(tx: Tx, workspace_id: int, files: list[File]) -> Pulled:
    """Which files a folder with these files lacks. A monitor keeps the file that names it, and a file that says the
    same stays as it is, with its comments."""
    names = await names_of(tx, workspace_id)
    readings = [read(file, names) for file in files]
    by_name = {key_of(reading.name): reading for reading in reversed(readings) if reading.name is not None}
    pulled = Pulled(written=[], unchanged=[], gone=[])
    known = await monitors_of(tx, workspace_id)
    taken = {reading.file for reading in by_name.values()}
    for each in known:
        # Texts and not values are compared, for to Python 1 and true are equal.
        text = written(document_of(each.draft, names))
        reading = by_name.pop(key_of(each.monitor.name), None)
        file = reading.file if reading else free_file_name(each.monitor.name, taken)
        taken.add(file)
        if reading and reading.draft and written(document_of(reading.draft, names)) == text:
            pulled.unchanged.append(file)
        else:
            pulled.written.append(File(file, text))
    kept = {file.name for file in pulled.written} | set(pulled.unchanged)
    # A file that cannot be read may be anything: it is nobody's to remove.
    pulled.gone.extend(each.file for each in readings if each.name is not None and each.file not in kept)
    return pulled


async def plan(tx: Tx, workspace_id: int, files: list[File]) -> Plan:
    """What a workspace lacks of these files. Every fault of every file is named."""
    names = await names_of(tx, workspace_id)
    readings = [read(file, names) for file in files]
    found = Plan(faults=[], created=[], changed=[], unchanged=[], extra=[])
    found.faults.extend(_said(reading.file, fault) for reading in readings for fault in reading.faults)
    for reading in readings:
        if not reading.faults:
            faults = await actions.faults_of(tx, workspace_id, reading.body)
            found.faults.extend(_said(reading.file, fault) for fault in faults)
    found.faults.extend([*_twice(readings), *await _taken(tx, workspace_id, readings)])
    known = {key_of(each.monitor.name): each for each in await monitors_of(tx, workspace_id)}
    for reading in readings:
        before = known.pop(key_of(reading.name), None) if reading.name is not None else None
        if reading.draft is None:
            continue
        if before is None:
            found.created.append(reading)
        elif written(document_of(before.draft, names)) == written(document_of(reading.draft, names)):
            found.unchanged.append(before.monitor.name)
        else:
            found.changed.append((before, reading))
    found.extra.extend(each.monitor for each in known.values())
    return found


async def carry_out(tx: Tx, workspace_id: int, plan: Plan, *, prunes: bool) -> None:
    """Makes a workspace what a plan without faults says; monitors without a file are deleted with `prunes` only. Raises
    Conflict, Invalid, with the file before it."""
    if prunes:
        # First, so that their names are free.
        for monitor in plan.extra:
            await actions.delete_monitor(tx, monitor)
    for before, reading in plan.changed:
        with _at(reading.file):
            await actions.redefine(tx, before.monitor, _draft(reading))
    for reading in plan.created:
        with _at(reading.file):
            await actions.create_monitor(tx, workspace_id, _draft(reading))


async def names_of(tx: Tx, workspace_id: int) -> Names:
    """What files call the connections and controls of a workspace."""
    connections = await connections_serving(tx, workspace_id)
    resources = await resources_of(tx, [connection.id for connection in connections])
    sources: dict[str, list[Source]] = {}
    for connection in connections:
        if connection.client_alias is not None:
            own = [Source(connection.id, each.id) for each in resources if each.connection_id == connection.id]
            sources.setdefault(connection.client_alias, []).extend(own)
    return Names(
        sources={alias: own[0] if len(own) == 1 else None for alias, own in sources.items()},
        controls={control.code: control.id for control in await controls_of(tx, workspace_id)},
    )


async def monitors_of(tx: Tx, workspace_id: int) -> list[Known]:
    """All monitors of a workspace, the oldest first."""
    monitors = await store.page_monitors(tx, ALL, store.Filter(workspace_id=workspace_id))
    controls: dict[int, list[int]] = {}
    for link in await store.controls_of(tx, [monitor.id for monitor in monitors]):
        controls.setdefault(link.monitor_id, []).append(link.control_id)
    definitions = await actions.definitions_of(tx, monitors)
    return [
        Known(
            monitor,
            Draft(
                name=monitor.name,
                description=monitor.description,
                is_enabled=monitor.is_enabled,
                control_ids=controls.get(monitor.id, []),
                definition=definitions[monitor.id],
            ),
        )
        for monitor in monitors
    ]


def _draft(reading: Reading) -> Draft:
    if reading.draft is None:
        raise ValueError(f"{reading.file} has faults: a plan with faults is not carried out")
    return reading.draft


def _twice(readings: list[Reading]) -> Iterator[str]:
    seen: dict[str, str] = {}
    for reading in readings:
        if reading.name is None:
            continue
        first = seen.setdefault(key_of(reading.name), reading.file)
        if first != reading.file:
            yield _said(reading.file, Fault("name", f"{first} has the same name; a monitor stands in one file"))


async def _taken(tx: Tx, workspace_id: int, readings: list[Reading]) -> list[str]:
    """Names of tests are unique in the whole account."""
    all_ = await store.page_monitors(tx, ALL, store.Filter())
    others = {key_of(each.name): each.workspace_id for each in all_ if each.workspace_id != workspace_id}
    message = "belongs to a test of workspace"
    return [
        _said(reading.file, Fault("name", f"{reading.name!r} {message} {others[key_of(reading.name)]}; choose another"))
        for reading in readings
        if reading.name is not None and key_of(reading.name) in others
    ]


def _said(file: str, fault: Fault) -> str:
    return f"{file}: {fault.path}: {fault.message}" if fault.path else f"{file}: {fault.message}"


@contextmanager
def _at(file: str) -> Iterator[None]:
    try:
        yield
    except Problem as problem:
        problem.message = f"{file}: {problem.message}"
        raise
