"""Reports as files: CSV as RFC 4180 has it, and the same as JSON."""

import csv
import io
from collections.abc import Iterator
from contextlib import closing
from decimal import Decimal
from typing import Any

import httpx
import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import sql

from tests.factories import Account, World
from tests.trust_reports.cast import (
    DOCUMENTS,
    EMAILS,
    LIST,
    REPORTS,
    REVENUE,
    SUMMARY,
    ask,
    at,
    decided,
    document,
    grant,
    json_report,
    look,
    many,
    question,
    report,
    request,
    wants,
)
from trustwright.http.csv_files import FORMULA_STARTS, harmless
from trustwright.trust_reports.model import ROWS, ReportType

HOSTILE = [
    '=HYPERLINK("http://evil.example","x")',
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\rx",
    'He said "no", twice',
    "a\r\nb\nc",
    "  spaces  ",
    "'quoted'",
    "émile ☃ 漢字 \U0001f600",
    "a;b",
    "",
]
# What PostgreSQL can keep of a text.
kept_text = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40)


@pytest.fixture
def full(acme: Account) -> Account:
    """Acme's trust center with something in every report."""
    soc = document(acme)
    held = grant(acme, expires_at=at("09-01"))
    made = decided(acme, "APPROVED", grant_id=held, company='=cmd|"/C calc"!A0')
    wants(acme, made, soc, approved_at=at("03-06T12:00"))
    look(acme, "PAGE_VIEW", "02-06T12:00")
    look(acme, "VIEW", "03-07T12:00", grant_id=held, request_id=made["request_id"], document_id=soc)
    request(acme, email="erin@buyer.example", last_name='"Ëa", b')
    return acme


