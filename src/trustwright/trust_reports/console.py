"""Reports of the trust center, in the console."""

from contextlib import aclosing
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from trustwright.accounts.model import ENTITLEMENT_LABELS, Entitlement
from trustwright.accounts.roles import Right
from trustwright.console.navigation import REQUESTS, TRUST_CENTER
from trustwright.console.rendering import HEADERS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import NotEntitled, NotPermitted
from trustwright.http.answers import unbroken
from trustwright.trust_reports import chart_store, store
from trustwright.trust_reports.api_v1 import parts
from trustwright.trust_reports.model import ROWS, ApprovedDomain, ReportType, RequestedDocument, Row, Span, file_name
from trustwright.trust_reports.periods import Period, period, until
from trustwright.trust_reports.wire import CSV, form

REPORTS = "/trust-center/reports"
MOST_ROWS = 100
MOST_BARS = 10
PRESETS = [(30, "Last 30 days"), (90, "Last 90 days"), (365, "Last 12 months")]


class Report(Struct, frozen=True, kw_only=True):
    """A report as people find it. `right`: what it takes beside the trust center, for it names people."""

    path: str
    type: ReportType
    title: str
    sentence: str
    right: Right | None = None


# What a name of the API says to people, where the words in it do not.
LABELS = {
    "requests_total": "Requests",
    "requests_pending": "Requests that wait",
    "requests_approved": "Requests approved by a reviewer",
    "requests_auto_approved": "Requests approved by a rule",
    "requests_denied": "Requests denied",
    "requests_revoked": "Requests revoked",
    "auto_approval_rate": "Share approved by a rule",
    "median_hours_to_decision": "Hours to a decision, half of them less",
    "p90_hours_to_decision": "Hours to a decision, nine in ten less",
    "nda_sent": "Agreements sent",
    "nda_signed": "Agreements signed",
    "nda_sign_rate": "Share of agreements signed",
    "active_grants_at_end": "People with access at the end",
    "grants_expiring_30d": "Access that ends within 30 days",
    "unique_domains": "Companies that asked",
    "previous_period_value": "Before",
    "change_pct": "Change",
    "request_id": "Request",
    "document_id": "Document number",
    "nda_sent_at": "Agreement sent",
    "nda_signed_at": "Agreement signed",
    "auto_approve_type": "Rule",
    "crm_account_id": "Account in the CRM",
}


LISTED = [
    Report(
        path=REPORTS,
        type=ReportType.SUMMARY,
        title="Summary",
        sentence="What happened in this time, beside the same time before it.",
    ),
    Report(
        path=f"{REPORTS}/requests",
        type=ReportType.ACCESS_REQUESTS_LIST,
        title="Requests",
        sentence="Every request that was made in this time, and what became of it.",
        right=REQUESTS,
    ),
    Report(
        path=f"{REPORTS}/domains",
        type=ReportType.ACCESS_REQUESTS_APPROVED_DOMAINS,
        title="Approved domains",
        sentence="The companies whose requests were approved in this time.",
        right=REQUESTS,
    ),
    Report(
        path=f"{REPORTS}/people",
        type=ReportType.ACCESS_REQUESTS_APPROVED_EMAILS,
        title="Approved people",
        sentence="The people whose requests were approved in this time.",
        right=REQUESTS,
    ),
    Report(
        path=f"{REPORTS}/documents",
        type=ReportType.DOCUMENT_REQUESTS_FILE_NAME,
        title="Documents",
        sentence="Which documents were asked for in this time, and how often they were opened.",
    ),
    Report(
        path=f"{REPORTS}/revenue",
        type=ReportType.PRO_REVENUE_INFLUENCED,
        title="Revenue",
        sentence="Sales of a CRM whose companies were here shortly before.",
    ),
]


class Line(Struct, frozen=True):
    """A bar that lies on its side. `numbers`: what it adds up, each with its name."""

    label: str
    length: int
    numbers: str


def _sees(visit: Visit, report: Report) -> bool:
    needs_more = report.type is ReportType.PRO_REVENUE_INFLUENCED
    return visit.may(report.right) and (not needs_more or visit.signed_in.entitled(Entitlement.TRUST_CENTER))


