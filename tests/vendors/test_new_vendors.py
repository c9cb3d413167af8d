"""A vendor is created with what is said of it, and with nothing else (vendor-reviews 4.1, Q63)."""

import re
from typing import Any

import pytest

from tests.factories import Account, World
from tests.vendors.cast import VENDORS, add, checked, everything, get, post, refused

UNSAID = {
    "category": None,
    "risk": "NONE",
    "type": None,
    "critical": None,
    "status": None,
    "location": None,
    "url": None,
    "privacyUrl": None,
    "termsUrl": None,
    "trustCenterUrl": None,
    "trustCenterProvider": None,
    "servicesProvided": None,
    "dataStored": None,
    "hasPii": False,
    "passwordPolicy": None,
    "passwordRequiresMinLength": False,
    "passwordMinLength": None,
    "passwordRequiresNumber": False,
    "passwordRequiresSymbol": False,
    "passwordMfaEnabled": False,
    "contactAtVendor": None,
    "contactsEmail": None,
    "notes": None,
    "logoUrl": None,
    "isSubProcessor": False,
    "isSubProcessorActive": False,
    "archivedAt": None,
    "renewalDate": None,
    "renewalScheduleType": None,
    "renewalDateStatus": "NO_RENEWAL",
    "confirmedAt": None,
    "sharedAccountId": None,
    "isDrataUser": False,
    "events": None,
    "integrations": None,
    "cost": None,
    "operationalImpact": None,
    "environmentAccess": None,
    "impactLevel": None,
    "dataAccessedOrProcessedList": None,
    "catalogProductCandidateId": None,
}

ECHOED: dict[str, list[Any]] = {
    "name": ["I", "x" * 191],
    "hasPii": [True, False],
    "passwordRequiresNumber": [True],
    "passwordRequiresSymbol": [True],
    "passwordMfaEnabled": [True],
    "passwordRequiresMinLength": [True],
    "isSubProcessor": [True],
    "category": ["ENGINEERING", "INFORMATION_TECHNOLOGY", "NONE", None],
    "risk": ["NONE", "LOW", "MODERATE", "HIGH"],
    "status": ["PROSPECTIVE", "OFFBOARDED", "UNDER_REVIEW", "NONE", None],
    "critical": [True, False, None],
    "url": ["https://initech.example", "http://[::1]:8080/a?b=c#d", f"https://x.example/{'x' * 750}", None],
    "privacyUrl": ["https://initech.example/privacy"],
    "termsUrl": ["https://initech.example/terms"],
    "servicesProvided": ["TPS reports\nand more", "x" * 30_000, None],
    "dataStored": ["Names, ☎", None],
    "location": ["Austin"],
    "passwordPolicy": ["USERNAME_PASSWORD", "NOT_APPLICABLE", "SCIM", None],
    "passwordMinLength": [6, 12, None],
    "contactAtVendor": ["Bill L.", None],
    "contactsEmail": ["bill@initech.example", "a@x.example;b@y.example", None],
    "notes": ["", "Call before ten."],
    "type": ["VENDOR", "PARTNER", "NONE", None],
    "operationalImpact": ["NONE", "CRITICAL", None],
    "environmentAccess": ["NO", "READ_WRITE", None],
    "impactLevel": ["INSIGNIFICANT", "UNSCORED", None],
    "dataAccessedOrProcessedList": [["GENERAL", "CARDHOLDER_DATA"], [], None],
    "cost": ["0", "129900", None],
    "trustCenterUrl": ["https://trust.initech.example"],
}

REFUSED: dict[str, list[Any]] = {
    "name": ["", " \t", "x" * 192, 7, None],
    "hasPii": [None, "true", 1],
    "passwordRequiresNumber": [None],
    "passwordRequiresSymbol": [None],
    "passwordMfaEnabled": [None],
    "passwordRequiresMinLength": [None],
    "isSubProcessor": [None],
    "category": ["engineering", "", 1],
    "risk": [None, "CRITICAL"],
    "status": ["DONE"],
    "critical": ["Yes"],
    "userId": [0, -1, 1.5, "1", 1_000_000_001],
    "url": ["initech.example", "ftp://initech.example", "javascript:alert(1)", "https://", "https://a b", "https://[x"],
    "privacyUrl": [None, "x", f"https://{'x' * 761}"],
    "termsUrl": [None, "//initech.example"],
    "trustCenterUrl": [None, "mailto:a@b.example"],
    "servicesProvided": ["x" * 30_001],
    "dataStored": ["x" * 30_001],
    "location": [None, "x" * 30_001],
    "notes": [None, "x" * 30_001],
    "passwordPolicy": ["PASSWORD"],
    "passwordMinLength": [5, 13, 6.5, "8"],
    "contactAtVendor": ["x" * 192],
    "contactsEmail": ["", ";", "bill", "a@x.example,b@y.example", "a@x.example;b", f"{'x' * 185}@y.example"],
    "renewalDate": ["", "soon", "2026-02-30", 20260101],
    "renewalScheduleType": ["WEEKLY"],
    "confirmed": ["yes"],
    "type": ["RESELLER"],
    "accountId": [None, "x" * 37],
    "operationalImpact": ["MINOR"],
    "environmentAccess": ["NONE"],
    "impactLevel": ["LOW"],
    "dataAccessedOrProcessedList": [["GENERAL", "GENERAL"], ["SECRETS"], "GENERAL", [None]],
    "integrations": [None, [0], [1, 1], ["1"]],
    "cost": ["", "1.50", "-1", "€5", 5, "1\n"],
    "customFields": [
        None,
        [{"value": "x"}],
        [{"name": "Tier"}],
        [{"name": "Tier", "value": 1}],
        [{"id": 0, "value": ""}],
    ],
    "residualRiskLevelId": [0, "1"],
    "inherentRiskLevelId": [1_000_000_001],
    "vendorRelationshipContact": [{}, {"userId": None}, {"userId": 0}, 7],
}


