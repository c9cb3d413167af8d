"""Creation: what a new review is, who requested it, and what is refused (Q27, Q28, vendor-reviews 1.2)."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.factories import Account
from tests.reviews.cast import (
    DEADLINE,
    NOBODYS,
    Subject,
    add,
    add_vendor,
    body,
    checked,
    deactivate,
    delete_vendor,
    good,
    post,
    recorded,
    refused,
    reviews_of,
    traces,
)
from trustwright.accounts.roles import Role

STATUSES = ["NOT_YET_STARTED", "IN_PROGRESS", "COMPLETED", "NOT_REQUIRED"]
TYPES = ["SECURITY", "SOC_REPORT", "UPLOAD_REPORT"]


@pytest.mark.parametrize("type_", TYPES)
@pytest.mark.parametrize("status", STATUSES)
def test_a_new_review_has_what_was_asked_for_and_a_pending_decision(
    acme: Account, initech: int, status: str, type_: str
) -> None:
    asked = body(
        securityReviewStatus=status,
        securityReviewType=type_,
        requestedAt="2026-05-01T12:00:00.500+02:00",
        note="Look at the bridge letter",
        title="Spring",
    )

    made = good(checked(acme.alice).post(reviews_of(initech), json=asked), 201)

    assert {name: made[name] for name in ("status", "type", "decision", "note", "title", "vendorId", "userId")} == {
        "status": status,
        "type": type_,
        "decision": "PENDING",
        "note": "Look at the bridge letter",
        "title": "Spring",
        "vendorId": initech,
        "userId": None,
    }
    assert (made["requestedAt"], made["reviewDeadlineAt"]) == ("2026-05-01T10:00:00.500Z", DEADLINE)
    assert made["createdAt"] == made["updatedAt"]
    assert made["_links"]["self"]["href"].endswith(f"{reviews_of(initech)}/{made['id']}")
    assert ("socReviewForm" in made) is (type_ == "SOC_REPORT")


def test_what_is_not_said_is_null_and_requested_now(acme: Account, initech: int) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)

    made = good(post(acme, initech), 201)

    assert (made["title"], made["note"], made["userId"], made["user"]) == (None, None, None, None)
    assert before < datetime.fromisoformat(made["requestedAt"]) < datetime.now(UTC) + timedelta(seconds=1)
    assert made["requesterUser"]["email"] == acme.alice_email


def test_explicit_nulls_are_like_nothing(acme: Account, initech: int) -> None:
    made = good(checked(acme.alice).post(reviews_of(initech), json=body() | dict.fromkeys(NULLABLE)), 201)

    assert (made["title"], made["note"], made["requesterUserId"]) == (None, None, acme.alice_id)


NULLABLE = ["note", "title", "requesterUserId"]


def test_unknown_properties_and_the_names_of_the_answer_are_ignored(acme: Account, initech: int) -> None:
    made = good(post(acme, initech, status="COMPLETED", type="SECURITY", decision="APPROVED", userId=1), 201)

    assert (made["status"], made["type"], made["decision"], made["userId"]) == (
        "NOT_YET_STARTED",
        "SOC_REPORT",
        "PENDING",
        None,
    )


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("2025-07-01T16:45:55.246Z", "2025-07-01T16:45:55.246Z"),
        ("2025-07-01T16:45:55+05:30", "2025-07-01T11:15:55.000Z"),
        ("2025-07-01T16:45:55", "2025-07-01T16:45:55.000Z"),
        ("2025-07-01", "2025-07-01T00:00:00.000Z"),
        ("1900-01-01T00:00:00Z", "1900-01-01T00:00:00.000Z"),
        ("8999-12-31T23:59:59.999Z", "8999-12-31T23:59:59.999Z"),
    ],
)
def test_dates_may_have_any_offset_and_none(acme: Account, initech: int, sent: str, shown: str) -> None:
    made = good(post(acme, initech, reviewDeadlineAt=sent, requestedAt=sent), 201)

    assert (made["reviewDeadlineAt"], made["requestedAt"]) == (shown, shown)
    assert Subject(acme, initech, made["id"]).get()["reviewDeadlineAt"] == shown


def test_a_deadline_may_lie_before_the_request(acme: Account, initech: int) -> None:
    add(acme, initech, reviewDeadlineAt="2020-01-01T00:00:00Z")


def test_the_vendors_owner_requests_unless_somebody_else_does(acme: Account) -> None:
    owner = acme.user("owner@acme.test", Role.ADMIN)
    other = acme.user("other@acme.test", Role.EMPLOYEE)
    vendor_id = add_vendor(acme, userId=owner)

    assert good(post(acme, vendor_id), 201)["requesterUserId"] == owner
    assert good(post(acme, vendor_id, requesterUserId=other), 201)["requesterUser"]["email"] == "other@acme.test"


def test_the_first_admin_requests_when_the_owner_has_left(acme: Account) -> None:
    owner = acme.user("owner@acme.test", Role.ADMIN)
    vendor_id = add_vendor(acme, userId=owner)
    deactivate(acme, owner)

    assert good(post(acme, vendor_id), 201)["requesterUserId"] == acme.alice_id


def test_without_owner_and_admin_a_requester_must_be_named(acme: Account, initech: int) -> None:
    bob = acme.user("bob@acme.test", Role.EMPLOYEE)
    acme.sql("update users set roles = '{EMPLOYEE}' where account_id = %s and id = %s", acme.alice_id)

    refused(post(acme, initech), 400, "requesterUserId")
    assert good(post(acme, initech, requesterUserId=bob), 201)["requesterUserId"] == bob


def test_a_requester_must_be_an_active_user_of_the_account(acme: Account, globex: Account, initech: int) -> None:
    gone = acme.user("gone@acme.test", Role.ADMIN)
    deactivate(acme, gone)

    for user_id in (gone, globex.alice_id, 999_999_999):
        refused(post(acme, initech, requesterUserId=user_id), 400, "requesterUserId")


@pytest.mark.parametrize(
    "change",
    [
        {"reviewDeadlineAt": None},
        {"securityReviewStatus": None},
        {"securityReviewType": None},
        {"securityReviewStatus": "DONE"},
        {"securityReviewStatus": 1},
        {"securityReviewType": "SOC"},
        {"reviewDeadlineAt": "soon"},
        {"reviewDeadlineAt": "20250701"},
        {"reviewDeadlineAt": "2025-02-30"},
        {"reviewDeadlineAt": "2025-07-01T25:00:00Z"},
        {"reviewDeadlineAt": "1899-12-31T23:59:59Z"},
        {"reviewDeadlineAt": "9999-12-31T23:59:59-14:00"},
        {"reviewDeadlineAt": 1751388355},
        {"requestedAt": "yesterday"},
        {"note": "x" * 1001},
        {"title": "x" * 192},
        {"title": "a\0b"},
        {"requesterUserId": 1_000_000_001},
        {"requesterUserId": 0},
        {"requesterUserId": "1"},
    ],
    ids=str,
)
def test_what_does_not_fit_creates_nothing(acme: Account, initech: int, storages: Path, change: dict[str, Any]) -> None:
    before = traces(acme, storages)

    refused(post(acme, initech, **change), 400)

    assert traces(acme, storages) == before


@pytest.mark.parametrize("field", ["reviewDeadlineAt", "securityReviewStatus", "securityReviewType", "requestedAt"])
def test_null_is_refused_where_it_means_nothing(acme: Account, initech: int, field: str) -> None:
    refused(checked(acme.alice).post(reviews_of(initech), json=body() | {field: None}), 400, field)


@pytest.mark.parametrize("content", [b"", b"[]", b"null", b"{", b"\xff", b'{"reviewDeadlineAt":'])
def test_a_body_that_is_no_object_is_refused(acme: Account, initech: int, content: bytes) -> None:
    refused(checked(acme.alice).post(reviews_of(initech), content=content), 400)


def test_texts_may_be_as_long_as_documented(acme: Account, initech: int) -> None:
    made = good(post(acme, initech, note="ä" * 1000, title="ß" * 191), 201)

    assert (len(made["note"]), len(made["title"])) == (1000, 191)


def test_a_vendor_that_is_not_there_has_no_reviews(acme: Account, initech: int) -> None:
    review = add(acme, initech)
    delete_vendor(acme, initech)

    for vendor_id in (initech, NOBODYS):
        refused(post(acme, vendor_id), 404)
    refused(review.alice.get(review.path), 404)


@pytest.mark.parametrize("vendor_id", ["0", "abc", "1.0", "2147483648", "%00"])
def test_a_malformed_vendor_is_400(acme: Account, vendor_id: str) -> None:
    refused(checked(acme.alice).post(f"/public/v2/vendors/{vendor_id}/security-reviews", json=body()), 400)


def test_the_shape_is_looked_at_before_the_vendor(acme: Account) -> None:
    refused(post(acme, NOBODYS, note="x" * 1001), 400)


def test_a_creation_is_one_event(acme: Account, initech: int) -> None:
    add(acme, initech, title="Spring")

    ((_, before, after),) = recorded(acme, "and type = 'VENDOR_SECURITY_REVIEW_CREATED'")
    assert before is None
    assert (after["title"], after["status"], after["decision"], after["requesterUserId"]) == (
        "Spring",
        "NOT_YET_STARTED",
        "PENDING",
        acme.alice_id,
    )
