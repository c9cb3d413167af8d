"""The reports of a trust center: what each is asked with, and the columns that it has."""

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from trustwright.access_requests.model import Status
from trustwright.errors import Invalid
from trustwright.trust.model import DocumentType, FlowType

LONGEST_YEARS = 5

# The calendar of Python ends where those of others go on; nobody kept a trust center before 1970.
EARLIEST_YEAR, LATEST_YEAR = 1970, 9998

# Days after a view, a request or a download within which a sale counts as influenced by it (trust-center 4).
INFLUENCE_DAYS = 90


class ReportType(StrEnum):
    SUMMARY = "SUMMARY"
    ACCESS_REQUESTS_LIST = "ACCESS_REQUESTS_LIST"
    ACCESS_REQUESTS_APPROVED_DOMAINS = "ACCESS_REQUESTS_APPROVED_DOMAINS"
    ACCESS_REQUESTS_APPROVED_EMAILS = "ACCESS_REQUESTS_APPROVED_EMAILS"
    DOCUMENT_REQUESTS_FILE_NAME = "DOCUMENT_REQUESTS_FILE_NAME"
    PRO_REVENUE_INFLUENCED = "PRO_REVENUE_INFLUENCED"


class AccessState(StrEnum):
    ACTIVE = "ACTIVE"
    EXPIRED = "EXPIRED"
    REVOKED = "REVOKED"


class Span(Struct, frozen=True):
    """The time that a report is about: from `start` on, until just before `end`, both in UTC."""

    start: datetime
    end: datetime


class Row(Struct, frozen=True, kw_only=True):
    """A line of a report; the names of the fields are the columns, in their order (trust-center 4)."""


class Metric(Row, frozen=True, kw_only=True):
    """`change_pct` is empty where there was nothing before."""

    metric: str
    value: Decimal | None
    previous_period_value: Decimal | None
    change_pct: Decimal | None


class Requested(Row, frozen=True, kw_only=True):
    """A request. `documents` are names, with semicolons between them; `expiration_date` is when access ends now."""

    request_id: UUID
    created_at: datetime
    first_name: str
    last_name: str
    email: str
    domain: str
    company: str
    documents: str | None
    document_count: int
    flow_type: FlowType
    status: Status
    is_auto_approved: bool
    auto_approve_type: str | None
    managed_by: str
    reviewed_at: datetime | None
    hours_to_decision: Decimal | None
    nda_sent_at: datetime | None
    nda_signed_at: datetime | None
    files_sent_at: datetime | None
    expiration_date: datetime | None
    first_opened_at: datetime | None
    last_opened_at: datetime | None
    views: int
    downloads: int


class ApprovedDomain(Row, frozen=True, kw_only=True):
    """`approved_requests` are those that a reviewer approved, `auto_approved_requests` those that a rule did."""

    domain: str
    approved_requests: int
    auto_approved_requests: int
    distinct_people: int
    distinct_documents: int
    first_approved_at: datetime
    last_approved_at: datetime
    active_grants: int
    is_preapproved_domain: bool


class ApprovedEmail(Row, frozen=True, kw_only=True):
    """Names are those of the request that was approved last; access is that of the person's last grant, if any."""

    email: str
    first_name: str
    last_name: str
    company: str
    domain: str
    approved_requests: int
    auto_approved_requests: int
    distinct_documents: int
    last_approved_at: datetime
    expiration_date: datetime | None
    access_state: AccessState | None
    is_preapproved_email: bool


class RequestedDocument(Row, frozen=True, kw_only=True):
    """Views and downloads are those of the report's time, by whoever holds the document."""

    file_name: str
    document_type: DocumentType
    document_id: int
    current_version: int
    times_requested: int
    times_approved: int
    times_denied: int
    distinct_requesters: int
    distinct_domains: int
    views: int
    downloads: int
    last_requested_at: datetime


class InfluencedRevenue(Row, frozen=True, kw_only=True):
    """An opportunity of a CRM that was open within INFLUENCE_DAYS days after somebody of the account was here."""

    account: str
    domain: str
    crm_account_id: str
    opportunity: str
    stage: str
    amount: Decimal
    currency: str
    is_won: bool
    closed_at: datetime | None
    first_trust_activity_at: datetime
    last_trust_activity_at: datetime
    requests: int
    downloads: int
    days_first_activity_to_close: int | None


ROWS: dict[ReportType, type[Row]] = {
    ReportType.SUMMARY: Metric,
    ReportType.ACCESS_REQUESTS_LIST: Requested,
    ReportType.ACCESS_REQUESTS_APPROVED_DOMAINS: ApprovedDomain,
    ReportType.ACCESS_REQUESTS_APPROVED_EMAILS: ApprovedEmail,
    ReportType.DOCUMENT_REQUESTS_FILE_NAME: RequestedDocument,
    ReportType.PRO_REVENUE_INFLUENCED: InfluencedRevenue,
}


def span(start: datetime, end: datetime) -> Span:
    """The time between two moments, the second not included. Raises Invalid when it ends before it begins, or is
    longer than five years."""
    for name, moment in (("startDate", start), ("endDate", end)):
        if not EARLIEST_YEAR <= moment.year <= LATEST_YEAR:
            raise Invalid(f"{name}: the year must be between {EARLIEST_YEAR} and {LATEST_YEAR}")
    start, end = start.astimezone(UTC), end.astimezone(UTC)
    if end < start:
        raise Invalid("endDate: must not be before startDate")
    # Compared as the calendar counts, for years differ in length.
    if (end.year - LONGEST_YEARS, *_within_year(end)) > (start.year, *_within_year(start)):
        raise Invalid(f"endDate: a report covers at most {LONGEST_YEARS} years; ask for them one after another")
    return Span(start, end)


def _within_year(moment: datetime) -> tuple[int, ...]:
    return (*moment.timetuple()[1:6], moment.microsecond)


def file_name(type_: ReportType, workspace_id: int, asked: Span) -> str:
    """What a report is saved as: `access-requests-list_workspace-1_2026-01-01_to_2026-04-01.csv`."""
    name = type_.value.lower().replace("_", "-")
    if type_ is ReportType.PRO_REVENUE_INFLUENCED:
        name += f"-within-{INFLUENCE_DAYS}-days"
    return f"{name}_workspace-{workspace_id}_{_stamp(asked.start)}_to_{_stamp(asked.end)}.csv"


def _stamp(moment: datetime) -> str:
    """A date, with its time of day unless that is midnight."""
    at_midnight = (moment.hour, moment.minute, moment.second) == (0, 0, 0)
    return moment.strftime("%Y-%m-%d" if at_midnight else "%Y-%m-%dT%H%M%SZ")
