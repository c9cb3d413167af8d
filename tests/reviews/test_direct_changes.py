"""PATCH, our extension: how reviews without actions move on (decisions 10)."""

from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.factories import Account
from tests.reviews.cast import (
    NOBODYS,
    Subject,
    add,
    add_vendor,
    deactivate,
    delete_vendor,
    good,
    refused,
    reviews_of,
    traces,
)
from trustwright.accounts.roles import Role

STATUSES = ["NOT_YET_STARTED", "IN_PROGRESS", "COMPLETED", "NOT_REQUIRED"]
OTHERS = ["SECURITY", "UPLOAD_REPORT"]


@pytest.fixture
def security(acme: Account, initech: int) -> Subject:
    return add(acme, initech, securityReviewType="SECURITY")


def test_every_field_can_be_set(security: Subject) -> None:
    bob = security.account.user("bob@acme.test", Role.EMPLOYEE)

    changed = good(
        security.patch(
            status="COMPLETED",
            decision="APPROVED_WITH_CONDITIONS",
            note="Until May",
            reviewDeadlineAt="2028-01-01T00:00:00+02:00",
            userId=bob,
        )
    )

    names = ("status", "decision", "note", "reviewDeadlineAt", "userId")
    expected = ("COMPLETED", "APPROVED_WITH_CONDITIONS", "Until May", "2027-12-31T22:00:00.000Z", bob)
    assert tuple(changed[name] for name in names) == expected
    assert changed["user"]["email"] == "bob@acme.test"
    assert changed == security.get("user", "requesterUser")


def test_null_clears_the_note_and_the_reviewer(security: Subject) -> None:
    good(security.patch(note="x", userId=security.account.alice_id))

    changed = good(security.patch(note=None, userId=None))

    assert (changed["note"], changed["userId"], changed["user"]) == (None, None, None)


@pytest.mark.parametrize("type_", OTHERS)
@pytest.mark.parametrize("before", STATUSES)
@pytest.mark.parametrize("after", STATUSES)
def test_other_types_go_from_every_status_to_every_other(
    acme: Account, initech: int, type_: str, before: str, after: str
) -> None:
    review = add(acme, initech, securityReviewType=type_, securityReviewStatus=before)

    assert good(review.patch(status=after))["status"] == after

    assert len(review.history()) == (before != after)


def test_a_report_is_completed_only_when_its_form_is(soc: Subject) -> None:
    refused(soc.patch(status="COMPLETED", note="x"), 422, "reviewerInformation.reviewer")
    assert soc.get()["note"] is None
    good(soc.patch(status="IN_PROGRESS"))
    good(soc.patch(status="NOT_REQUIRED"))
    soc.fill()

    good(soc.patch(status="COMPLETED"))

    assert soc.state() == ("COMPLETED", "PENDING")


def test_a_completed_report_that_lacks_something_may_be_changed_otherwise(acme: Account, initech: int) -> None:
    review = add(acme, initech, securityReviewStatus="COMPLETED")

    assert good(review.patch(status="COMPLETED", decision="APPROVED"))["decision"] == "APPROVED"


def test_leaving_completed_is_like_reopening(security: Subject) -> None:
    good(security.patch(status="COMPLETED", decision="REJECTED"))
    assert completed_at(security) is not None

    good(security.patch(status="IN_PROGRESS"))

    assert security.state() == ("IN_PROGRESS", "REJECTED")
    assert completed_at(security) is None


def test_completed_again_is_not_completed_anew(security: Subject) -> None:
    good(security.patch(status="COMPLETED"))
    first = completed_at(security)

    good(security.patch(status="COMPLETED", note="x"))

    assert completed_at(security) == first


def completed_at(review: Subject) -> datetime | None:
    ((found,),) = review.account.sql("select completed_at from reviews where account_id = %s and id = %s", review.id)
    moment: datetime | None = found
    return moment


