"""A change of a vendor touches what it names and what follows from that; null clears, absence leaves."""

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.factories import Account, World
from tests.vendors.cast import (
    MALFORMED,
    NOBODYS,
    VENDORS,
    Json,
    add,
    change,
    checked,
    get,
    names,
    new_type,
    post,
    put,
    refused,
    together,
)
from tests.vendors.test_new_vendors import ECHOED, REFUSED, each

FULL = {
    "category": "HR",
    "risk": "HIGH",
    "status": "ACTIVE",
    "critical": True,
    "url": "https://initech.example",
    "privacyUrl": "https://initech.example/privacy",
    "servicesProvided": "TPS reports",
    "dataStored": "Names",
    "location": "Austin",
    "hasPii": True,
    "passwordPolicy": "SSO",
    "passwordMinLength": 8,
    "contactAtVendor": "Bill",
    "contactsEmail": "bill@initech.example",
    "notes": "Call before ten.",
    "type": "SUPPLIER",
    "operationalImpact": "LOW",
    "environmentAccess": "READ_ONLY",
    "impactLevel": "MAJOR",
    "dataAccessedOrProcessedList": ["GENERAL"],
    "cost": "5000",
}
CLEARED = [
    "category",
    "status",
    "critical",
    "url",
    "servicesProvided",
    "dataStored",
    "passwordPolicy",
    "passwordMinLength",
    "contactAtVendor",
    "contactsEmail",
    "type",
    "operationalImpact",
    "environmentAccess",
    "impactLevel",
    "dataAccessedOrProcessedList",
    "cost",
]


@pytest.fixture(scope="module")
def shared(world: World) -> Account:
    return world.account("Shared")


@pytest.fixture(scope="module")
def full(shared: Account) -> Json:
    """A vendor of which much is said."""
    return add(shared, **FULL)


def without_time(vendor: Json) -> Json:
    """What else there is of a vendor; being an active sub-processor follows from being one."""
    return {name: value for name, value in vendor.items() if name not in ("updatedAt", "isSubProcessorActive")}


@pytest.mark.parametrize(("name", "value"), each(ECHOED))
def test_a_change_touches_what_it_names(shared: Account, name: str, value: Any) -> None:
    before = add(shared, **FULL)

    after = change(shared, before, **{name: value})

    assert after[name] == value
    assert without_time(after) == without_time(before) | {name: value}
    assert get(shared, before) == after


@pytest.mark.parametrize("name", CLEARED)
def test_null_clears(shared: Account, name: str) -> None:
    vendor = add(shared, **FULL)

    assert change(shared, vendor, **{name: None})[name] is None


@pytest.mark.parametrize(("name", "value"), [*each(REFUSED), ("vendorTypeId", 0), ("vendorTypeId", "1")])
def test_what_does_not_fit_changes_nothing(shared: Account, full: Json, name: str, value: Any) -> None:
    refused(put(shared, full, **{"location": "Elsewhere", name: value}), 400, name)

    assert get(shared, full) == full


def test_an_empty_change_changes_nothing_at_all(acme: Account) -> None:
    vendor = add(acme, **FULL)

    assert change(acme, vendor) == vendor
    assert change(acme, vendor, **FULL) == vendor


def test_a_change_is_noted_in_time(acme: Account) -> None:
    vendor = add(acme)

    after = change(acme, vendor, risk="LOW")

    assert after["createdAt"] == vendor["createdAt"] == vendor["updatedAt"]
    assert after["updatedAt"] > after["createdAt"]


@pytest.mark.parametrize("spelling", ["contactEmail", "contactsEmail"])
def test_either_spelling_changes_the_contacts(acme: Account, spelling: str) -> None:
    vendor = add(acme, contactEmail="a@x.example")

    assert change(acme, vendor, **{spelling: "b@y.example"})["contactsEmail"] == "b@y.example"
    assert change(acme, vendor, **{spelling: None})["contactsEmail"] is None


def test_confirming_tells_since_when(acme: Account) -> None:
    vendor = add(acme, confirmed=True)
    assert vendor["confirmedAt"] == vendor["createdAt"]

    again = change(acme, vendor, confirmed=True)
    assert again["confirmedAt"] == again["updatedAt"] > vendor["confirmedAt"]
    assert change(acme, vendor, risk="LOW")["confirmedAt"] == again["confirmedAt"]
    assert change(acme, vendor, confirmed=False)["confirmedAt"] is None
    assert add(acme, confirmed=None)["confirmedAt"] is None


