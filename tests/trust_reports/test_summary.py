"""SUMMARY: a line a metric, beside the same time before."""

from decimal import Decimal
from typing import Any

import pytest

from tests.factories import Account
from tests.trust_reports.cast import (
    SUMMARY,
    at,
    decided,
    document,
    grant,
    look,
    move,
    report,
    request,
    workspace,
)

METRICS = [
    "page_views",
    "unique_visitors",
    "requests_total",
    "requests_pending",
    "requests_approved",
    "requests_auto_approved",
    "requests_denied",
    "requests_revoked",
    "auto_approval_rate",
    "median_hours_to_decision",
    "p90_hours_to_decision",
    "nda_sent",
    "nda_signed",
    "nda_sign_rate",
    "active_grants_at_end",
    "grants_expiring_30d",
    "document_views",
    "document_downloads",
    "unique_domains",
    "new_subscribers",
]


def metrics(account: Account, **query: str) -> dict[str, tuple[str, str, str]]:
    """For each metric its value, the one before, and the change."""
    rows = report(account, SUMMARY, **query)
    return {row["metric"]: (row["value"], row["previous_period_value"], row["change_pct"]) for row in rows}


def values(account: Account, *names: str, **query: str) -> tuple[str, ...]:
    found = metrics(account, **query)
    return tuple(found[name][0] for name in names)


def test_the_metrics_come_in_their_order(acme: Account) -> None:
    assert [row["metric"] for row in report(acme, SUMMARY)] == METRICS


def test_without_anything_counts_are_zero_and_rates_are_empty(acme: Account) -> None:
    rates = {"auto_approval_rate", "median_hours_to_decision", "p90_hours_to_decision", "nda_sign_rate"}

    expected = {name: ("", "", "") if name in rates else ("0", "0", "") for name in METRICS}
    assert metrics(acme) == expected


def test_visits_and_what_was_looked_at(acme: Account) -> None:
    soc = document(acme)
    for visitor, moment in (("a", "03-01T00:00"), ("a", "03-02T00:00"), ("b", "03-31T23:59:59")):
        look(acme, "PAGE_VIEW", moment, visitor=visitor)
    look(acme, "PAGE_VIEW", "04-01T00:00", visitor="c")
    look(acme, "OPEN", "03-02T00:00")
    for action in ("VIEW", "VIEW", "DOWNLOAD"):
        look(acme, action, "03-03T00:00", document_id=soc, visitor="d")

    found = values(acme, "page_views", "unique_visitors", "document_views", "document_downloads")

    assert found == ("3", "2", "2", "1")


def test_requests_and_decisions(acme: Account) -> None:
    request(acme, email="a@a.example")
    decided(acme, "APPROVED", email="b@b.example")
    decided(acme, "DENIED", email="c@b.example")
    revoked = decided(acme, "APPROVED", email="d@b.example")
    move(acme, revoked, "REVOKED", "03-20T00:00")
    decided(acme, "AUTO_APPROVED", "03-05T12:00", email="e@c.example")

    names = (
        "requests_total",
        "requests_pending",
        "requests_approved",
        "requests_auto_approved",
        "requests_denied",
        "requests_revoked",
        "auto_approval_rate",
        "unique_domains",
    )
    assert values(acme, *names) == ("5", "1", "2", "1", "1", "1", "0.2500", "3")


def test_a_request_waits_as_long_as_it_was_not_decided_in_the_time(acme: Account) -> None:
    decided(acme, "APPROVED", "04-02T00:00")

    assert values(acme, "requests_total", "requests_pending", "requests_approved") == ("1", "1", "0")


def test_hours_to_decision_are_those_of_the_decisions_of_the_time(acme: Account) -> None:
    for hour in range(1, 11):
        decided(acme, "APPROVED", f"03-05T{hour:02}:00", created="03-05T00:00", email=f"{hour}@buyer.example")
    decided(acme, "DENIED", "04-01T00:00", created="03-05T00:00", email="late@buyer.example")
    decided(acme, "APPROVED", "03-01T01:15", created="03-01T00:00", email="quick@buyer.example")

    assert values(acme, "median_hours_to_decision", "p90_hours_to_decision") == ("5.00", "9.00")


def test_agreements(acme: Account) -> None:
    for place, statuses in enumerate((["NDA_SENT"], ["NDA_SENT", "NDA_SENT", "NDA_SIGNED"], ["NDA_SIGNED"])):
        made = decided(acme, "APPROVED", email=f"{place}@buyer.example")
        for status in statuses:
            move(acme, made, status, "03-07T00:00")

    # One was sent in the time before and signed in this: the rate is that of those which were sent.
    assert values(acme, "nda_sent", "nda_signed", "nda_sign_rate") == ("2", "2", "0.5000")


@pytest.mark.parametrize(
    ("fields", "active", "expiring"),
    [
        ({}, "1", "0"),
        ({"expires_at": at("04-01T00:00")}, "0", "0"),
        ({"expires_at": at("04-01T00:01")}, "1", "1"),
        ({"expires_at": at("05-01T00:00")}, "1", "1"),
        ({"expires_at": at("05-01T00:01")}, "1", "0"),
        ({"revoked_at": at("03-31T00:00")}, "0", "0"),
        ({"revoked_at": at("04-02T00:00")}, "1", "0"),
        ({"expires_at": at("06-01T00:00"), "expired_at": at("03-31T00:00")}, "0", "0"),
        ({"created_at": at("04-01T00:00")}, "0", "0"),
    ],
)
def test_grants_at_the_end_of_the_time(acme: Account, fields: dict[str, Any], active: str, expiring: str) -> None:
    grant(acme, **fields)

    assert values(acme, "active_grants_at_end", "grants_expiring_30d") == (active, expiring)


def test_of_a_time_that_goes_on_the_end_is_now(acme: Account) -> None:
    grant(acme, expires_at="2998-01-01T00:00Z")

    found = values(acme, "active_grants_at_end", startDate="2997-01-01", endDate="2999-01-01")

    assert found == ("1",)


def test_the_time_before_is_as_long_and_ends_where_this_one_begins(acme: Account) -> None:
    moments = ("01-28T23:59:59", "01-29T00:00", "02-28T23:59:59", "03-01T00:00", "03-02T00:00", "03-03T00:00")
    for moment in moments:
        look(acme, "PAGE_VIEW", moment)

    assert metrics(acme)["page_views"] == ("3", "2", "50.00")


def test_what_was_more_before_is_a_change_below_zero(acme: Account) -> None:
    for moment in ("02-01T00:00", "02-02T00:00", "02-03T00:00", "03-01T00:00"):
        look(acme, "PAGE_VIEW", moment)

    assert metrics(acme)["page_views"] == ("1", "3", "-66.67")


def test_against_nothing_there_is_no_change(acme: Account) -> None:
    look(acme, "PAGE_VIEW", "03-01T00:00")

    assert metrics(acme)["page_views"] == ("1", "0", "")


def test_each_workspace_has_its_own(acme: Account) -> None:
    second = workspace(acme)
    made = decided(acme, "APPROVED", workspace_id=second)
    move(acme, made, "NDA_SENT", "03-07T00:00")
    grant(acme, workspace_id=second)
    look(acme, "PAGE_VIEW", "03-07T00:00", workspace_id=second)
    look(acme, "VIEW", "03-07T00:00", workspace_id=second)

    assert {Decimal(value or 0) for value, _, _ in metrics(acme).values()} == {Decimal(0)}
    assert values(acme, "page_views", "nda_sent", workspaceId=str(second)) == ("1", "1")