def read_by_postgresql(world: World, content: bytes) -> list[dict[str, str]]:
    """The rows of a CSV as another reader has them; to it an empty cell is null."""
    header = content.split(b"\r\n", 1)[0].decode().split(",")
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(name)) for name in header)
    with world.connection.transaction(), world.connection.cursor() as cursor:
        cursor.execute(sql.SQL("create temporary table sheet ({}) on commit drop").format(columns))
        with cursor.copy("copy sheet from stdin (format csv, header match, encoding 'UTF8')") as copy:
            copy.write(content)
        cursor.execute("select * from sheet")
        return [dict(zip(header, (cell or "" for cell in row), strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize("type_", ReportType)
def test_two_readers_find_the_same_in_the_file(full: Account, type_: ReportType) -> None:
    answer = ask(full, type_)

    found = read_by_postgresql(full.world, answer.content)

    assert found == report(full, type_)
    assert bool(found) is (type_ is not REVENUE)


@pytest.mark.parametrize("type_", ReportType)
def test_json_says_what_the_csv_says(full: Account, type_: ReportType) -> None:
    found = json_report(full, type_)

    assert found["filename"] in ask(full, type_).headers["content-disposition"]
    assert [{name: shown(value) for name, value in row.items()} for row in found["data"]] == report(full, type_)


def shown(value: Any) -> str:
    """A value of the JSON as a cell has it."""
    if isinstance(value, bool):
        return str(value).lower()
    return harmless(value) if isinstance(value, str) else "" if value is None else str(value)


def test_json_has_numbers_and_booleans_and_texts_as_they_are(full: Account) -> None:
    _, row = sorted(json_report(full)["data"], key=lambda each: str(each["email"]), reverse=True)

    assert row["company"] == '=cmd|"/C calc"!A0'
    assert (row["views"], row["hours_to_decision"], row["is_auto_approved"]) == (1, Decimal("24.00"), False)
    assert (row["nda_sent_at"], row["reviewed_at"]) == (None, "2025-03-06T12:00:00.000Z")


@pytest.mark.parametrize("type_", ReportType)
def test_the_header_is_there_without_rows_too(acme: Account, type_: ReportType) -> None:
    lines = ask(acme, type_).content.split(b"\r\n")

    assert lines[0].decode().split(",") == list(ROWS[type_].__struct_fields__)
    assert lines[-1] == b""
    assert len(lines) == (22 if type_ is SUMMARY else 2)
    assert len(json_report(acme, type_)["data"]) == (20 if type_ is SUMMARY else 0)


def test_a_file_says_what_it_is(acme: Account) -> None:
    answer = ask(acme, REVENUE)

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == (
        f'attachment; filename="pro-revenue-influenced-within-90-days_workspace-{acme.workspace_id}'
        '_2025-03-01_to_2025-04-01.csv"'
    )
    assert answer.headers["vary"] == "Accept"


def test_json_is_not_a_file(acme: Account) -> None:
    with acme.client(acme.api_key) as client:
        answer = client.get(REPORTS, params=question(acme), headers={"Accept": "application/json"})

    assert answer.headers["content-type"] == "application/json; charset=utf-8"
    assert "content-disposition" not in answer.headers


def test_every_line_ends_with_crlf_and_nothing_stands_before_the_first(full: Account) -> None:
    content = ask(full).content

    assert content.startswith(b"request_id,")
    assert content.count(b"\n") == content.count(b"\r\n") == 3


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_comes_back_and_starts_no_formula(acme: Account, text: str) -> None:
    wants(acme, request(acme, first_name=text, last_name=text, company=text), document(acme, text))

    for type_, columns in ((LIST, ("first_name", "last_name", "company", "documents")), (DOCUMENTS, ("file_name",))):
        (row,) = report(acme, type_)
        assert [row[name] for name in columns] == [harmless(text)] * len(columns)
        assert not any(cell.startswith(FORMULA_STARTS) for cell in row.values())


def test_a_change_below_zero_stays_a_number(acme: Account) -> None:
    look(acme, "PAGE_VIEW", "02-10T00:00")

    assert report(acme, SUMMARY)[0] == {
        "metric": "page_views",
        "value": "0",
        "previous_period_value": "1",
        "change_pct": "-100.00",
    }


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(texts=st.lists(st.tuples(kept_text, kept_text, kept_text), min_size=1, max_size=8))
def test_any_text_survives_but_for_the_apostrophe(world: World, texts: list[tuple[str, str, str]]) -> None:
    acme = world.account("Acme")
    for place, (name, company, file) in enumerate(texts):
        made = decided(acme, "APPROVED", email=f"{place:02}@buyer.example", first_name=name, company=company)
        wants(acme, made, document(acme, file))

    rows = report(acme)

    assert [(row["first_name"], row["company"], row["documents"]) for row in rows] == [
        tuple(map(harmless, each)) for each in texts
    ]
    assert read_by_postgresql(world, ask(acme).content) == rows
    assert [(row["first_name"], row["company"]) for row in report(acme, EMAILS)] == [
        (harmless(name), harmless(company)) for name, company, _ in texts
    ]
    assert sorted(row["file_name"] for row in report(acme, DOCUMENTS)) == sorted(harmless(file) for *_, file in texts)
    cells = [cell for line in csv.reader(io.StringIO(ask(acme).text, newline="")) for cell in line]
    assert not any(cell.startswith(FORMULA_STARTS) for cell in cells)


def test_who_goes_away_in_the_middle_holds_nothing_up(acme: Account) -> None:
    many(acme, 3000)
    widen(acme)
    for _ in range(30):
        with acme.client(acme.api_key) as client, client.stream("GET", REPORTS, params=question(acme)) as answer:
            assert len(next(answer.iter_bytes())) > 0

    assert len(report(acme)) == 3000
    assert list(readers(acme)) == []


def widen(account: Account) -> None:
    """Rows so large that a report of them waits for its reader."""
    account.sql("update access_requests set managed_by = repeat('x', 20000) where account_id = %s")


def readers(account: Account) -> Iterator[str]:
    """What reports of the server are still being read, after a while."""
    with closing(psycopg.connect(account.world.database_url, autocommit=True)) as connection:
        for _ in range(50):
            found = connection.execute(
                "select query from pg_stat_activity where application_name like 'trustwright-%'"
                " and state like 'idle in transaction%' and datname = current_database()"
            ).fetchall()
            if not found:
                return
            connection.execute("select pg_sleep(0.1)")
    yield from (query for (query,) in found)


def test_the_description_names_both_forms(world: World) -> None:
    described = httpx.get(f"{world.address}/openapi/v1.json").json()
    content = described["paths"]["/trust-center/reports"]["get"]["responses"]["200"]["content"]

    assert set(content) == {"text/csv", "application/json"}
    assert content["text/csv"]["schema"] == {"type": "string"}
    assert content["application/json"]["schema"] == {"$ref": "#/components/schemas/Report"}
