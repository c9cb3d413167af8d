"""Reports in the console: which time they are about, what they show, and to whom."""

import html
import re
from datetime import UTC, date, datetime

import pytest

from tests.access_requests.cast import BOB, Desk
from tests.factories import Account
from trustwright.accounts.model import Entitlement
from trustwright.accounts.roles import Role
from trustwright.trust_reports.periods import Step, period

REPORTS = "/trust-center/reports"
TODAY = date(2027, 3, 1)


def test_a_report_shows_the_rows_and_their_chart(acme: Account) -> None:
    desk = Desk(acme)
    desk.approve(desk.ask())
    browser = acme.browser()

    assert "1 made, 1 approved" in browser.get(f"{REPORTS}?rows=yes").text
    assert BOB in browser.get(f"{REPORTS}/requests?rows=yes").text
    assert "1 approved, 0 of them by a rule" in browser.get(f"{REPORTS}/domains?rows=yes").text
    assert "SOC 2 report" in browser.get(f"{REPORTS}/documents?rows=yes").text


def test_a_report_comes_first_without_what_it_has_to_count(acme: Account) -> None:
    desk = Desk(acme)
    desk.approve(desk.ask())
    browser = acme.browser()
    frame = browser.get(f"{REPORTS}/requests?first=2026-01-01&last=9998-01-01").text

    assert BOB not in frame
    (address,) = set(re.findall(r'(?:hx-get|href)="([^"]*rows=yes)"', frame))
    assert BOB in browser.get(html.unescape(address)).text


def test_a_file_is_the_one_of_the_api(acme: Account) -> None:
    desk = Desk(acme)
    desk.approve(desk.ask())
    year = datetime.now(UTC).year
    asked = {
        "startDate": f"{year}-01-01",
        "endDate": f"{year + 1}-01-01",
        "workspaceId": str(acme.workspace_id),
        "reportType": "ACCESS_REQUESTS_APPROVED_EMAILS",
    }

    ours = acme.browser().get(f"{REPORTS}/people?first={year}-01-01&last={year}-12-31&format=csv")
    theirs = acme.alice.get("/public/trust-center/reports", params=asked)

    assert ours.text == theirs.text
    assert ours.headers["content-disposition"] == theirs.headers["content-disposition"]


def test_a_time_that_cannot_be_is_said_and_the_usual_one_is_shown(acme: Account) -> None:
    answer = acme.browser().get(f"{REPORTS}?first=2027-02-01&last=2027-01-01")

    assert answer.status_code == 200
    assert "The last day must not be before the first" in answer.text


@pytest.mark.parametrize(
    ("first", "last", "found", "step"),
    [
        ("", "", (date(2026, 12, 2), TODAY), Step.WEEK),
        ("2027-02-20", "", (date(2027, 2, 20), TODAY), Step.DAY),
        ("2025-01-01", "2027-01-01", (date(2025, 1, 1), date(2027, 1, 1)), Step.MONTH),
        ("2027-02-30", "", (date(2026, 12, 2), TODAY), Step.WEEK),
        ("1000-01-01", "2027-01-01", (date(2026, 12, 2), TODAY), Step.WEEK),
        ("2027-01-01", "9999-12-31", (date(2026, 12, 2), TODAY), Step.WEEK),
    ],
)
def test_days_of_an_address_become_a_time_and_its_steps(
    first: str, last: str, found: tuple[date, date], step: Step
) -> None:
    asked = period(first, last, TODAY)

    assert (asked.first, asked.last, asked.step) == (*found, step)


@pytest.mark.parametrize("first", ["2027-02-30", "1000-01-01", "soon"])
def test_days_that_no_report_covers_are_not_taken_silently(first: str) -> None:
    assert period(first, "2027-01-01", TODAY).fault


def test_who_may_not_see_requests_sees_no_report_that_names_people(acme: Account) -> None:
    acme.user("tech@acme.test", Role.TECHGOV)
    browser = acme.browser("tech@acme.test")

    assert browser.get(REPORTS).status_code == 200
    assert f"{REPORTS}/people" not in browser.get(REPORTS).text
    assert browser.get(f"{REPORTS}/people").status_code == 403


def test_the_report_of_sales_takes_the_larger_plan(acme: Account) -> None:
    acme.plan([Entitlement.TRUST_CENTER_ESSENTIALS])

    assert acme.browser().get(f"{REPORTS}/revenue").status_code == 402
