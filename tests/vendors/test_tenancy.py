"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from typing import Any

import pytest

from tests.factories import Account
from tests.vendors.cast import (
    NOBODYS,
    STATS,
    TYPES,
    VENDORS,
    VENDORS_V1,
    Json,
    add,
    checked,
    everything,
    get,
    names_v1,
    new_type,
    post,
    put,
    refused,
)


@pytest.fixture
def theirs(globex: Account) -> Json:
    """A vendor of Globex's."""
    return add(globex, name="Hooli", customFields=[{"name": "Tier", "value": "1"}], contactEmail="a@x.example")


def requests(vendor_id: int) -> list[tuple[str, str, Any]]:
    path = f"{VENDORS}/{vendor_id}"
    return [
        ("GET", path, None),
        ("PUT", path, {"notes": "ours"}),
        ("DELETE", path, None),
        ("GET", f"{VENDORS_V1}/{vendor_id}", None),
    ]


def answers(account: Account, vendor_id: int) -> list[tuple[int, str]]:
    """Status and message of each answer."""
    asked = requests(vendor_id)
    found = [checked(account.alice).request(method, path, json=body) for method, path, body in asked]
    return [(answer.status_code, answer.json()["message"].replace(str(vendor_id), "...")) for answer in found]


def test_a_vendor_of_another_account_is_like_one_that_never_was(acme: Account, globex: Account, theirs: Json) -> None:
    found = answers(acme, theirs["id"])

    assert {status for status, _ in found} == {404}
    assert found == answers(acme, NOBODYS)
    assert get(globex, theirs) == theirs


def test_lists_and_counts_show_only_vendors_of_the_account(acme: Account, theirs: Json) -> None:
    own = add(acme)

    assert everything(checked(acme.alice), VENDORS, includeTotalCount="true") == [own]
    assert names_v1(acme) == ["Initech"]
    risks = checked(acme.alice).get(STATS, params={"expand[]": "risk"}).json()["risk"]
    assert sum(each["count"] for each in risks) == 1


def test_a_cursor_of_another_account_shows_nothing_of_it(acme: Account, globex: Account, theirs: Json) -> None:
    add(globex, name="Second")
    cursor = globex.alice.get(VENDORS, params={"size": 1}).json()["pagination"]["cursor"]

    shown = checked(acme.alice).get(VENDORS, params={"size": 1, "cursor": cursor}).json()

    assert shown["data"] == []


def test_nothing_of_another_account_can_be_named(acme: Account, globex: Account, theirs: Json) -> None:
    vendor = add(acme)
    type_id = new_type(globex, "Cloud")["id"]
    (field,) = get(globex, theirs, "customFields")["customFields"]
    foreign = {
        "userId": globex.alice_id,
        "integrations": [theirs["id"]],
        "vendorRelationshipContact": {"userId": globex.alice_id},
        "customFields": [{"id": field["customFieldId"], "value": "2"}],
    }

    for name, value in foreign.items():
        refused(post(acme, **{name: value}), 400, name)
        refused(put(acme, vendor, **{name: value}), 400, name)
    refused(put(acme, vendor, vendorTypeId=type_id), 400, "vendorTypeId")

    assert everything(acme.alice, VENDORS) == [vendor]
    assert get(globex, theirs, "customFields")["customFields"] == [field]


def test_filters_by_ids_of_another_account_find_nothing(acme: Account, globex: Account) -> None:
    add(acme, userId=acme.alice_id)

    for name, value in (("vendorUserIds[]", globex.alice_id), ("vendorTypeIds[]", new_type(globex, "Cloud")["id"])):
        assert everything(checked(acme.alice), VENDORS, **{name: value}) == []


def test_a_type_of_another_account_is_like_one_that_never_was(acme: Account, globex: Account) -> None:
    theirs = new_type(globex, "Cloud")

    for type_id in (theirs["id"], NOBODYS):
        refused(checked(acme.alice).put(f"{TYPES}/{type_id}", json={"name": "Ours"}), 404)
        refused(checked(acme.alice).delete(f"{TYPES}/{type_id}"), 404)

    assert everything(globex.alice, TYPES) == [theirs]
    assert everything(acme.alice, TYPES) == []
    assert new_type(acme, "Cloud")["name"] == "Cloud"


def test_custom_fields_of_the_same_name_belong_to_their_accounts(acme: Account, globex: Account, theirs: Json) -> None:
    own = add(acme, customFields=[{"name": "Tier", "value": "9"}])

    (mine,) = get(acme, own, "customFields")["customFields"]
    (field,) = get(globex, theirs, "customFields")["customFields"]

    assert mine["customFieldId"] != field["customFieldId"]
    assert field["value"] == "1"
