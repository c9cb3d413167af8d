"""The list of a workspace's monitors."""

from collections.abc import AsyncGenerator
from enum import StrEnum

from msgspec import structs

from trustwright.console.listing import Listing, csv_file
from trustwright.console.visits import Answer, Visit
from trustwright.http.csv_files import cell
from trustwright.monitors import overview, store
from trustwright.monitors.console_parts import page
from trustwright.monitors.console_parts import shown as show
from trustwright.monitors.model import Monitor, ResultStatus
from trustwright.monitors.store import Filter
from trustwright.records.actions import connections_serving

MARKS = 24
COLUMNS = ["testId", "name", "description", "status", "enabled", "lastCheckedAt", "lastPassedAt", "failedSince"]
# All that a file holds: there are as many monitors as people have written.
MOST = 1_000_000


class Switch(StrEnum):
    ON = "ON"
    OFF = "OFF"


def _asked(visit: Visit) -> tuple[Listing, Filter]:
    sorts = {"name": "lower(name)", "status": "status", "checked": "last_checked_at"}
    listing = Listing(visit, sorts, filters=("status", "enabled", "connection"))
    status, switch = listing.choice("status", ResultStatus), listing.choice("enabled", Switch)
    connection = visit.text("connection")
    return listing, Filter(
        workspace_id=visit.workspace_id,
        statuses=[status] if status else None,
        is_enabled=None if switch is None else switch is Switch.ON,
        connection_id=int(connection)
        if connection.isascii() and connection.isdigit() and len(connection) < 10
        else None,
        q=listing.q,
    )


async def list_monitors(visit: Visit) -> Answer:
    """What is tested, what came of it last, and what came of it before."""
    listing, wanted = _asked(visit)
    if listing.wants_csv:
        return csv_file("monitors", COLUMNS, _lines(visit))
    async with visit.read() as tx:
        shown = listing.of(await store.page_monitors(tx, listing.slice, wanted))
        ran = await overview.last_runs(tx, [monitor.id for monitor in shown.rows], MARKS)
        connections = await connections_serving(tx, visit.workspace_id)
    marks: dict[int, list[overview.Ran]] = {monitor.id: [] for monitor in shown.rows}
    for each in ran:
        marks[each.monitor_id].append(each)
    sources = [(each.id, each.client_alias or f"Connection {each.id}") for each in connections]
    values = {"listing": listing, "shown": shown, "marks": marks, "sources": sources}
    return show(visit, "monitor_list", values)


async def _lines(visit: Visit) -> AsyncGenerator[list[str], None]:
    listing, wanted = _asked(visit)
    async with visit.read() as tx:
        monitors = await store.page_monitors(tx, structs.replace(listing.slice, limit=MOST, offset=0), wanted)
    for monitor in monitors:
        yield _line(monitor)


def _line(monitor: Monitor) -> list[str]:
    said = [monitor.test_id, monitor.name, monitor.description, monitor.status.value, monitor.is_enabled]
    return list(map(cell, [*said, monitor.last_checked_at, monitor.last_passed_at, monitor.failed_since]))


PAGES = [page(path="/monitors", show=list_monitors)]