def test_each_change_of_status_or_decision_is_in_the_history(security: Subject) -> None:
    good(security.patch(note="first"))
    good(security.patch(status="IN_PROGRESS"))
    good(security.patch(decision="REJECTED", note="second"))
    good(security.patch(status="COMPLETED", decision="APPROVED"))

    assert [
        (entry["action"], entry["status"], entry["decision"], entry["note"], entry["formSha256"])
        for entry in security.history()
    ] == [
        ("change", "IN_PROGRESS", "PENDING", None, None),
        ("change", "IN_PROGRESS", "REJECTED", "second", None),
        ("change", "COMPLETED", "APPROVED", None, None),
    ]


def test_its_events_are_those_of_the_actions(security: Subject) -> None:
    good(security.patch(status="IN_PROGRESS", note="x"))
    good(security.patch(status="COMPLETED", decision="APPROVED"))
    good(security.patch(status="NOT_REQUIRED"))

    assert security.events()[1:] == [
        ("VENDOR_SECURITY_REVIEW_UPDATED", {"note": None}, {"note": "x"}),
        ("VENDOR_SECURITY_REVIEW_STARTED", {"status": "NOT_YET_STARTED"}, {"status": "IN_PROGRESS"}),
        ("VENDOR_SECURITY_REVIEW_COMPLETED", {"status": "IN_PROGRESS"}, {"status": "COMPLETED"}),
        ("VENDOR_SECURITY_REVIEW_APPROVAL_STATUS_CHANGED", {"decision": "PENDING"}, {"decision": "APPROVED"}),
        ("VENDOR_SECURITY_REVIEW_TRANSITIONED", {"status": "COMPLETED"}, {"status": "NOT_REQUIRED"}),
    ]


def test_completing_moves_the_vendors_deadline(acme: Account) -> None:
    vendor_id = add_vendor(acme, renewalScheduleType="SIX_MONTHS", renewalDate="2027-06-01")
    review = add(acme, vendor_id, securityReviewType="SECURITY", reviewDeadlineAt="2027-08-31T00:00:00Z")

    good(review.patch(status="COMPLETED"))

    assert good(review.alice.get(f"/public/v2/vendors/{vendor_id}"))["renewalDate"] == "2028-02-29"


@pytest.mark.parametrize("change", [{}, {"status": "NOT_YET_STARTED"}, {"note": None, "userId": None}, {"title": "x"}])
def test_what_changes_nothing_leaves_no_trace(security: Subject, storages: Path, change: dict[str, Any]) -> None:
    before, traced = security.get("user", "requesterUser"), traces(security.account, storages)

    assert good(security.patch(**change)) == before

    assert traces(security.account, storages) == traced


@pytest.mark.parametrize(
    "change",
    [
        {"status": "DONE"},
        {"status": None},
        {"decision": "MAYBE"},
        {"decision": None},
        {"note": "x" * 1001},
        {"reviewDeadlineAt": "soon"},
        {"reviewDeadlineAt": None},
        {"userId": 0},
        {"userId": 999_999_999},
        {"userId": "1"},
    ],
    ids=str,
)
def test_what_does_not_fit_changes_nothing(security: Subject, storages: Path, change: dict[str, Any]) -> None:
    before, traced = security.get(), traces(security.account, storages)

    refused(security.patch(**{"decision": "APPROVED", **change}), 400)

    assert (security.get(), traces(security.account, storages)) == (before, traced)


def test_a_reviewer_must_be_active_when_named_and_may_leave_later(security: Subject) -> None:
    bob = security.account.user("bob@acme.test", Role.EMPLOYEE)
    good(security.patch(userId=bob))
    deactivate(security.account, bob)

    assert good(security.patch(userId=bob, note="x"))["userId"] == bob
    good(security.patch(userId=None))
    refused(security.patch(userId=bob), 400, "userId")


def test_a_review_that_is_not_there_cannot_be_changed(security: Subject) -> None:
    for path in (f"{reviews_of(security.vendor_id)}/{NOBODYS}", f"{reviews_of(NOBODYS)}/{security.id}"):
        refused(security.alice.patch(path, json={"note": "x"}), 404)
    refused(security.alice.patch(f"{security.path}x", json={"note": "x"}), 400)
    delete_vendor(security.account, security.vendor_id)
    refused(security.patch(note="x"), 404)
