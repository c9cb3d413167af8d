"""Vendor types that an account makes itself (vendor-reviews 4.2)."""

from typing import Any

import pytest

from tests.factories import Account
from tests.vendors.cast import (
    MALFORMED,
    NOBODYS,
    TYPES,
    add,
    change,
    checked,
    everything,
    names,
    new_type,
    refused,
    together,
)


def listed(account: Account, **query: Any) -> list[str]:
    return [each["name"] for each in everything(checked(account.alice), TYPES, **query)]


def test_a_type_is_made_listed_and_renamed(acme: Account) -> None:
    made = new_type(acme, "Open source project")
    assert set(made) == {"id", "name"}

    renamed = checked(acme.alice).put(f"{TYPES}/{made['id']}", json={"name": "Open source"})

    assert renamed.json() == {"id": made["id"], "name": "Open source"}
    assert everything(acme.alice, TYPES) == [renamed.json()]


def test_types_are_listed_in_pages(acme: Account) -> None:
    for name in ("b", "a", "c"):
        new_type(acme, name)

    assert listed(acme, size=1) == ["b", "a", "c"]
    assert listed(acme, size=2, sort="name") == ["a", "b", "c"]
    assert listed(acme, size=1, sort="createdAt", sortDir="DESC") == ["c", "a", "b"]
    total = checked(acme.alice).get(TYPES, params={"includeTotalCount": "true"}).json()["pagination"]["totalCount"]
    assert total == 3


@pytest.mark.parametrize("name", ["Cloud", "cloud", "CLOUD"])
def test_a_name_is_taken_in_any_case_of_letters(acme: Account, name: str) -> None:
    new_type(acme, "Cloud")
    other = new_type(acme, "Other")

    refused(checked(acme.alice).post(TYPES, json={"name": name}), 409, name)
    refused(checked(acme.alice).put(f"{TYPES}/{other['id']}", json={"name": name}), 409, name)

    assert listed(acme) == ["Cloud", "Other"]


def test_a_type_may_change_the_case_of_its_own_name(acme: Account) -> None:
    made = new_type(acme, "cloud")

    for name in ("Cloud", "Cloud"):
        assert checked(acme.alice).put(f"{TYPES}/{made['id']}", json={"name": name}).json()["name"] == "Cloud"


def test_of_two_that_take_a_name_at_once_one_gets_it(acme: Account) -> None:
    one, two = checked(acme.client(acme.api_key)), checked(acme.client(acme.api_key))
    first, second = new_type(acme, "One"), new_type(acme, "Two")

    made = together(*(lambda each=each: each.post(TYPES, json={"name": "New"}) for each in (one, two)))
    renamed = together(
        lambda: one.put(f"{TYPES}/{first['id']}", json={"name": "Same"}),
        lambda: two.put(f"{TYPES}/{second['id']}", json={"name": "Same"}),
    )

    assert sorted(answer.status_code for answer in made) == [201, 409]
    assert sorted(answer.status_code for answer in renamed) == [200, 409]


def test_a_deleted_type_is_gone_and_its_name_is_free(acme: Account) -> None:
    made = new_type(acme, "Cloud")

    deleted = checked(acme.alice).delete(f"{TYPES}/{made['id']}")

    assert (deleted.status_code, deleted.content) == (204, b"")
    assert listed(acme) == []
    refused(checked(acme.alice).delete(f"{TYPES}/{made['id']}"), 404)
    refused(checked(acme.alice).put(f"{TYPES}/{made['id']}", json={"name": "x"}), 404)
    assert new_type(acme, "Cloud")["id"] != made["id"]


def test_the_vendors_of_a_deleted_type_keep_it(acme: Account) -> None:
    made = new_type(acme, "Cloud")
    vendor = add(acme)
    change(acme, vendor, vendorTypeId=made["id"])

    checked(acme.alice).delete(f"{TYPES}/{made['id']}")
    change(acme, vendor, notes="still", vendorTypeId=made["id"])

    assert names(acme, **{"vendorTypeIds[]": made["id"]}) == ["Initech"]


@pytest.mark.parametrize(
    "body", [{}, {"name": None}, {"name": ""}, {"name": "  "}, {"name": "x" * 192}, {"name": 7}, []]
)
def test_a_type_needs_a_name(acme: Account, body: Any) -> None:
    made = new_type(acme, "Cloud")

    refused(checked(acme.alice).post(TYPES, json=body), 400)
    refused(checked(acme.alice).put(f"{TYPES}/{made['id']}", json=body), 400)

    assert listed(acme) == ["Cloud"]


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
def test_a_type_that_never_was_is_not_found(acme: Account, method: str) -> None:
    refused(checked(acme.alice).request(method, f"{TYPES}/{NOBODYS}", json={"name": "x"}), 404)


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_id_is_refused(acme: Account, method: str, malformed: str) -> None:
    refused(checked(acme.alice).request(method, f"{TYPES}/{malformed}", json={"name": "x"}), 400)


@pytest.mark.parametrize("query", [{"sort": "risk"}, {"size": "501"}, {"cursor": "x"}])
def test_a_list_query_that_does_not_fit_is_refused(acme: Account, query: dict[str, str]) -> None:
    refused(checked(acme.alice).get(TYPES, params=query), 400)
