"""ACCESS_REQUESTS_APPROVED_DOMAINS and ..._EMAILS: whom access was given to, by the time of the approval."""

from typing import Any

import pytest

from tests.factories import Account
from tests.trust_reports.cast import (
    DOMAINS,
    EMAILS,
    at,
    decided,
    document,
    grant,
    move,
    preapprove,
    report,
    request,
    wants,
    workspace,
)

PAST, FUTURE = "2025-06-01T00:00Z", "2999-01-01T00:00Z"


@pytest.fixture
def busy(acme: Account) -> Account:
    """Acme has approved: two requests of Dana's, one of Erin's by rule, at one buyer; one of Finn's elsewhere."""
    pentest, soc = document(acme, "Pentest"), document(acme, "SOC 2")
    first = decided(acme, "APPROVED", "03-06T12:00", first_name="Daniela", company="Buyer Ltd")
    second = decided(acme, "APPROVED", "03-08T12:00", created="03-07T12:00")
    third = decided(acme, "AUTO_APPROVED", "03-05T12:00", email="erin@buyer.example", first_name="Erin")
    decided(acme, "APPROVED", "03-09T12:00", email="finn@other.example", first_name="Finn", company="Other")
    for made, document_id in ((first, soc), (second, soc), (second, pentest), (third, soc)):
        wants(acme, made, document_id, approved_at=at("03-09T00:00"))
    wants(acme, first, pentest)
    grant(acme, expires_at=FUTURE)
    grant(acme, "erin@buyer.example", expires_at=PAST)
    preapprove(acme, "DOMAIN", "buyer.example")
    preapprove(acme, "ADDRESS", "erin@buyer.example")
    return acme


def test_domains(busy: Account) -> None:
    buyer, other = report(busy, DOMAINS)

    assert buyer == {
        "domain": "buyer.example",
        "approved_requests": "2",
        "auto_approved_requests": "1",
        "distinct_people": "2",
        "distinct_documents": "2",
        "first_approved_at": "2025-03-05T12:00:00.000Z",
        "last_approved_at": "2025-03-08T12:00:00.000Z",
        "active_grants": "1",
        "is_preapproved_domain": "true",
    }
    assert other == {
        "domain": "other.example",
        "approved_requests": "1",
        "auto_approved_requests": "0",
        "distinct_people": "1",
        "distinct_documents": "0",
        "first_approved_at": "2025-03-09T12:00:00.000Z",
        "last_approved_at": "2025-03-09T12:00:00.000Z",
        "active_grants": "0",
        "is_preapproved_domain": "false",
    }


def test_people(busy: Account) -> None:
    dana, erin, finn = report(busy, EMAILS)

    assert dana == {
        "email": "dana@buyer.example",
        "first_name": "Dana",
        "last_name": "Dee",
        "company": "Buyer Inc",
        "domain": "buyer.example",
        "approved_requests": "2",
        "auto_approved_requests": "0",
        "distinct_documents": "2",
        "last_approved_at": "2025-03-08T12:00:00.000Z",
        "expiration_date": "2999-01-01T00:00:00.000Z",
        "access_state": "ACTIVE",
        "is_preapproved_email": "false",
    }
    assert erin["access_state"] == "EXPIRED"
    assert erin["is_preapproved_email"] == "true"
    assert (erin["approved_requests"], erin["auto_approved_requests"]) == ("0", "1")
    assert (finn["access_state"], finn["expiration_date"]) == ("", "")


@pytest.mark.parametrize(
    ("fields", "state", "active"),
    [
        ({}, "ACTIVE", "1"),
        ({"expires_at": FUTURE}, "ACTIVE", "1"),
        ({"expires_at": PAST}, "EXPIRED", "0"),
        ({"expires_at": PAST, "expired_at": PAST}, "EXPIRED", "0"),
        ({"expires_at": FUTURE, "revoked_at": PAST}, "REVOKED", "0"),
    ],
)
def test_the_state_of_access_is_that_of_now(acme: Account, fields: dict[str, Any], state: str, active: str) -> None:
    decided(acme, "APPROVED")
    grant(acme, **fields)

    assert [row["access_state"] for row in report(acme, EMAILS)] == [state]
    assert [row["active_grants"] for row in report(acme, DOMAINS)] == [active]


def test_of_two_grants_the_last_one_counts(acme: Account) -> None:
    decided(acme, "APPROVED")
    grant(acme, revoked_at=PAST)
    grant(acme, expires_at=FUTURE)

    assert [row["access_state"] for row in report(acme, EMAILS)] == ["ACTIVE"]


@pytest.mark.parametrize("type_", [DOMAINS, EMAILS])
def test_what_was_approved_counts_by_the_time_of_the_approval(acme: Account, type_: Any) -> None:
    for place, moment in enumerate(("02-28T23:59:59", "03-01T00:00", "03-31T23:59:59", "04-01T00:00")):
        decided(acme, "APPROVED", moment, created="02-01T00:00", email=f"p@{place}.example")

    assert [row["domain"] for row in report(acme, type_)] == ["1.example", "2.example"]


@pytest.mark.parametrize("type_", [DOMAINS, EMAILS])
def test_what_became_of_an_approval_does_not_undo_it(acme: Account, type_: Any) -> None:
    made = decided(acme, "APPROVED")
    move(acme, made, "REVOKED", "03-07T00:00")
    # Approved once more within the time it is the same request.
    move(acme, made, "APPROVED", "03-08T00:00")

    assert [(row["approved_requests"], row["last_approved_at"]) for row in report(acme, type_)] == [
        ("1", "2025-03-08T00:00:00.000Z")
    ]


@pytest.mark.parametrize("type_", [DOMAINS, EMAILS])
def test_only_approvals_are_there(acme: Account, type_: Any) -> None:
    request(acme)
    decided(acme, "DENIED", email="erin@buyer.example")

    assert report(acme, type_) == []


@pytest.mark.parametrize("type_", [DOMAINS, EMAILS])
def test_what_is_of_another_workspace_is_not_there(acme: Account, type_: Any) -> None:
    second = workspace(acme)
    decided(acme, "APPROVED", workspace_id=second, email="gil@buyer.example")
    decided(acme, "APPROVED")
    grant(acme, workspace_id=second)
    for kind, name in (("DOMAIN", "buyer.example"), ("ADDRESS", "dana@buyer.example")):
        preapprove(acme, kind, name, deleted_at=PAST)

    (row,) = report(acme, type_)

    assert row["approved_requests"] == "1"
    assert row.get("active_grants", "0") == "0"
    assert row.get("access_state", "") == ""
    assert row.get("is_preapproved_domain", row.get("is_preapproved_email")) == "false"
