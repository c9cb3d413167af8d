"""A deleted vendor is out of sight, and its reviews stay for audits (decisions of vendor-reviews 4.1)."""

from tests.factories import Account
from tests.vendors.cast import (
    VENDORS,
    VENDORS_V1,
    add,
    checked,
    everything,
    names,
    names_v1,
    put,
    refused,
    review,
)


def test_a_deleted_vendor_is_shown_nowhere(acme: Account) -> None:
    gone, kept = add(acme, name="Gone"), add(acme, name="Kept")

    deleted = checked(acme.alice).delete(f"{VENDORS}/{gone['id']}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    refused(checked(acme.alice).get(f"{VENDORS}/{gone['id']}"), 404)
    refused(checked(acme.alice).get(f"{VENDORS_V1}/{gone['id']}"), 404)
    refused(put(acme, gone, notes="x"), 404)
    assert names(acme) == names_v1(acme) == [kept["name"]]
    total = acme.alice.get(VENDORS, params={"includeTotalCount": "true"}).json()["pagination"]["totalCount"]
    assert total == 1


def test_deleting_once_more_is_no_error(acme: Account) -> None:
    vendor = add(acme)

    answers = [checked(acme.alice).delete(f"{VENDORS}/{vendor['id']}") for _ in range(3)]

    assert [answer.status_code for answer in answers] == [204, 204, 204]
    deleted = [event for event in everything(acme.alice, "/public/v2/events") if event["type"] == "VENDOR_DELETED"]
    assert len(deleted) == 1


def test_the_reviews_of_a_deleted_vendor_stay(acme: Account) -> None:
    vendor = add(acme)
    review(acme, vendor, "COMPLETED", finished=-1)

    checked(acme.alice).delete(f"{VENDORS}/{vendor['id']}")

    kept = acme.sql("select status from reviews where account_id = %s and vendor_id = %s", vendor["id"])
    assert kept == [("COMPLETED",)]
