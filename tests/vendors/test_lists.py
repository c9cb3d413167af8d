"""Lists of vendors by cursor: order, filters, pages (Q10 to Q12, Q16)."""

from typing import Any

import pytest

from tests.factories import Account, World
from tests.vendors.cast import VENDORS, add, change, checked, colleague, everything, get, names, new_type, refused
from trustwright.accounts.roles import Role


@pytest.fixture(scope="module")
def five(world: World) -> Account:
    """An account with five vendors."""
    account = world.account("Five")
    bob = colleague(account, Role.ADMIN)
    own = new_type(account, "Open source project")["id"]
    add(account, name="Ant", category="HR", risk="HIGH", status="ACTIVE", type="VENDOR", userId=account.alice_id)
    add(account, name="Bee", category="SALES", risk="LOW", status="ARCHIVED", type="PARTNER", userId=bob)
    add(account, name="Cat", category="HR", impactLevel="MAJOR", isSubProcessor=True, renewalDate="2031-05-06")
    dog = add(account, name="Dog", renewalScheduleType="ONE_YEAR", impactLevel="UNSCORED")
    change(account, dog, vendorTypeId=own)
    add(account, name="Eel", category="NONE", status="NONE", type="NONE", renewalScheduleType="NONE")
    return account


def ids(account: Account) -> dict[str, int]:
    """Ids that filters ask for."""
    types = account.alice.get("/public/v2/vendor-types").json()["data"]
    owners = [get(account, {"id": each["id"]}, "user")["user"] for each in everything(account.alice, VENDORS)]
    bob = next(owner["id"] for owner in owners if owner and owner["id"] != account.alice_id)
    return {"alice": account.alice_id, "bob": bob, "own": types[0]["id"]}


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "Ant Bee Cat Dog Eel"),
    ({"category": "HR"}, "Ant Cat"),
    ({"category": "NONE"}, "Dog Eel"),
    ({"categories[]": ["HR", "SALES"]}, "Ant Bee Cat"),
    ({"categories": "SALES"}, "Bee"),
    ({"categories[0]": "SALES", "categories[1]": "NONE"}, "Bee Dog Eel"),
    ({"category": "HR", "categories[]": ["SALES", "HR"]}, "Ant Cat"),
    ({"category": "HR", "categories[]": ["SALES"]}, ""),
    ({"risk": "HIGH"}, "Ant"),
    ({"risk": "NONE"}, "Cat Dog Eel"),
    ({"status": "ACTIVE"}, "Ant"),
    ({"status": "NONE"}, "Cat Dog Eel"),
    ({"statuses[]": ["ACTIVE", "ARCHIVED"]}, "Ant Bee"),
    ({"status": "ARCHIVED", "statuses[]": ["ACTIVE"]}, ""),
    ({"type": "VENDOR"}, "Ant"),
    ({"types[]": ["VENDOR", "PARTNER"]}, "Ant Bee"),
    ({"type": "NONE"}, "Cat Dog Eel"),
    ({"vendorTypeIds[]": "own"}, "Dog"),
    ({"vendorTypeIds[]": 2**31 - 1}, ""),
    ({"isSubProcessor": "true"}, "Cat"),
    ({"isSubProcessor": "FALSE"}, "Ant Bee Dog Eel"),
    ({"impactLevel": "MAJOR"}, "Cat"),
    ({"impactLevel": "UNSCORED"}, "Ant Bee Dog Eel"),
    ({"renewalDate": "2031-05-06"}, "Cat"),
    ({"renewalDate": "2031-05-07"}, ""),
    ({"renewalScheduleType": "ONE_YEAR"}, "Dog"),
    ({"renewalScheduleType": "NONE"}, "Ant Bee Cat Eel"),
    ({"vendorUserIds[]": "alice"}, "Ant"),
    ({"vendorUserIds[]": ["alice", "bob"]}, "Ant Bee"),
    ({"category": "HR", "vendorUserIds[]": "bob"}, ""),
    ({"category": "HR", "risk": "HIGH", "status": "ACTIVE", "type": "VENDOR", "vendorUserIds[]": "alice"}, "Ant"),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_a_vendor_is_found_by_all_filters_at_once(five: Account, query: dict[str, Any], expected: str) -> None:
    known = ids(five)
    asked = {
        name: [known.get(each, each) for each in value] if isinstance(value, list) else known.get(value, value)
        for name, value in query.items()
    }

    assert names(five, **asked) == expected.split()
    assert names(five, size=1, **asked) == expected.split()


@pytest.mark.parametrize(("query", "expected"), FILTERS[:6])
def test_the_total_counts_what_is_found(five: Account, query: dict[str, Any], expected: str) -> None:
    page = checked(five.alice).get(VENDORS, params={**query, "includeTotalCount": "true", "size": 2}).json()

    assert page["pagination"]["totalCount"] == len(expected.split())
    assert len(page["data"]) == min(2, len(expected.split()))


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"sort": "name"}, "Ant Bee Cat Dog Eel"),
        ({"sort": "name", "sortDir": "DESC"}, "Eel Dog Cat Bee Ant"),
        ({"sort": "createdAt", "sortDir": "DESC"}, "Eel Dog Cat Bee Ant"),
        ({"sort": "updatedAt"}, "Ant Bee Cat Dog Eel"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 500])
def test_pages_follow_the_order(five: Account, query: dict[str, Any], expected: str, size: int) -> None:
    assert names(five, size=size, **query) == expected.split()


def test_a_changed_vendor_comes_last_by_its_change(acme: Account) -> None:
    first = add(acme, name="Ant")
    add(acme, name="Bee")

    change(acme, first, notes="x")

    assert names(acme, sort="updatedAt") == ["Bee", "Ant"]


@pytest.mark.parametrize(
    "query",
    [
        {"sort": "risk"},
        {"sortDir": "asc"},
        {"size": 0},
        {"size": 501},
        {"cursor": "x"},
        {"category": "hr"},
        {"category": ""},
        {"categories[]": ["HR", "X"]},
        {"status": "DONE"},
        {"statuses": "ACTIVE,ARCHIVED"},
        {"type": "X"},
        {"types[]": "X"},
        {"risk": "CRITICAL"},
        {"impactLevel": "HIGH"},
        {"renewalDate": "soon"},
        {"renewalDate": "2031-05-06T00:00:00Z"},
        {"renewalScheduleType": "WEEKLY"},
        {"isSubProcessor": "yes"},
        {"vendorTypeIds[]": "0"},
        {"vendorTypeIds[]": "abc"},
        {"vendorUserIds[]": "1.5"},
        {"nextReviewDeadlineStatus[]": "SOON"},
        {"actionRequired": "maybe"},
        {"expand[]": "everything"},
        {"includeTotalCount": "many"},
    ],
)
def test_a_query_that_does_not_fit_is_refused(five: Account, query: dict[str, Any]) -> None:
    refused(checked(five.alice).get(VENDORS, params=query), 400)


def test_a_cursor_fits_only_the_filters_that_made_it(five: Account) -> None:
    cursor = five.alice.get(VENDORS, params={"size": 1, "category": "HR"}).json()["pagination"]["cursor"]

    refused(checked(five.alice).get(VENDORS, params={"size": 1, "category": "SALES", "cursor": cursor}), 400)
    refused(checked(five.alice).get(VENDORS, params={"size": 1, "cursor": cursor}), 400)
