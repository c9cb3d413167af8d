"""The rules of reports, without a server."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from trustwright.errors import Invalid
from trustwright.http.csv_files import FORMULA_STARTS, harmless
from trustwright.trust_reports.model import ROWS, ReportType, file_name, span
from trustwright.trust_reports.wire import CSV, JSON, media_type_for


def moment(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2020-01-01", "2025-01-01"),
        ("2020-02-29", "2025-02-28"),
        ("2021-01-01", "2021-01-01"),
        ("2021-05-05T10:00:00.000001", "2026-05-05T10:00:00.000001"),
    ],
)
def test_five_years_and_less_are_one_report(start: str, end: str) -> None:
    asked = span(moment(start), moment(end))

    assert (asked.start, asked.end) == (moment(start), moment(end))


@pytest.mark.parametrize(
    ("start", "end", "told"),
    [
        ("2020-01-01", "2025-01-01T00:00:00.000001", "5 years"),
        ("2020-02-29", "2025-03-01", "5 years"),
        ("2020-12-31", "2026-01-01", "5 years"),
        ("2021-01-02", "2021-01-01", "before startDate"),
        ("1969-12-31", "1970-01-01", "startDate"),
        ("9998-12-31", "9999-01-01", "endDate"),
    ],
)
def test_more_than_five_years_or_less_than_none_are_refused(start: str, end: str, told: str) -> None:
    with pytest.raises(Invalid, match=told):
        span(moment(start), moment(end))


def test_zones_are_left_behind() -> None:
    east = timezone(timedelta(hours=2))

    asked = span(datetime(2025, 3, 1, tzinfo=east), datetime(2025, 4, 1, tzinfo=UTC))

    assert asked.start == datetime(2025, 2, 28, 22, tzinfo=UTC)
    assert asked.start.tzinfo is UTC


@pytest.mark.parametrize("type_", ReportType)
def test_a_file_is_named_by_what_is_in_it(type_: ReportType) -> None:
    name = file_name(type_, 7, span(moment("2025-03-01"), moment("2025-04-01T12:30")))

    begin = type_.value.lower().replace("_", "-")
    window = "-within-90-days" if type_ is ReportType.PRO_REVENUE_INFLUENCED else ""
    assert name == f"{begin}{window}_workspace-7_2025-03-01_to_2025-04-01T123000Z.csv"


@pytest.mark.parametrize("start", FORMULA_STARTS)
def test_a_text_that_begins_like_a_formula_gets_an_apostrophe(start: str) -> None:
    assert harmless(f"{start}1+1") == f"'{start}1+1"


@pytest.mark.parametrize("text", ["", "1=1", " =1", "a@b.test", "'=1"])
def test_other_texts_stay(text: str) -> None:
    assert harmless(text) == text


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json", JSON),
        ("Application/JSON; charset=utf-8", JSON),
        ("application/json, text/csv;q=0.5", JSON),
        ("application/*", JSON),
        ("text/html, application/json;q=0.2", JSON),
        ("", CSV),
        ("*/*", CSV),
        ("text/csv", CSV),
        ("text/*, application/json;q=0.9", CSV),
        ("application/json, text/plain, */*", CSV),
        ("application/json;q=0", CSV),
        ("application/json;q=none, text/csv", CSV),
        ("text/html", CSV),
        ("application/jsonlines", CSV),
        (";;,,=", CSV),
    ],
)
def test_json_is_for_who_would_rather_have_it(accept: str, expected: str) -> None:
    assert media_type_for(accept) == expected


# trust-center 4, word for word.
COLUMNS = {
    "SUMMARY": "metric,value,previous_period_value,change_pct",
    "ACCESS_REQUESTS_LIST": "request_id,created_at,first_name,last_name,email,domain,company,documents,document_count,"
    "flow_type,status,is_auto_approved,auto_approve_type,managed_by,reviewed_at,hours_to_decision,nda_sent_at,"
    "nda_signed_at,files_sent_at,expiration_date,first_opened_at,last_opened_at,views,downloads",
    "ACCESS_REQUESTS_APPROVED_DOMAINS": "domain,approved_requests,auto_approved_requests,distinct_people,"
    "distinct_documents,first_approved_at,last_approved_at,active_grants,is_preapproved_domain",
    "ACCESS_REQUESTS_APPROVED_EMAILS": "email,first_name,last_name,company,domain,approved_requests,"
    "auto_approved_requests,distinct_documents,last_approved_at,expiration_date,access_state,is_preapproved_email",
    "DOCUMENT_REQUESTS_FILE_NAME": "file_name,document_type,document_id,current_version,times_requested,"
    "times_approved,times_denied,distinct_requesters,distinct_domains,views,downloads,last_requested_at",
    "PRO_REVENUE_INFLUENCED": "account,domain,crm_account_id,opportunity,stage,amount,currency,is_won,closed_at,"
    "first_trust_activity_at,last_trust_activity_at,requests,downloads,days_first_activity_to_close",
}


@pytest.mark.parametrize("type_", ReportType)
def test_the_columns_are_those_agreed_on(type_: ReportType) -> None:
    assert ",".join(ROWS[type_].__struct_fields__) == COLUMNS[type_]
