"""One monitor: what it checks, how it stands, and which records fail it or pass."""

from collections.abc import Sequence
from typing import Any

from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from trustwright.accounts.actions import users_by_id
from trustwright.console.listing import SIZE
from trustwright.console.rendering import HEADERS
from trustwright.console.visits import Answer, Visit
from trustwright.db import Slice, Tx
from trustwright.errors import NotFound
from trustwright.http.answers import unbroken
from trustwright.monitors import actions, evaluating, history, overview, store
from trustwright.monitors.console_parts import checked, last_run, monitor_of, page, shown
from trustwright.monitors.downloads import FindingType, as_csv
from trustwright.monitors.model import EXPLAINED, Failure, Monitor, Passing, Run
from trustwright.trust_page.actions import controls_by_id

RUNS_SHOWN = 30
LARGEST_POSITION = 2**31 - 1


class Part(Struct, frozen=True, kw_only=True):
    """A page of what a run found. `after`: the position behind which the next page begins, None on the last one."""

    rows: Sequence[Failure | Passing]
    after: int | None
    is_first: bool


async def show_monitor(visit: Visit) -> Answer:
    """A monitor as it stands, and the records that failed its last run."""
    if visit.text("format") == "csv":
        return await _file(visit, visit.id("test_id"))
    q = visit.text("q").strip()
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        definition = await actions.definition_of(tx, monitor.id, monitor.version)
        first = Slice(column="created_at", descending=True, limit=RUNS_SHOWN)
        runs = await history.page_runs(tx, first, monitor.id)
        run = next((each for each in runs if each.id == monitor.last_run_id), None) or await last_run(tx, monitor)
        values = {
            "checked": await checked(tx, visit.workspace_id, definition),
            "part": await failing(tx, monitor, run, q, position_after(visit)),
            "controls": await _controls(tx, monitor),
        }
        by = monitor.disabled_by_id
        users = await users_by_id(tx, {by} if by and not monitor.is_enabled else set())
    disabled_by = users[by].email if by in users else None
    values |= {"monitor": monitor, "run": run, "runs": runs[::-1], "q": q, "disabled_by": disabled_by}
    return shown(visit, "monitor_page", values | {"explained": EXPLAINED})


async def show_passes(visit: Visit) -> Answer:
    """The records that passed the last run, as far as they are still as they were."""
    after = position_after(visit)
    async with visit.read() as tx:
        monitor = await monitor_of(tx, visit)
        run = await last_run(tx, monitor)
        part = _part([], after)
        if run is not None:
            part = _part(await evaluating.page_passes(tx, _behind(after), monitor, run), after)
    return shown(visit, "monitor_passes", {"monitor": monitor, "run": run, "part": part})


async def failing(tx: Tx, monitor: Monitor, run: Run | None, q: str, after: int) -> Part:
    """Failures of a run that count, those behind a position or those that match a text."""
    if run is None:
        return _part([], after)
    if q:
        found = await overview.find_failures(tx, run.id, monitor.id, q, SIZE * 4)
        return Part(rows=found, after=None, is_first=True)
    rows = await history.page_failures(tx, _behind(after), run.id, monitor_id=monitor.id, include_excluded=False)
    return _part(rows, after)


async def failed_then(tx: Tx, monitor: Monitor, run: Run, after: int) -> Part:
    """Failures of a run as it found them, whatever was excluded since."""
    rows = await history.page_failures(tx, _behind(after), run.id, monitor_id=monitor.id, include_excluded=True)
    return _part(rows, after)


def position_after(visit: Visit) -> int:
    """Behind which position the page begins that the address asks for; -1 for the first."""
    text = visit.text("after")
    return min(int(text), LARGEST_POSITION) if text.isascii() and text.isdigit() and len(text) <= 10 else -1


def _behind(after: int) -> Slice:
    key = (after, after) if after >= 0 else None
    return Slice(column="position", descending=False, limit=SIZE + 1, after=key)


def _part(rows: Sequence[Failure | Passing], after: int) -> Part:
    has_more = len(rows) > SIZE
    return Part(rows=rows[:SIZE], after=rows[SIZE - 1].position if has_more else None, is_first=after < 0)


async def _controls(tx: Tx, monitor: Monitor) -> list[Any]:
    links = await store.controls_of(tx, [monitor.id])
    return list(await controls_by_id(tx, [link.control_id for link in links])) if links else []


async def _file(visit: Visit, test_id: int) -> ASGIResponse:
    """The same file as the API's, and the same event."""
    type_ = FindingType.EXCLUDED if visit.text("type") == FindingType.EXCLUDED else FindingType.INCLUDED
    async with visit.begin() as tx:
        monitor = await actions.get_monitor(tx, visit.workspace_id, test_id)
        run = await last_run(tx, monitor)
        if run is None:
            raise NotFound("This monitor has not come to a result yet")
        await actions.note_download(tx, monitor, type_)
    headers = {**HEADERS, "content-type": "text/csv; charset=utf-8"}
    headers |= {"content-disposition": f'attachment; filename="test-{monitor.test_id}-{type_}.csv"'}
    return ASGIStreamingResponse(iterator=unbroken(as_csv(visit, run, type_)), headers=headers)


PAGES = [
    page(path="/monitors/{test_id}", show=show_monitor),
    page(path="/monitors/{test_id}/passes", show=show_passes),
]
