"""The lists of reviews: filters, order, expansions, pages (vendor-reviews 1.4)."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from tests.factories import Account
from tests.reviews.cast import (
    ACROSS,
    NOBODYS,
    Subject,
    add,
    add_vendor,
    checked,
    delete_vendor,
    everything,
    good,
    refused,
    reviews_of,
)

KINDS = [
    ("NOT_YET_STARTED", "SECURITY", "PENDING"),
    ("IN_PROGRESS", "SECURITY", "APPROVED"),
    ("COMPLETED", "SECURITY", "APPROVED"),
    ("COMPLETED", "UPLOAD_REPORT", "REJECTED"),
    ("NOT_REQUIRED", "UPLOAD_REPORT", "PENDING"),
    ("IN_PROGRESS", "SOC_REPORT", "APPROVED_WITH_CONDITIONS"),
]


@pytest.fixture
def several(acme: Account) -> list[Subject]:
    """A review of each kind, in turn of two vendors, a day apart, the last created today; the first updated today, the
    last of them longest ago."""
    vendors = [add_vendor(acme, name=name) for name in ("Initech", "Umbrella")]
    made = []
    for number, (status, type_, decision) in enumerate(KINDS):
        review = add(acme, vendors[number % 2], securityReviewType=type_, title=f"{number}")
        acme.sql(
            f"""
            update reviews set status = '{status}', decision = '{decision}', created_at = '{noon(5 - number)}',
                updated_at = '{noon(number)}'
            where account_id = %s and id = %s
            """,
            review.id,
        )
        made.append(review)
    return made


def noon(ago: int) -> datetime:
    return datetime.combine(datetime.now(UTC).date(), time(12), UTC) - timedelta(days=ago)


def day(ago: int) -> str:
    """The day in UTC so many days ago."""
    return str((datetime.now(UTC) - timedelta(days=ago)).date())


def bracketed(query: dict[str, Any]) -> dict[str, Any]:
    """With the brackets that lists have in their names."""
    return {(f"{name}[]" if isinstance(value, list) else name): value for name, value in query.items()}


def titles(account: Account, path: str = ACROSS, **query: Any) -> str:
    """The titles of what a query finds, all pages of it, in one word."""
    return "".join(review["title"] for review in everything(checked(account.alice), path, **bracketed(query)))


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "012345"),
    ({"status": ["COMPLETED"]}, "23"),
    ({"status": ["COMPLETED", "NOT_REQUIRED"]}, "234"),
    ({"status": ["COMPLETED", "COMPLETED"]}, "23"),
    ({"type": ["SECURITY"]}, "012"),
    ({"type": ["SOC_REPORT", "UPLOAD_REPORT"]}, "345"),
    ({"decision": ["APPROVED", "REJECTED"]}, "123"),
    ({"decision": ["PENDING"]}, "04"),
    ({"status": ["COMPLETED"], "type": ["SECURITY"]}, "2"),
    ({"status": ["COMPLETED", "IN_PROGRESS"], "type": ["SECURITY", "SOC_REPORT"], "decision": ["APPROVED"]}, "12"),
    ({"status": ["NOT_REQUIRED"], "decision": ["APPROVED"]}, ""),
    ({"createdAtFrom": 2}, "345"),
    ({"createdAtTo": 2}, "0123"),
    ({"createdAtFrom": 3, "createdAtTo": 2}, "23"),
    ({"updatedAtFrom": 1}, "01"),
    ({"updatedAtTo": 4}, "45"),
    ({"updatedAtFrom": 3, "updatedAtTo": 3}, "3"),
    ({"createdAtFrom": 4, "updatedAtFrom": 3, "type": ["SECURITY"]}, "12"),
]


@pytest.mark.parametrize(("query", "found"), FILTERS, ids=str)
@pytest.mark.parametrize("size", [1, 2, 500])
def test_filters_narrow_the_list_whatever_the_page(
    acme: Account, several: list[Subject], query: dict[str, Any], found: str, size: int
) -> None:
    sent = {name: day(value) if isinstance(value, int) else value for name, value in query.items()}

    assert titles(acme, size=size, **sent) == found
    assert titles(acme, size=size, sortDir="DESC", **sent) == found[::-1]
    assert titles(acme, size=size, sort="updatedAt", **sent) == found[::-1]
    assert titles(acme, size=size, sort="updatedAt", sortDir="DESC", **sent) == found
    counted = good(checked(acme.alice).get(ACROSS, params={"includeTotalCount": "true", **bracketed(sent)}))
    assert counted["pagination"]["totalCount"] == len(found)


@pytest.mark.parametrize(("query", "found"), FILTERS, ids=str)
def test_the_list_of_a_vendor_has_its_own(
    acme: Account, several: list[Subject], query: dict[str, Any], found: str
) -> None:
    sent = {name: day(value) if isinstance(value, int) else value for name, value in query.items()}

    for place in (0, 1):
        vendor_id = several[place].vendor_id
        own = "".join(title for title in found if int(title) % 2 == place)
        assert titles(acme, reviews_of(vendor_id), size=1, **sent) == own
        assert titles(acme, size=1, vendorIds=[vendor_id], **sent) == own
        assert titles(acme, reviews_of(vendor_id), size=1, sort="updatedAt", **sent) == own[::-1]
        assert titles(acme, size=1, vendorIds=[several[0].vendor_id, several[1].vendor_id, NOBODYS], **sent) == found


def test_reviews_of_a_deleted_vendor_are_out_of_reach_and_kept(acme: Account, several: list[Subject]) -> None:
    vendor_id = several[0].vendor_id
    delete_vendor(acme, vendor_id)

    assert titles(acme) == "135"
    assert titles(acme, status=["COMPLETED", "IN_PROGRESS"]) == "135"
    assert titles(acme, vendorIds=[vendor_id]) == ""
    refused(checked(acme.alice).get(reviews_of(vendor_id)), 404)
    refused(several[0].alice.get(several[0].path), 404)


def test_a_cursor_fits_only_its_own_filters(acme: Account, several: list[Subject]) -> None:
    first = good(checked(acme.alice).get(f"{ACROSS}?size=1&status[]=COMPLETED"))
    cursor = first["pagination"]["cursor"]

    assert good(checked(acme.alice).get(f"{ACROSS}?size=1&status[]=COMPLETED&cursor={cursor}"))["data"]
    for query in (
        "size=1",
        "status[]=IN_PROGRESS",
        "status[]=COMPLETED&sortDir=DESC",
        "status[]=COMPLETED&vendorIds[]=1",
    ):
        refused(checked(acme.alice).get(f"{ACROSS}?{query}&cursor={cursor}"), 400, "cursor")
    refused(checked(acme.alice).get(f"{reviews_of(several[0].vendor_id)}?status[]=COMPLETED&cursor={cursor}"), 400)


@pytest.mark.parametrize(
    "query",
    [
        "status[]=DONE",
        "status[]=",
        "type[]=SOC",
        "decision[]=NONE",
        "createdAtFrom=yesterday",
        "createdAtFrom=2025-02-30",
        "createdAtTo=2025-01-01T00:00:00Z",
        "updatedAtFrom=1",
        "updatedAtTo=",
        "expand[]=users",
        "sort=name",
        "sortDir=UP",
        "size=0",
        "size=501",
        "cursor=x",
        "createdAtFrom=2025-01-01&createdAtFrom=2025-01-02",
    ],
)
def test_what_does_not_fit_is_refused(acme: Account, initech: int, query: str) -> None:
    for path in (ACROSS, reviews_of(initech)):
        refused(checked(acme.alice).get(f"{path}?{query}"), 400)


@pytest.mark.parametrize("query", ["vendorIds[]=0", "vendorIds[]=abc", "vendorIds[]=2147483648", "vendorIds[]="])
def test_malformed_vendors_are_refused(acme: Account, query: str) -> None:
    refused(checked(acme.alice).get(f"{ACROSS}?{query}"), 400)


def test_more_than_500_vendors_are_refused(acme: Account) -> None:
    refused(checked(acme.alice).get(ACROSS, params={"vendorIds[]": [*range(1, 502)]}), 400)


def test_the_ends_of_the_calendar_are_days_like_others(acme: Account, several: list[Subject]) -> None:
    assert titles(acme, createdAtFrom="0001-01-01", createdAtTo="9999-12-31", updatedAtTo="9999-12-31") == "012345"


@pytest.mark.parametrize(
    ("expand", "shown"),
    [
        ([], set()),
        (["user"], {"user"}),
        (["requesterUser"], {"requesterUser"}),
        (["user", "requesterUser"], {"user", "requesterUser"}),
    ],
)
def test_people_are_shown_when_asked_for(soc: Subject, expand: list[str], shown: set[str]) -> None:
    good(soc.patch(userId=soc.account.alice_id))
    people = {"user", "requesterUser", "vendor"}
    query = {"expand[]": expand}

    answers = [
        soc.get(*expand),
        good(soc.alice.get(reviews_of(soc.vendor_id), params=query))["data"][0],
        good(soc.alice.get(ACROSS, params=query))["data"][0],
    ]

    for answer in answers:
        assert people.intersection(answer) == shown
        assert all(answer[name]["id"] == soc.account.alice_id for name in shown)
    assert answers[0] == answers[1] == answers[2]


def test_a_review_without_a_reviewer_shows_null(soc: Subject) -> None:
    assert soc.get("user")["user"] is None


def test_only_the_list_across_vendors_shows_vendors(soc: Subject) -> None:
    (review,) = good(soc.alice.get(f"{ACROSS}?expand[]=vendor"))["data"]

    assert review["vendor"] == {"id": soc.vendor_id, "name": "Initech"}
    refused(soc.alice.get(f"{reviews_of(soc.vendor_id)}?expand[]=vendor"), 400)
    refused(soc.alice.get(f"{soc.path}?expand[]=vendor"), 400)


def test_forms_are_shown_in_lists_too(soc: Subject, acme: Account) -> None:
    add(acme, soc.vendor_id, securityReviewType="SECURITY")
    soc.fill()

    report, other = good(soc.alice.get(ACROSS))["data"]

    assert report["socReviewForm"] == soc.get()["socReviewForm"]
    assert "socReviewForm" not in other


def test_a_vendor_that_is_not_there_has_no_list(acme: Account) -> None:
    refused(checked(acme.alice).get(reviews_of(NOBODYS)), 404)
    refused(checked(acme.alice).get(reviews_of(0)), 400)


@pytest.mark.parametrize("review_id", ["0", "abc", "1.0", "2147483648", "%00"])
def test_a_malformed_review_is_400(soc: Subject, review_id: str) -> None:
    refused(soc.alice.get(f"{reviews_of(soc.vendor_id)}/{review_id}"), 400)


def test_a_review_is_found_only_through_its_vendor(soc: Subject, acme: Account) -> None:
    other = add_vendor(acme, name="Umbrella")

    refused(soc.alice.get(f"{reviews_of(other)}/{soc.id}"), 404, f"of vendor {other}")
    refused(soc.alice.get(f"{reviews_of(NOBODYS)}/{soc.id}"), 404, f"vendor {NOBODYS}")
    refused(soc.alice.get(f"{reviews_of(soc.vendor_id)}/{NOBODYS}"), 404, f"{NOBODYS} of vendor")
