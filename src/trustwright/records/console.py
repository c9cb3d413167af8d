"""Connections in the console: the list of them, one of them, and what is changed of it."""

from collections.abc import AsyncGenerator

from trustwright.accounts.actions import users_by_id
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, Shown, csv_file, everything
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Slice, Tx
from trustwright.http.csv_files import cell
from trustwright.records import (
    actions,
    connecting,
    console_new,
    console_records,
    console_resource,
    listing_store,
    store,
)
from trustwright.records.console_new import described, named, workspace_ids
from trustwright.records.console_shared import Facts, button, counted, facts_of, form_page, look, show
from trustwright.records.model import ListedConnection, ProviderType, Resource
from trustwright.times import iso

COLUMNS = ["id", "name", "type", "description", "resource", "records", "last push", "monitors", "created", "updated"]
SORTS = {"name": "name", "-created": "created_at", "-updated": "updated_at"}


class Connections:
    """The list as it is asked for."""

    def __init__(self, visit: Visit) -> None:
        self.listing = Listing(visit, SORTS, filters=("type", "workspace"))
        self._provider = self.listing.choice("type", ProviderType)
        workspace = visit.text("workspace")
        self._workspace_id = next((each.id for each in visit.signed_in.workspaces if str(each.id) == workspace), None)

    async def page(self, tx: Tx, part: Slice) -> list[ListedConnection]:
        return await listing_store.page_connections(tx, part, self.listing.q, self._provider, self._workspace_id)


async def list_connections(visit: Visit) -> Answer:
    """Where records come from."""
    asked = Connections(visit)
    if asked.listing.wants_csv:
        return csv_file("connections", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = asked.listing.of(await asked.page(tx, asked.listing.slice))
        resources = await store.resources_of(tx, [connection.id for connection in shown.rows])
        facts = await facts_of(tx, resources)
    values = {
        "listing": asked.listing,
        "shown": shown,
        "types": [(each.value, "Custom" if each is ProviderType.CUSTOM else each.value) for each in ProviderType],
        "workspaces": [(each.id, each.name) for each in visit.signed_in.workspaces],
        "resources": _by_connection(shown, resources),
        "facts": facts,
    }
    return show(visit, "data_list", values)


def _by_connection(shown: Shown[ListedConnection], resources: list[Resource]) -> dict[int, list[Resource]]:
    return {row.id: [each for each in resources if each.connection_id == row.id] for row in shown.rows}


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    asked = Connections(visit)
    async with visit.read() as tx:
        async for connection in everything(asked.listing, lambda part: asked.page(tx, part)):
            resources = await store.resources_of(tx, [connection.id])
            facts = await facts_of(tx, resources)
            for resource in resources:
                yield _line(connection, resource, facts)
            if not resources:
                yield _line(connection, None, facts)


def _line(connection: ListedConnection, resource: Resource | None, facts: Facts) -> list[str]:
    known: list[object] = ["", "", "", ""]
    if resource is not None:
        size = facts.sizes[resource.live_dataset_id]
        known = [resource.name, counted(size), size.last_push_at, len(facts.readers[resource.id])]
    head = [connection.id, connection.name, connection.provider_type, connection.description]
    return [cell(each) for each in [*head, *known]] + [iso(connection.created_at), iso(connection.updated_at)]


async def show_connection(visit: Visit) -> Answer:
    """One connection, with its resources."""
    async with visit.read() as tx:
        connection = await actions.get_connection(tx, visit.id("connection_id"))
        resources = await store.resources_of(tx, [connection.id])
        facts = await facts_of(tx, resources)
        served = await listing_store.workspaces_of(tx, connection.id)
        maker = (await users_by_id(tx, {connection.created_by_id or 0})).get(connection.created_by_id or 0)
    values = {
        "connection": connection,
        "resources": resources,
        "facts": facts,
        "workspaces": [each.name for each in visit.signed_in.workspaces if each.id in served],
        "maker": maker,
        "monitors": sum(map(len, facts.readers.values())),
    }
    return show(visit, "data_connection", values)


async def edit_connection(visit: Visit, form: Form) -> Answer:
    """What of a connection can be changed: its schema is none of it."""
    async with visit.read() as tx:
        connection = await actions.get_connection(tx, visit.id("connection_id"))
        served = await listing_store.workspaces_of(tx, connection.id)
    values = {"connection": connection, "served": served, "form": form, "revision": iso(connection.updated_at)}
    return show(visit, "data_connection_edit", values)


async def save_connection(visit: Visit, form: Form) -> Answer:
    """Takes the changes. Raises Invalid, Conflict."""
    alias, description = named(form), described(form) or ""
    ids = workspace_ids(visit, form)
    async with visit.begin() as tx:
        connection = await connecting.locked_connection(tx, visit.id("connection_id"))
        form.require_unchanged(connection.updated_at, "this connection")
        await connecting.serve(tx, connection, ids)
        changed = await actions.update_connection(tx, connection.id, alias, description)
    return visit.see_other(f"/data/{changed.id}", f"{changed.name} was saved.")


async def delete_connection(visit: Visit, form: Form) -> Answer:
    """Deletes a connection with all its records."""
    async with visit.begin() as tx:
        connection = await actions.get_connection(tx, visit.id("connection_id"))
        await actions.delete_connection(tx, connection.id)
    return visit.see_other("/data", f"{connection.name} was deleted with its records.")


PAGES: list[Page | FormPage | Button] = [
    look(path="/data", show=list_connections),
    *console_new.PAGES,
    look(path="/data/{connection_id}", show=show_connection),
    form_page(path="/data/{connection_id}/edit", show=edit_connection, submit=save_connection),
    button(path="/data/{connection_id}/delete", press=delete_connection),
    *console_resource.PAGES,
    *console_records.PAGES,
]
