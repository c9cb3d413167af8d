"""What is expanded is there, what is not is left out; a list is expanded like one (Q18)."""

import pytest

from tests.factories import Account
from tests.records.cast import everything
from tests.vendors.cast import VENDORS, Json, add, checked, get, refused, start_review, upload_papers
from trustwright.accounts.roles import Role

# By the word that asks for it the property that it fills; the others fill none.
FILLED = {
    "customFields": "customFields",
    "documents": "documents",
    "integrations": "integrations",
    "lastQuestionnaire": "lastQuestionnaire",
    "latestSecurityReviews": "latestSecurityReviews",
    "reviews": "reviews",
    "vendorUser": "user",
    "user": "user",
    "vendorRelationshipContact": "vendorRelationshipContact",
}
EMPTY = ["dataAccessedOrProcessed", "scheduleConfiguration", "customVendorType"]


@pytest.fixture
def rich(acme: Account) -> Json:
    """A vendor with something to show for every expansion."""
    bob = acme.user("bob@acme.test", Role.EMPLOYEE)
    vendor = add(
        acme,
        userId=acme.alice_id,
        vendorRelationshipContact={"userId": bob},
        integrations=[add(acme, name="Hooli")["id"]],
        customFields=[{"name": "Tier", "value": "1"}],
        contactEmail="bill@initech.example",
    )
    start_review(acme, vendor)
    start_review(acme, vendor, "SOC_REPORT")
    upload_papers(acme, vendor)
    return get(acme, vendor)


def test_without_expansion_nothing_is_expanded(rich: Json) -> None:
    assert not set(FILLED.values()) - {"integrations"} & set(rich)
    assert rich["integrations"] is None


@pytest.mark.parametrize(("word", "name"), FILLED.items())
def test_an_expansion_fills_its_property_and_no_other(acme: Account, rich: Json, word: str, name: str) -> None:
    shown = get(acme, rich, word)

    assert shown[name]
    assert {key: value for key, value in shown.items() if key != name} == {
        key: value for key, value in rich.items() if key != name
    }


@pytest.mark.parametrize("word", EMPTY)
def test_some_words_are_taken_and_fill_nothing(acme: Account, rich: Json, word: str) -> None:
    assert get(acme, rich, word) == rich


def test_an_unknown_word_is_refused(acme: Account) -> None:
    vendor = add(acme)

    for path in (VENDORS, f"{VENDORS}/{vendor['id']}"):
        refused(checked(acme.alice).get(path, params={"expand[]": "secrets"}), 400, "expand")


@pytest.mark.parametrize("word", FILLED)
def test_of_a_vendor_with_nothing_an_expansion_is_empty(acme: Account, word: str) -> None:
    assert get(acme, add(acme), word)[FILLED[word]] in (None, [])


def test_a_list_is_expanded_like_one(acme: Account, rich: Json) -> None:
    add(acme, name="Globex")
    words = [*FILLED, *EMPTY]

    listed = everything(checked(acme.alice), VENDORS, **{"expand[]": words})

    assert listed == [get(acme, vendor, *words) for vendor in listed]
    assert [vendor["name"] for vendor in listed] == ["Hooli", "Initech", "Globex"]


def test_the_reviews_of_a_vendor_come_newest_first(acme: Account, rich: Json) -> None:
    shown = get(acme, rich, "latestSecurityReviews", "reviews")

    assert [review["type"] for review in shown["latestSecurityReviews"]] == ["SOC_REPORT", "SECURITY"]
    assert {review["vendorId"] for review in shown["latestSecurityReviews"]} == {rich["id"]}
    assert [review["id"] for review in shown["reviews"]] == [shown["latestSecurityReviews"][0]["id"]]


def test_a_document_is_expanded_without_its_link(acme: Account, rich: Json) -> None:
    (document,) = get(acme, rich, "documents")["documents"]

    assert (document["name"], document["type"]) == ("report.pdf", "COMPLIANCE_REPORT")
    assert "downloadUrl" not in document


def test_the_last_questionnaire_is_the_one_that_came_back(acme: Account, rich: Json) -> None:
    last = get(acme, rich, "lastQuestionnaire")["lastQuestionnaire"]

    assert (last["vendorId"], last["isManualUpload"], last["sentEmail"]) == (rich["id"], True, "bill@initech.example")
