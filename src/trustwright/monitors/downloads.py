"""The records that failed a test, version 1: all of them, as JSON or as a CSV file, however many."""

from collections.abc import AsyncGenerator, Sequence
from enum import StrEnum

from msgspec import Struct
from msgspec.json import encode

from trustwright.accounts.actions import users_by_id
from trustwright.accounts.permissions import Permission
from trustwright.db import Slice, Tx
from trustwright.http.acting import Acting
from trustwright.http.answers import JSON as JSON_UTF8
from trustwright.http.csv_files import cell, csv_lines
from trustwright.http.operations import Call, Operation, Reply, Streamed, Version
from trustwright.http.wire import Wire
from trustwright.monitors import actions, history
from trustwright.monitors.api_v2 import last_run
from trustwright.monitors.bodies import CSV_COLUMNS, FindingsV1, FindingV1, csv_row
from trustwright.monitors.model import CheckType, ExcludedFailure, Failure, Run
from trustwright.monitors.wire import TestPath
from trustwright.trust_reports.wire import CSV, JSON, media_type_for

ROWS_AT_ONCE = 500


class FindingType(StrEnum):
    """What counts as a failure, or what would if it were not excluded."""

    INCLUDED = "included"
    EXCLUDED = "excluded"


class FindingsQuery(Wire, frozen=True):
    type: FindingType
    check_type: CheckType = CheckType.CUSTOM


async def list_findings(call: Call, path: TestPath, filters: FindingsQuery) -> Reply:
    """Lists the records that failed a test when it ran last, or with `Accept: text/csv` writes them into a file."""
    as_file = media_type_for(call.headers.get("accept", ""), JSON) == CSV
    async with call.begin() as tx:
        monitor = await actions.get_monitor(tx, path.workspace_id, path.test_id)
        run = await last_run(tx, monitor) if filters.check_type is CheckType.CUSTOM else None
        if as_file:
            await actions.note_download(tx, monitor, filters.type)
    if not as_file:
        return Reply(200, Streamed(_as_json(call, run, filters.type), {"content-type": JSON_UTF8, "vary": "Accept"}))
    headers = {
        "content-type": f"{CSV}; charset=utf-8",
        "content-disposition": f'attachment; filename="test-{monitor.test_id}-{filters.type}.csv"',
        "vary": "Accept",
    }
    return Reply(200, Streamed(as_csv(call, run, filters.type), headers))


class Page(Struct, frozen=True):
    """Some failures in a row, and the e-mail addresses of those who excluded them."""

    run: Run
    failures: Sequence[Failure]
    emails: dict[int, str]


async def _as_json(call: Call, run: Run | None, type_: FindingType) -> AsyncGenerator[bytes, None]:
    lead = b'{"data":['
    async for page in _pages(call, run, type_):
        yield lead + encode([FindingV1.of(failure, page.run) for failure in page.failures])[1:-1]
        lead = b","
    yield b"]}" if lead == b"," else lead + b"]}"


async def as_csv(call: Acting, run: Run | None, type_: FindingType) -> AsyncGenerator[bytes, None]:
    """The failures of a run as a file, part by part."""
    yield csv_lines([CSV_COLUMNS])
    async for page in _pages(call, run, type_):
        # What others wrote must not become a formula (decisions 28).
        yield csv_lines([[cell(text) for text in _row(failure, page)] for failure in page.failures])


def _row(failure: Failure, page: Page) -> list[str]:
    found = FindingV1.of(failure, page.run)
    if not isinstance(failure, ExcludedFailure):
        return csv_row(found)
    return csv_row(found, page.emails.get(failure.excluded_by_id or 0, ""), failure.excluded_at, failure.reason)


async def _pages(call: Acting, run: Run | None, type_: FindingType) -> AsyncGenerator[Page, None]:
    """All failures, each page read when the one before it was sent: who reads slowly holds no connection."""
    after = None
    while run is not None:
        part = Slice(column="position", descending=False, limit=ROWS_AT_ONCE, after=after)
        async with call.read() as tx:
            page = await _page(tx, run, type_, part)
        if page.failures:
            yield page
        if len(page.failures) < ROWS_AT_ONCE:
            return
        after = (page.failures[-1].position, page.failures[-1].position)


async def _page(tx: Tx, run: Run, type_: FindingType, part: Slice) -> Page:
    if type_ is FindingType.INCLUDED:
        failures = await history.page_failures(tx, part, run.id, monitor_id=run.monitor_id, include_excluded=False)
        return Page(run, failures, {})
    excluded = await history.page_excluded(tx, part, run.id, monitor_id=run.monitor_id)
    users = await users_by_id(tx, {each.excluded_by_id for each in excluded if each.excluded_by_id})
    return Page(run, excluded, {id_: user.email for id_, user in users.items()})


operations = [
    Operation(
        version=Version.V1,
        method="GET",
        path="/workspaces/{workspaceId}/monitors/{testId}/failures",
        handler=list_findings,
        permissions=(Permission.MONITORS_GET_MONITOR,),
        errors=(400, 404),
        answers={200: {JSON: FindingsV1, CSV: str}},
        extension=True,
    ),
]
