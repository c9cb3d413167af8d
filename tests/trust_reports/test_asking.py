"""How a report is asked for, and who may."""

from typing import Any

import pytest

from tests.factories import Account
from tests.trust_reports.cast import EMAILS, LIST, REPORTS, REVENUE, ask, checked, question, refused, report, request
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.trust_reports.model import ReportType

ALLOWING = (Permission.TRUST_CENTER_GET_TRUST_CENTER_REPORTS, Permission.TRUST_CENTER_GET_REQUESTS)


@pytest.mark.parametrize("name", ["startDate", "endDate", "workspaceId", "reportType"])
def test_every_parameter_is_required(acme: Account, name: str) -> None:
    refused(ask(acme, LIST, **{name: None}), 400, name)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("startDate", ""),
        ("startDate", "March"),
        ("startDate", "2025-02-30"),
        ("startDate", "01/03/2025"),
        ("startDate", "1741000000"),
        ("startDate", "2025-03-01\0"),
        ("startDate", "0001-01-01T00:00:00+14:00"),
        ("endDate", "2025-13-01"),
        ("endDate", "2025-03-01T25:00:00Z"),
        ("endDate", "9999-12-31T23:59:59-14:00"),
        ("endDate", "2025-02-28T23:59:59Z"),
        ("endDate", "2030-03-02"),
        ("workspaceId", ""),
        ("workspaceId", "0"),
        ("workspaceId", "-1"),
        ("workspaceId", "1.5"),
        ("workspaceId", "abc"),
        ("workspaceId", "2147483648"),
        ("reportType", ""),
        ("reportType", "summary"),
        ("reportType", "EVERYTHING"),
    ],
)
def test_a_bad_parameter_is_named(acme: Account, name: str, value: str) -> None:
    refused(ask(acme, LIST, **{name: value}), 400, name)


def test_a_parameter_that_is_given_twice_is_refused(acme: Account) -> None:
    query = [*question(acme).items(), ("endDate", "2025-05-01")]

    refused(checked(acme.alice).get(REPORTS, params=query), 400, "endDate")


def test_an_unknown_workspace_is_refused(acme: Account) -> None:
    refused(ask(acme, workspaceId=2**31 - 1), 400, "workspace")


@pytest.mark.parametrize("accept", ["application/json", "text/csv"])
def test_a_refusal_is_json_whatever_was_asked_for(acme: Account, accept: str) -> None:
    answer = checked(acme.alice).get(REPORTS, params=question(acme, endDate="2020-01-01"), headers={"Accept": accept})

    refused(answer, 400, "endDate")


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        ("2025-03-05", "2025-03-06", True),
        ("2025-03-05T12:00:00Z", "2025-03-05T12:00:00.001Z", True),
        ("2025-03-05T12:00:00", "2025-03-06", True),
        ("2025-03-05T14:00:00+02:00", "2025-03-06", True),
        ("2025-03-05T14:00:01+02:00", "2025-03-06", False),
        ("2025-03-01", "2025-03-05", False),
        ("2025-03-01", "2025-03-05T12:00:00Z", False),
        ("2025-03-01", "2025-03-05T13:00:00.000+00:30", True),
        ("2025-03-05T12:00:00Z", "2025-03-05T12:00:00Z", False),
        ("2020-03-06", "2025-03-06", True),
    ],
)
def test_the_first_moment_belongs_to_the_time_and_the_last_does_not(
    acme: Account, start: str, end: str, found: bool
) -> None:
    request(acme, "03-05T12:00")

    assert bool(report(acme, startDate=start, endDate=end)) is found


def test_either_permission_is_enough(acme: Account) -> None:
    for permission in ALLOWING:
        _, key = acme.key(permission)

        assert acme.client(key).get(REPORTS, params=question(acme)).status_code == 200


def test_all_other_permissions_together_are_not(acme: Account) -> None:
    _, key = acme.key(*(each for each in Permission if each not in ALLOWING))

    refused(checked(acme.client(key)).get(REPORTS, params=question(acme)), 403)


@pytest.mark.parametrize("type_", ReportType)
def test_essentials_are_enough_for_all_but_the_revenue(acme: Account, type_: ReportType) -> None:
    acme.plan(entitlements=[Entitlement.TRUST_CENTER_ESSENTIALS])

    answer = ask(acme, type_)

    if type_ is REVENUE:
        refused(answer, 402, "Trust Center Pro")
    else:
        assert answer.status_code == 200


@pytest.mark.parametrize("type_", [EMAILS, REVENUE])
def test_without_either_plan_there_is_none(acme: Account, type_: Any) -> None:
    acme.plan(entitlements=[])

    refused(ask(acme, type_), 402)


@pytest.mark.parametrize("prefix", ["/public", "/public/v1"])
def test_it_is_there_under_both_prefixes(acme: Account, prefix: str) -> None:
    answer = checked(acme.alice).get(f"{prefix}/trust-center/reports", params=question(acme))

    assert answer.status_code == 200
