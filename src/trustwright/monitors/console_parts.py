"""What several pages of monitors show."""

from functools import partial
from typing import Any

from msgspec import Struct

from trustwright.accounts.model import Entitlement
from trustwright.console.navigation import EDIT_MONITORS, MONITORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.monitors import actions, history
from trustwright.monitors.model import Definition, Monitor, Run
from trustwright.monitors.wording import EMPTIES, REQUIREMENTS, STATUSES, TONES, SaidGroup, group_in_words, reasons
from trustwright.records.actions import connections_serving, resources_of
from trustwright.records.model import Connection, Resource

PLAN = Entitlement.CUSTOM_CONNECTIONS_AND_TESTS
page = partial(Page, right=MONITORS, entitlement=PLAN)
form_page = partial(FormPage, right=EDIT_MONITORS, entitlement=PLAN)
button = partial(Button, right=EDIT_MONITORS, entitlement=PLAN)


class Source(Struct, frozen=True, kw_only=True):
    """A resource as people know it: by its connection's name, and its own where that is another."""

    connection_id: int
    resource_id: int
    name: str
    schema: str


class Checked(Struct, frozen=True, kw_only=True):
    """What a definition checks, in words. `sources`: the name of each group's resource."""

    requirement: str
    empty: str
    groups: list[SaidGroup]
    sources: list[str]


def shown(visit: Visit, template: str, values: dict[str, Any]) -> Answer:
    """A page of monitors, with the words that all of them use."""
    words = {"statuses": STATUSES, "tones": TONES, "reasons": reasons}
    return visit.page(template, {**words, "may_edit": visit.may(EDIT_MONITORS), **values})


def path_of(monitor: Monitor) -> str:
    return f"/monitors/{monitor.test_id}"


async def monitor_of(tx: Tx, visit: Visit) -> Monitor:
    """The monitor that the address names. Raises NotFound."""
    return await actions.get_monitor(tx, visit.workspace_id, visit.id("test_id"))


async def last_run(tx: Tx, monitor: Monitor) -> Run | None:
    """The last run that came to a result; None before there is one."""
    return await history.get_run(tx, monitor.id, monitor.last_run_id) if monitor.last_run_id else None


def sources_in(connections: list[Connection], resources: list[Resource]) -> list[Source]:
    """The resources of connections that have some, by name."""
    aliases = {connection.id: connection.client_alias or f"Connection {connection.id}" for connection in connections}
    found = [
        Source(
            connection_id=each.connection_id,
            resource_id=each.id,
            name=_named(aliases[each.connection_id], each.name),
            schema=each.schema,
        )
        for each in resources
        if each.connection_id in aliases
    ]
    return sorted(found, key=lambda source: source.name.lower())


def _named(alias: str, name: str) -> str:
    return alias if alias == name else f"{alias}: {name}"


async def checked(tx: Tx, workspace_id: int, definition: Definition) -> Checked:
    """A definition in words."""
    connections = await connections_serving(tx, workspace_id)
    wanted = {group.connection_id for group in definition.groups}
    mine = [connection for connection in connections if connection.id in wanted]
    resources = await resources_of(tx, [connection.id for connection in mine])
    return in_words(definition, sources_in(mine, resources))


def in_words(definition: Definition, sources: list[Source]) -> Checked:
    """The same with what is known of its resources."""
    names = {source.resource_id: source.name for source in sources}
    groups = [group_in_words(group) for group in definition.groups]
    return Checked(
        requirement=REQUIREMENTS[definition.requirement] if len(groups) > 1 else "",
        empty=EMPTIES[definition.on_empty],
        groups=groups,
        sources=[names.get(group.resource_id, "a resource that was deleted") for group in groups],
    )