def test_archiving_tells_since_when(acme: Account) -> None:
    vendor = add(acme, status="ARCHIVED")
    assert vendor["archivedAt"] == vendor["createdAt"]

    assert change(acme, vendor, status="ARCHIVED", risk="LOW")["archivedAt"] == vendor["archivedAt"]
    assert change(acme, vendor, notes="gone")["archivedAt"] == vendor["archivedAt"]
    assert change(acme, vendor, status="ACTIVE")["archivedAt"] is None
    assert change(acme, vendor, status="ARCHIVED")["archivedAt"] > vendor["archivedAt"]
    assert change(acme, vendor, status=None)["archivedAt"] is None


def test_a_new_trust_center_may_have_another_provider(acme: Account) -> None:
    vendor = add(acme, trustCenterUrl="https://trust.vanta.com/initech")

    assert change(acme, vendor, notes="x")["trustCenterProvider"] == "VANTA"
    assert change(acme, vendor, trustCenterUrl="https://trust.initech.example")["trustCenterProvider"] is None


def test_a_vendor_is_of_one_type_or_the_other(acme: Account) -> None:
    own = new_type(acme, "Open source project")["id"]
    vendor = add(acme, type="VENDOR")

    refused(put(acme, vendor, type="PARTNER", vendorTypeId=own), 400, "vendorTypeId")
    assert change(acme, vendor, vendorTypeId=own)["type"] is None
    assert names(acme, **{"vendorTypeIds[]": own}) == ["Initech"]
    assert change(acme, vendor, type="PARTNER")["type"] == "PARTNER"
    assert names(acme, **{"vendorTypeIds[]": own}) == []


def test_one_kind_of_type_may_be_cleared_while_the_other_is_named(acme: Account) -> None:
    own = new_type(acme, "Open source project")["id"]
    vendor = add(acme, type="VENDOR")

    change(acme, vendor, type=None, vendorTypeId=own)
    assert names(acme, **{"vendorTypeIds[]": own}) == ["Initech"]
    assert change(acme, vendor, type="OTHER", vendorTypeId=None)["type"] == "OTHER"


def test_a_type_that_is_none_is_refused(acme: Account) -> None:
    vendor = add(acme)
    gone = new_type(acme, "Gone")["id"]
    acme.alice.delete(f"/public/v2/vendor-types/{gone}")

    for type_id in (NOBODYS % 1_000_000_000, gone):
        refused(put(acme, vendor, vendorTypeId=type_id), 400, "vendorTypeId")


def test_integrations_are_vendors_of_the_account(acme: Account) -> None:
    globex, hooli = add(acme, name="Globex"), add(acme, name="Hooli")
    vendor = add(acme, integrations=[hooli["id"], globex["id"]])

    assert get(acme, vendor, "integrations")["integrations"] == [
        {"id": hooli["id"], "name": "Hooli"},
        {"id": globex["id"], "name": "Globex"},
    ]
    change(acme, vendor, integrations=[])
    assert get(acme, vendor, "integrations")["integrations"] == []
    refused(put(acme, vendor, integrations=[vendor["id"]]), 400, "integrations")
    refused(put(acme, vendor, integrations=[NOBODYS]), 400, "integrations")
    refused(post(acme, integrations=[globex["id"], NOBODYS]), 400, str(NOBODYS))


def test_a_deleted_vendor_is_no_integration(acme: Account) -> None:
    hooli = add(acme, name="Hooli")
    vendor, other = add(acme, integrations=[hooli["id"]]), add(acme)

    acme.alice.delete(f"{VENDORS}/{hooli['id']}")

    assert get(acme, vendor, "integrations")["integrations"] == []
    refused(put(acme, other, integrations=[hooli["id"]]), 400, "integrations")
    assert change(acme, vendor, integrations=[hooli["id"]], notes="as before")["notes"] == "as before"


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_a_vendor_that_never_was_is_not_found(acme: Account, method: str) -> None:
    refused(checked(acme.alice).request(method, f"{VENDORS}/{NOBODYS}", json={"notes": "x"}), 404)


@pytest.mark.parametrize(("method", "status"), [("GET", 404), ("PUT", 400), ("DELETE", 404)])
@pytest.mark.parametrize("malformed", MALFORMED)
def test_a_malformed_id_is_answered_as_the_operation_lists_it(
    acme: Account, method: str, status: int, malformed: str
) -> None:
    refused(checked(acme.alice).request(method, f"{VENDORS}/{malformed}", json={"notes": "x"}), status)


def test_two_changes_at_once_lose_nothing(acme: Account) -> None:
    vendor = add(acme)
    address = f"{VENDORS}/{vendor['id']}"

    def setter(number: int) -> Callable[[], httpx.Response]:
        client = checked(acme.client(acme.api_key))
        return lambda: client.put(address, json={"customFields": [{"name": f"Field {number}", "value": "x"}]})

    answers = together(*map(setter, range(8)))

    assert {answer.status_code for answer in answers} == {200}
    kept = get(acme, vendor, "customFields")["customFields"]
    assert sorted(each["name"] for each in kept) == [f"Field {number}" for number in range(8)]