async def show_report(visit: Visit, report: Report) -> Answer:
    """A report whose frame comes at once and asks for the rest, which may have much to count: with rows=yes as a chart,
    where it has one, and the first of its rows; with format=csv all of them as a file."""
    if not visit.may(report.right):
        raise NotPermitted("This report names people who ask for access, which your roles do not let you see")
    if not _sees(visit, report):
        raise NotEntitled(f"{NotEntitled.sentence}: {ENTITLEMENT_LABELS[Entitlement.TRUST_CENTER]}")
    today = datetime.now(UTC).date()
    asked = period(visit.text("first"), visit.text("last"), today)
    if visit.text("format") == "csv":
        return _csv(visit, report.type, asked.span)
    is_waiting = visit.text("rows") != "yes"
    values = {
        "report": report,
        "period": asked,
        "presets": [(title, _url(visit, until(today, days)), until(today, days) == asked) for days, title in PRESETS],
        "address": _url(visit, asked),
        "tabs": [(each.path, each.title) for each in LISTED if _sees(visit, each)],
        "is_waiting": is_waiting,
        **({} if is_waiting else await _counted(visit, report.type, asked)),
    }
    return visit.page("trust_report", values)


async def _counted(visit: Visit, type_: ReportType, asked: Period) -> dict[str, Any]:
    """What the template shows of a report below its frame."""
    async with visit.read_behind() as tx:
        rows = await _first_rows(tx, type_, visit.workspace_id, asked.span)
        has_bars = type_ in (ReportType.SUMMARY, ReportType.ACCESS_REQUESTS_LIST)
        bars = await chart_store.bars(tx, visit.workspace_id, asked.span, asked.step) if has_bars else []
    return {
        "columns": list(ROWS[type_].__struct_fields__),
        "rows": rows[:MOST_ROWS],
        "has_more": len(rows) > MOST_ROWS,
        "most_rows": MOST_ROWS,
        "bars": bars,
        "highest": max((bar.requests for bar in bars), default=0),
        "lines": _lines(rows),
        "labels": LABELS,
    }


def _url(visit: Visit, asked: Period) -> str:
    return f"{visit.path}?{urlencode({'first': asked.first.isoformat(), 'last': asked.last.isoformat()})}"


async def _first_rows(tx: Tx, type_: ReportType, workspace_id: int, asked: Span) -> list[Row]:
    """The rows that the page shows, and one more that tells whether there are others."""
    found: list[Row] = []
    if type_ not in store.STATEMENTS:
        return found
    async with aclosing(store.rows(tx, type_, workspace_id, asked)) as rows:
        async for row in rows:
            found.append(row)
            if len(found) > MOST_ROWS:
                break
    return found


def _csv(visit: Visit, type_: ReportType, asked: Span) -> ASGIStreamingResponse:
    """The file that the API sends too."""
    name = file_name(type_, visit.workspace_id, asked)
    chosen = form(CSV, ROWS[type_], name)
    headers = {**HEADERS, "content-type": f"{CSV}; charset=utf-8"}
    headers |= {"content-disposition": f'attachment; filename="{name}"'}
    sent = unbroken(parts(visit, type_, visit.workspace_id, asked, chosen))
    return ASGIStreamingResponse(iterator=sent, headers=headers)


def _lines(rows: list[Row]) -> list[Line]:
    """The longest bars of a report that is about domains or documents; none where not all rows are at hand."""
    if len(rows) > MOST_ROWS:
        return []
    found = [line for row in rows if (line := _line(row)) is not None and line.length]
    return sorted(found, key=lambda line: (-line.length, line.label))[:MOST_BARS]


def _line(row: Row) -> Line | None:
    if isinstance(row, ApprovedDomain):
        both = row.approved_requests + row.auto_approved_requests
        return Line(row.domain, both, f"{both} approved, {row.auto_approved_requests} of them by a rule")
    if isinstance(row, RequestedDocument):
        both = row.views + row.downloads
        return Line(row.file_name, both, f"{row.views} views, {row.downloads} downloads")
    return None


look = partial(Page, right=TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)

PAGES: list[Page | FormPage | Button] = [
    look(path=report.path, show=partial(show_report, report=report)) for report in LISTED
]
