"""The editor of monitors: what one is made of as fields, its definition as JSON beside a builder, and trying it out."""

from typing import Any

import msgspec
from msgspec import Struct

from trustwright.console.forms import Form
from trustwright.console.visits import Answer, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.monitors import actions, editing, store
from trustwright.monitors.console_parts import form_page, path_of, shown, sources_in
from trustwright.monitors.fitting import ID
from trustwright.monitors.model import Fault, Monitor, Outcome
from trustwright.monitors.running import dry_run
from trustwright.monitors.wording import EMPTIES, REQUIREMENTS
from trustwright.records.actions import connections_serving, resources_of
from trustwright.records.model import Resource
from trustwright.times import iso
from trustwright.trust_page.actions import controls_of

UNNAMED = {"name": "Unnamed"}
TRY = "try"


class Known(Struct, frozen=True, kw_only=True):
    """What the fields show before somebody types."""

    monitor: Monitor | None
    control_ids: list[int]
    text: str


class Trial(Struct, frozen=True, kw_only=True):
    """What came of trying: an outcome, or what is wrong."""

    faults: list[Fault]
    outcome: Outcome | None = None


async def show_new(visit: Visit, form: Form) -> Answer:
    """The form of a new monitor."""
    return await _show(visit, form, None)


async def create(visit: Visit, form: Form) -> Answer:
    """Adds a monitor, or tries it out."""
    if form.flag(TRY):
        return await _show(visit, form, None, await _tried(visit, form, None))
    body = _body(form)
    async with visit.begin() as tx:
        draft = await actions.checked_draft(tx, visit.workspace_id, body)
        monitor = await actions.create_monitor(tx, visit.workspace_id, draft)
    notice = "It runs now: load this page again in a moment." if monitor.is_enabled else "It is disabled."
    return visit.see_other(path_of(monitor), f"The monitor was created. {notice}")


async def show_edit(visit: Visit, form: Form) -> Answer:
    """The form of a monitor that there is, or of one of its former versions."""
    return await _show(visit, form, visit.id("test_id"))


async def edit(visit: Visit, form: Form) -> Answer:
    """Saves a monitor, or tries out what it would become."""
    test_id = visit.id("test_id")
    if form.flag(TRY):
        return await _show(visit, form, test_id, await _tried(visit, form, test_id))
    body = _body(form)
    async with visit.begin() as tx:
        monitor = await actions.get_monitor(tx, visit.workspace_id, test_id)
        form.require_unchanged(monitor.updated_at, "this monitor")
        draft = await actions.checked_draft(tx, visit.workspace_id, body)
        after = await actions.redefine(tx, monitor, draft)
    told = f" Its definition is version {after.version} now." if after.version != monitor.version else ""
    return visit.see_other(path_of(after), f"The monitor was saved.{told}")


async def _show(visit: Visit, form: Form, test_id: int | None, trial: Trial | None = None) -> Answer:
    async with visit.read() as tx:
        connections = await connections_serving(tx, visit.workspace_id)
        ids = [connection.id for connection in connections]
        resources = await resources_of(tx, ids)
        controls = await controls_of(tx, visit.workspace_id)
        known = await _known(tx, visit, test_id, resources)
        faults = await _faults(tx, visit, form, trial)
    values = {
        "form": form,
        "known": known,
        "controls": controls,
        "sources": sources_in(connections, resources),
        "builder": _builder(connections, resources),
        "faults": faults,
        "trial": trial,
        "revision": iso(known.monitor.updated_at) if known.monitor else "",
    }
    return shown(visit, "monitor_editor", values)


async def _known(tx: Tx, visit: Visit, test_id: int | None, resources: list[Resource]) -> Known:
    if test_id is None:
        wanted = visit.text("resource")
        first = next((each for each in resources if str(each.id) == wanted), resources[0] if resources else None)
        fields = editing.fields_of(first.schema) if first else []
        field = next((each for each in fields if each.fact != ID), None)
        text = editing.first_text(first.connection_id if first else None, first.id if first else None, field)
        return Known(monitor=None, control_ids=[], text=text)
    monitor = await actions.get_monitor(tx, visit.workspace_id, test_id)
    version = visit.text("version")
    number = int(version) if version.isascii() and version.isdigit() and len(version) < 10 else monitor.version
    definition = await actions.definition_of(tx, monitor.id, number)
    links = await store.controls_of(tx, [monitor.id])
    return Known(monitor=monitor, control_ids=[link.control_id for link in links], text=editing.text_of(definition))


async def _faults(tx: Tx, visit: Visit, form: Form, trial: Trial | None) -> list[Fault]:
    """All that is wrong with what was sent, each with its place, beyond the sentence that the form says."""
    if trial is not None:
        return trial.faults
    if form.problem is None or not isinstance(form.problem, Invalid) or form.fault("definition"):
        return []
    return await actions.faults_of(tx, visit.workspace_id, _body(form))


async def _tried(visit: Visit, form: Form, test_id: int | None) -> Trial:
    body = {**_body(form), **UNNAMED}
    async with visit.read() as tx:
        faults = await actions.faults_of(tx, visit.workspace_id, body)
        if faults:
            return Trial(faults=faults)
        draft = await actions.checked_draft(tx, visit.workspace_id, body)
    outcome = await dry_run(
        visit.database,
        visit.who(),
        visit.settings,
        visit.workspace_id,
        draft.definition,
        session_id=None,
        test_id=test_id,
    )
    return Trial(faults=[], outcome=outcome)


def _body(form: Form) -> dict[str, Any]:
    """What the API would be sent. Raises Invalid."""
    return {
        **editing.defined(editing.body_of(form.text("definition"))),
        "name": form.text("name"),
        "description": form.optional("description"),
        "enabled": form.flag("enabled"),
        "controlIds": [int(text) for text in form.texts("controls") if text.isascii() and text.isdigit()],
    }


def _builder(connections: list[Any], resources: list[Resource]) -> str:
    """What the script offers to choose from, as JSON."""
    return msgspec.json.encode(
        {
            "sources": [
                {
                    "connectionId": source.connection_id,
                    "resourceId": source.resource_id,
                    "name": source.name,
                    "fields": editing.fields_of(source.schema),
                }
                for source in sources_in(connections, resources)
            ],
            "operators": editing.choices(),
            "requirements": [[each.value, words] for each, words in REQUIREMENTS.items()],
            "empties": [[each.value, words] for each, words in EMPTIES.items()],
        }
    ).decode()


PAGES = [
    form_page(path="/monitors/new", show=show_new, submit=create),
    form_page(path="/monitors/{test_id}/edit", show=show_edit, submit=edit),
]
