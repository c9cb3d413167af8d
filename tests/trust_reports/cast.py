"""What the tests of reports play with: rows of a trust center straight in the database, for the clock of the API only
runs forward, and the ways to ask for a report."""

import csv
import io
import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import httpx
from psycopg import sql
from psycopg.rows import dict_row

from tests.factories import Account
from tests.records.cast import Json, checked, refused
from trustwright.trust_reports.model import ReportType

__all__ = ["Json", "checked", "refused"]

REPORTS = "/public/trust-center/reports"
MARCH = {"startDate": "2025-03-01", "endDate": "2025-04-01"}

LIST = ReportType.ACCESS_REQUESTS_LIST
DOMAINS = ReportType.ACCESS_REQUESTS_APPROVED_DOMAINS
EMAILS = ReportType.ACCESS_REQUESTS_APPROVED_EMAILS
DOCUMENTS = ReportType.DOCUMENT_REQUESTS_FILE_NAME
SUMMARY = ReportType.SUMMARY
REVENUE = ReportType.PRO_REVENUE_INFLUENCED


def question(account: Account, type_: ReportType = LIST, **changes: Any) -> Json:
    """The query of a good report on March, with some of it changed; None leaves a parameter out."""
    query = {**MARCH, "workspaceId": account.workspace_id, "reportType": type_.value, **changes}
    return {name: value for name, value in query.items() if value is not None}


def ask(account: Account, type_: ReportType = LIST, **changes: Any) -> httpx.Response:
    """Alice asks for a report as CSV."""
    return checked(account.alice).get(REPORTS, params=question(account, type_, **changes))


def report(account: Account, type_: ReportType = LIST, **changes: Any) -> list[dict[str, str]]:
    """The rows of the CSV, as Python reads them."""
    answer = ask(account, type_, **changes)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.content.decode(), newline=""), strict=True))


def json_report(account: Account, type_: ReportType = LIST, **changes: Any) -> Json:
    """The JSON; its numbers with all their digits. The contract knows only the CSV, so nothing is checked by it."""
    with account.client(account.api_key) as client:
        headers = {"Accept": "application/json"}
        answer = client.get(REPORTS, params=question(account, type_, **changes), headers=headers)
    assert answer.status_code == 200, answer.text
    found: Json = json.loads(answer.content, parse_float=Decimal)
    return found


def at(text: str) -> datetime:
    """A moment of 2025 in UTC: `03-05T12:30`."""
    return datetime.fromisoformat(f"2025-{text}").replace(tzinfo=UTC)


def insert(account: Account, table: str, **values: Any) -> Json:
    """A new row of the account."""
    given = {"account_id": account.id, **values}
    statement = sql.SQL("insert into {} ({}) values ({}) on conflict do nothing returning *").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, given)),
        sql.SQL(", ").join(map(sql.Placeholder, given)),
    )
    with account.world.connection.cursor(row_factory=dict_row) as cursor:
        return cursor.execute(statement, given).fetchone() or {}


def workspace(account: Account) -> int:
    """The id of a second workspace."""
    made: int = insert(account, "workspaces", name="Second", is_primary=False)["id"]
    return made


def document(account: Account, name: str = "SOC 2", **fields: Any) -> int:
    """The id of a new document."""
    insert(account, "blobs", sha256=b"\0", size=1, claimed_at=at("01-01"))
    file = insert(
        account, "files", sha256=b"\0", name="file.pdf", content_type="application/pdf", size=1, scan_state="CLEAN"
    )
    given = {
        "workspace_id": account.workspace_id,
        "type": "SECURITY_REPORT",
        "name": name,
        "visibility": "ON_REQUEST",
        "mode": "VIEW",
        "is_published": True,
        "file_id": file["id"],
    }
    made: int = insert(account, "trust_documents", **given | fields)["id"]
    return made


def request(account: Account, created: str = "03-05T12:00", **fields: Any) -> Json:
    """A new request, and that it waits."""
    given = {
        "workspace_id": account.workspace_id,
        "email": "dana@buyer.example",
        "first_name": "Dana",
        "last_name": "Dee",
        "company": "Buyer Inc",
        "flow_type": "NO_NDA_REQUIRED",
        "accepts_terms": True,
        "status": "PENDING",
        "is_public": True,
        "created_at": at(created),
    }
    made = insert(account, "access_requests", **given | fields)
    move(account, made, "PENDING", created)
    return made


def move(account: Account, request: Json, status: str, moment: str) -> None:
    """The request comes into a status."""
    insert(
        account,
        "access_request_statuses",
        access_request_id=request["id"],
        status=status,
        source="SELF",
        created_at=at(moment),
    )


def decided(
    account: Account, status: str, moment: str = "03-06T12:00", created: str = "03-05T12:00", **fields: Any
) -> Json:
    """A new request that was decided on."""
    made = request(account, created, status=status, reviewed_at=at(moment), **fields)
    move(account, made, status, moment)
    return made


def wants(account: Account, request: Json, document_id: int, moment: str = "03-05T12:00", **fields: Any) -> None:
    """The request is for a document."""
    insert(
        account,
        "access_request_documents",
        access_request_id=request["id"],
        document_id=document_id,
        created_at=at(moment),
        **fields,
    )


def grant(account: Account, email: str = "dana@buyer.example", created: str = "03-06T12:00", **fields: Any) -> int:
    """The id of a new grant; without `expires_at` it never ends."""
    given = {
        "workspace_id": account.workspace_id,
        "email": email,
        "name": "Dana Dee",
        "company": "Buyer Inc",
        "asks_on_new_device": True,
        "created_at": at(created),
    }
    made: int = insert(account, "grants", **given | fields)["id"]
    return made


def look(account: Account, action: str, moment: str, **fields: Any) -> None:
    """A line of the access log."""
    given = {"workspace_id": account.workspace_id, "visitor": "somebody", "created_at": at(moment)}
    insert(account, "access_log", action=action, **given | fields)


def preapprove(account: Account, kind: str, name: str, **fields: Any) -> None:
    insert(account, "preapproved", workspace_id=account.workspace_id, kind=kind, name=name, **fields)


def many(account: Account, count: int) -> None:
    """So many denied requests, one a minute from the tenth of March on."""
    account.sql(
        """
        insert into access_requests (account_id, workspace_id, email, first_name, last_name, company, flow_type,
            accepts_terms, status, is_public, created_at)
        select %s, %s, number || '@many.example', 'Mel', 'May', 'Many', 'SELF', true, 'DENIED', true,
            timestamptz '2025-03-10' + number * interval '1 minute'
        from generate_series(1, %s) number
        """,
        account.workspace_id,
        count,
    )
