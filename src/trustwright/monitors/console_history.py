"""What a monitor did and was: its runs, the versions of its definition, and the file that says what it is."""

from collections.abc import AsyncGenerator

from litestar import Response
from msgspec import Struct

from trustwright.accounts.actions import users_by_id
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.rendering import HEADERS
from trustwright.console.visits import Answer, Visit
from trustwright.errors import NotFound
from trustwright.http.csv_files import cell
from trustwright.monitors import actions, documents, history, overview, store
from trustwright.monitors.as_code import names_of
from trustwright.monitors.console_monitor import failed_then, position_after
from trustwright.monitors.console_parts import Checked, checked, in_words, monitor_of, page, sources_in
from trustwright.monitors.console_parts import shown as show
from trustwright.monitors.editing import text_of
from trustwright.monitors.model import Draft, Run
from trustwright.records.actions import connections_serving, resources_of

COLUMNS = ["startedAt", "finishedAt", "status", "cause", "version", "evaluated", "passed", "failed", "excluded"]
COLUMNS += ["outOfScope", "message"]


class Definition(Struct, frozen=True, kw_only=True):
    """A version as people see it."""

    version: overview.Version
    checked: Checked
    text: str


async def list_runs(visit: Visit) -> Answer:
    """The runs of a monitor."""
    listing = Listing(visit, {"-time": "created_at"})
    if listing.wants_csv:
        return csv_file(f"test-{visit.id('test_id')}-runs", COLUMNS, _lines(visit, listing))
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
    async with visit.read_behind() as tx:
        shown = listing.of(await history.page_runs(tx, listing.slice, monitor.id))
    return show(visit, "monitor_runs", {"monitor": monitor, "listing": listing, "shown": shown})


async def _lines(visit: Visit, listing: Listing) -> AsyncGenerator[list[str], None]:
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
    async with visit.read_behind() as tx:
        async for run in everything(listing, lambda part: history.page_runs(tx, part, monitor.id)):
            yield _line(run)


def _line(run: Run) -> list[str]:
    said = [run.created_at, run.finished_at, run.status.value if run.status else None, run.cause.value, run.version]
    counts = [run.evaluated, run.passed, run.failed, run.excluded, run.out_of_scope]
    return list(map(cell, [*said, *counts, run.message]))


async def show_run(visit: Visit) -> Answer:
    """One run: what it checked then, on which data, and what it found."""
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        run = await history.get_run(tx, monitor.id, visit.id("run_id"))
        if run is None:
            raise NotFound("There is no such run of this monitor")
        definition = await actions.definition_of(tx, monitor.id, run.version)
        values = {
            "checked": await checked(tx, visit.workspace_id, definition),
            "part": await failed_then(tx, monitor, run, position_after(visit)),
        }
    return show(visit, "monitor_run", {"monitor": monitor, "run": run, **values})


async def list_versions(visit: Visit) -> Answer:
    """What a monitor checks, and what it checked before."""
    listing = Listing(visit, {"-version": "version"})
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        shown = listing.of(await overview.page_versions(tx, listing.slice, monitor.id))
        users = await users_by_id(tx, {each.created_by_id for each in shown.rows if each.created_by_id})
        connections = await connections_serving(tx, visit.workspace_id)
        resources = await resources_of(tx, [connection.id for connection in connections])
    sources = sources_in(connections, resources)
    read = [(each, actions.read_definition(each.text)) for each in shown.rows]
    versions = [
        Definition(version=each, checked=in_words(definition, sources), text=text_of(definition))
        for each, definition in read
    ]
    values = {"monitor": monitor, "listing": listing, "shown": shown, "versions": versions, "users": users}
    return show(visit, "monitor_versions", values)


async def export(visit: Visit) -> Answer:
    """A monitor as the file that `trustwright monitors pull` writes of it."""
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        links = await store.controls_of(tx, [monitor.id])
        draft = Draft(
            name=monitor.name,
            description=monitor.description,
            is_enabled=monitor.is_enabled,
            control_ids=[link.control_id for link in links],
            definition=await actions.definition_of(tx, monitor.id, monitor.version),
        )
        names = await names_of(tx, visit.workspace_id)
    name = documents.free_file_name(monitor.name, set())
    headers = {**HEADERS, "content-disposition": f'attachment; filename="{name}"'}
    text = documents.written(documents.document_of(draft, names))
    return Response(text, media_type="application/yaml; charset=utf-8", headers=headers)


PAGES = [
    page(path="/monitors/{test_id}/runs", show=list_runs),
    page(path="/monitors/{test_id}/runs/{run_id}", show=show_run),
    page(path="/monitors/{test_id}/versions", show=list_versions),
    page(path="/monitors/{test_id}/export", show=export),
]
