"""The dashboard: what it lists, whom it shows it to, and what its charts count."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.access_requests.cast import Desk
from tests.factories import Account
from tests.monitors.cast import concluded, idle
from tests.records.cast import connect
from tests.reviews.cast import add, add_vendor
from tests.trust.cast import act, change_document, document
from trustwright.access_requests.due import requests_by_week
from trustwright.accounts.model import Entitlement
from trustwright.accounts.roles import Role
from trustwright.console.dashboard import CONCERNS, chart
from trustwright.console.rendering import environment
from trustwright.db import Tx
from trustwright.monitors.due import monitors_by_day, troubled_monitors
from trustwright.monitors.model import ResultStatus
from trustwright.vendors.due import due_vendors

TODAY = datetime.now(UTC).date()


def day(away: int) -> str:
    return (TODAY + timedelta(days=away)).isoformat()


def seen_by(acme: Account, role: Role) -> str:
    email = f"{role.lower()}@account{acme.id}.test"
    acme.user(email, role)
    answer = acme.browser(email).get("/")
    assert answer.status_code == 200
    return answer.text


def test_an_empty_account_has_nothing_to_do(acme: Account) -> None:
    page = acme.browser().get("/").text

    assert "Nothing waits for you" in page
    assert "No monitor has come to a result yet" in page


def test_each_list_leads_to_the_thing_and_only_roles_that_see_it_are_told(acme: Account) -> None:
    request = Desk(acme).ask(email="ruth@initech.test", name="Ruth")
    vendor_id = add_vendor(acme, name="<Fjord>", renewalDate=day(-3))
    review = add(acme, vendor_id, title="Half read")
    ending = change_document(acme, document(acme, "Old report"), expiresAt=f"{day(5)}T00:00:00Z")
    monitor = idle(connect(acme))
    act(acme, lambda tx: concluded(tx, monitor, ResultStatus.FAILED))

    whole = acme.browser().get("/").text
    reviewer, decider = seen_by(acme, Role.REVIEWER), seen_by(acme, Role.TRUST_CENTER_REVIEWER)

    for path in (
        f"/trust-center/requests/{request['requestId']}",
        f"/vendors/{vendor_id}",
        f"/vendors/{vendor_id}/reviews/{review.id}",
        f"/trust-center/documents/{ending['type']}/{ending['id']}",
        f"/monitors/{monitor.test_id}",
    ):
        assert f'href="{path}"' in whole
    assert ("&lt;Fjord&gt;" in whole, "<Fjord>" in whole) == (True, False)
    assert ("Half read" in reviewer, "Ruth" in reviewer, "Old report" in reviewer) == (True, False, False)
    assert ("Half read" in decider, "Ruth" in decider, "Old report" in decider) == (False, True, False)


def test_what_the_plan_leaves_out_is_not_shown(acme: Account) -> None:
    Desk(acme).ask(name="Ruth")
    acme.plan([Entitlement.CUSTOM_CONNECTIONS_AND_TESTS])

    assert "Ruth" not in acme.browser().get("/").text


def test_nothing_of_another_account_is_shown(acme: Account, globex: Account) -> None:
    add_vendor(globex, name="Theirs", renewalDate=day(-3))

    assert "Theirs" not in acme.browser().get("/").text


def test_five_of_a_list_are_shown_and_the_longest_overdue_first(acme: Account) -> None:
    for number in range(7):
        add_vendor(acme, name=f"Vendor {number}", renewalDate=day(-number))

    page = acme.browser().get("/").text

    shown = [f"Vendor {number}" in page for number in range(7)]
    assert shown == [False, False, True, True, True, True, True]
    assert page.index("Vendor 6") < page.index("Vendor 2")
    assert "Show all" in page


def test_a_vendor_is_due_while_it_is_in_use_and_not_reviewed(acme: Account) -> None:
    add_vendor(acme, name="Soon", renewalDate=day(7))
    add_vendor(acme, name="Later", renewalDate=day(8))
    add_vendor(acme, name="Gone", renewalDate=day(-1), status="OFFBOARDED")
    add(acme, add_vendor(acme, name="Reviewed", renewalDate=day(-1)), securityReviewStatus="COMPLETED")

    found = act(acme, lambda tx: due_vendors(tx, 10))

    assert [vendor.name for vendor in found] == ["Soon"]


def test_a_monitor_that_has_not_run_for_two_days_is_stale(acme: Account) -> None:
    devices = connect(acme)
    for name, days in (("Fresh", 1.0), ("Stale", 3.0)):
        monitor = idle(devices, name)

        async def passed(tx: Tx, monitor: Any = monitor, days: float = days) -> object:
            return await concluded(tx, monitor, ResultStatus.PASSED, days)

        act(acme, passed)

    found = act(acme, lambda tx: troubled_monitors(tx, acme.workspace_id, 10))

    assert [(each.name, each.is_stale) for each in found] == [("Stale", True)]


def test_a_day_counts_each_monitor_by_its_last_result_until_then(acme: Account) -> None:
    monitor = idle(connect(acme))

    async def ran(tx: Tx) -> None:
        await tx.run(
            """
            update monitors set created_at = %(now)s::timestamptz - interval '9 days'
            where account_id = %(account_id)s and id = %(id)s
            """,
            id=monitor.id,
            now=tx.now,
        )
        for days, status in ((8, "PASSED"), (5, "FAILED"), (4, "ERROR"), (2, "PASSED")):
            await tx.run(
                """
                insert into monitor_runs (account_id, monitor_id, version, cause, status, created_at, updated_at,
                    finished_at)
                select %(account_id)s, %(id)s, 1, 'SCHEDULE', %(status)s, moment, moment, moment
                from (values (%(now)s::timestamptz - make_interval(days => %(days)s))) as ran (moment)
                """,
                id=monitor.id,
                status=status,
                now=tx.now,
                days=days,
            )

    act(acme, ran)

    days = act(acme, lambda tx: monitors_by_day(tx, acme.workspace_id, 7))

    assert [(each.passing, each.failing) for each in days] == [(1, 0), (0, 1), (0, 1), (0, 1), (1, 0), (1, 0), (1, 0)]
    assert days[-1].day == datetime.now(UTC).date()
    assert "Passing" in acme.browser().get("/").text


def test_requests_are_counted_by_the_week_that_they_came_in(acme: Account) -> None:
    desk = Desk(acme)
    for number in range(3):
        desk.ask(email=f"person{number}@initech.test")

    weeks = act(acme, lambda tx: requests_by_week(tx, acme.workspace_id, 12))

    assert [week.count for week in weeks] == [*[0] * 11, 3]
    assert {week.monday.weekday() for week in weeks} == {0}


@pytest.mark.parametrize(("highest", "top"), [(0, 4), (3, 4), (7, 8), (11, 20), (77, 80), (401, 600), (2000, 2000)])
def test_the_scale_of_a_chart_ends_at_an_even_number(highest: int, top: int) -> None:
    drawn = chart([("today", {"passing": highest})])

    assert drawn.top == top
    assert drawn.is_empty == (highest == 0)


def test_bars_are_stacked() -> None:
    (bar,) = chart([("today", {"passing": 1, "failing": 3})]).bars

    assert bar.parts == [("passing", 1, 0.0, 25.0), ("failing", 3, 25.0, 75.0)]


def test_every_list_of_the_dashboard_has_a_line_of_its_own() -> None:
    parts = environment.get_template("dashboard_parts.html.jinja").module

    assert [concern.name for concern in CONCERNS if not hasattr(parts, concern.name)] == []
