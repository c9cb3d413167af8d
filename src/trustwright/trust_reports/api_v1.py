"""Reports of the trust center, version 1."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime

from trustwright.accounts.model import ENTITLEMENT_LABELS, Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.errors import NotEntitled
from trustwright.http.acting import Acting
from trustwright.http.operations import Call, Operation, Reply, Streamed, Version
from trustwright.http.wire import Id, Wire
from trustwright.trust.actions import default_workspace
from trustwright.trust_reports import store
from trustwright.trust_reports.model import ROWS, ReportType, Row, Span, file_name, span
from trustwright.trust_reports.wire import CSV, JSON, Form, Report, form, media_type_for

ROWS_AT_ONCE = 200


class ReportQuery(Wire, frozen=True):
    """What the report is about: from `startDate` on, until just before `endDate`, at most five years. A date means its
    midnight, and a time without a zone is UTC."""

    start_date: datetime
    end_date: datetime
    workspace_id: Id
    report_type: ReportType


async def get_trust_center_report(call: Call, filters: ReportQuery) -> Reply:
    """Reports on a trust center as CSV, or with `Accept: application/json` as JSON."""
    type_ = filters.report_type
    if type_ is ReportType.PRO_REVENUE_INFLUENCED and not call.caller.entitled(Entitlement.TRUST_CENTER):
        raise NotEntitled(f"{NotEntitled.sentence}: {ENTITLEMENT_LABELS[Entitlement.TRUST_CENTER]}")
    asked = span(filters.start_date, filters.end_date)
    async with call.read() as tx:
        await default_workspace(tx, filters.workspace_id)
    name = file_name(type_, filters.workspace_id, asked)
    chosen = form(media_type_for(call.headers.get("accept", "")), ROWS[type_], name)
    headers = {"content-type": f"{chosen.media_type}; charset=utf-8", "vary": "Accept"}
    if chosen.media_type == CSV:
        headers["content-disposition"] = f'attachment; filename="{name}"'
    return Reply(200, Streamed(parts(call, type_, filters.workspace_id, asked, chosen), headers))


async def parts(
    acting: Acting, type_: ReportType, workspace_id: int, asked: Span, chosen: Form
) -> AsyncGenerator[bytes, None]:
    """The report as it is sent: what is not sent yet stays with the database."""
    yield chosen.begin
    waiting: list[Row] = []
    lead = b""
    if type_ in store.STATEMENTS:
        async with acting.read_behind() as tx, aclosing(store.rows(tx, type_, workspace_id, asked)) as rows:
            async for row in rows:
                waiting.append(row)
                if len(waiting) == ROWS_AT_ONCE:
                    yield lead + chosen.lines(waiting)
                    waiting, lead = [], chosen.between
    yield (lead + chosen.lines(waiting) if waiting else b"") + chosen.end


operations: list[Operation] = [
    Operation(
        version=Version.V1,
        method="GET",
        path="/trust-center/reports",
        handler=get_trust_center_report,
        permissions=(Permission.TRUST_CENTER_GET_TRUST_CENTER_REPORTS, Permission.TRUST_CENTER_GET_REQUESTS),
        entitlement=Entitlement.TRUST_CENTER_ESSENTIALS,
        answers={200: {CSV: str, JSON: Report}},
    ),
]