def each(table: dict[str, list[Any]]) -> list[tuple[str, Any]]:
    return [(name, value) for name, values in table.items() for value in values]


@pytest.fixture(scope="module")
def shared(world: World) -> Account:
    """For those tests of the module that do not mind what the others left in it."""
    return world.account("Shared")


def test_of_a_vendor_with_only_a_name_nothing_else_is_said(acme: Account) -> None:
    made = add(acme)

    assert made.items() >= UNSAID.items()
    assert set(made) == {*UNSAID, "id", "name", "createdAt", "updatedAt", "_links"}
    assert made["createdAt"] == made["updatedAt"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", made["createdAt"])
    assert made["_links"]["self"]["href"].endswith(f"{VENDORS}/{made['id']}")


@pytest.mark.parametrize(("name", "value"), each(ECHOED))
def test_what_is_said_is_shown(shared: Account, name: str, value: Any) -> None:
    made = add(shared, **{name: value})

    assert made[name] == value
    assert get(shared, made) == made


@pytest.mark.parametrize(("name", "value"), each(REFUSED))
def test_what_does_not_fit_is_refused_by_name(shared: Account, name: str, value: Any) -> None:
    before = len(everything(shared.alice, VENDORS))

    refused(post(shared, **{name: value}), 400, name)

    assert len(everything(shared.alice, VENDORS)) == before


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"{}", b'{"name":"a\\u0000"}', b'{"name":"\\ud800"}'])
def test_a_body_that_is_no_vendor_is_refused(shared: Account, body: bytes) -> None:
    refused(checked(shared.alice).post(VENDORS, content=body), 400)


def test_unknown_properties_are_ignored(acme: Account) -> None:
    made = add(acme, colour="red", id=7, archivedAt="2020-01-01T00:00:00Z", renewalDateStatus="COMPLETED")

    assert (made["archivedAt"], made["renewalDateStatus"]) == (None, "NO_RENEWAL")


@pytest.mark.parametrize("spelling", ["contactEmail", "contactsEmail"])
def test_the_contacts_have_two_spellings(acme: Account, spelling: str) -> None:
    made = add(acme, **{spelling: " a@x.example ; b@y.example; "})

    assert made["contactsEmail"] == "a@x.example;b@y.example"
    assert "contactEmail" not in made


def test_two_spellings_that_disagree_are_refused(acme: Account) -> None:
    refused(post(acme, contactEmail="a@x.example", contactsEmail="b@y.example"), 400, "contactsEmail")


def test_a_vendor_that_shares_its_account_uses_a_platform_like_this(acme: Account) -> None:
    made = add(acme, accountId="5f0c1e0a-6c1d-4c57-9d0b-2b9f6f6f2a51")

    assert (made["sharedAccountId"], made["isDrataUser"]) == ("5f0c1e0a-6c1d-4c57-9d0b-2b9f6f6f2a51", True)


def test_an_active_sub_processor_is_a_sub_processor(acme: Account) -> None:
    assert add(acme, isSubProcessor=True)["isSubProcessorActive"] is True


def test_two_vendors_may_have_the_same_name(acme: Account) -> None:
    assert add(acme)["id"] != add(acme)["id"]


@pytest.mark.parametrize(
    ("address", "provider"),
    [
        ("https://security.initech.example", None),
        ("https://initech.safebase.us/?product=tps", "SAFEBASE"),
        ("https://TRUST.Vanta.com/initech", "VANTA"),
        ("https://drata.com:443/trust", "DRATA"),
        ("https://notdrata.com", None),
        ("https://drata.com.evil.example", None),
        ("https://drata.com@evil.example", None),
    ],
)
def test_a_trust_centers_host_tells_its_provider(acme: Account, address: str, provider: str | None) -> None:
    assert add(acme, trustCenterUrl=address)["trustCenterProvider"] == provider
