"""Vendors in version 1: the same vendors, in its own shapes, lists and filters (Q10, Q12, Q17)."""

from typing import Any

import pytest

from tests.documents import pdf
from tests.factories import Account, World
from tests.vendors.cast import (
    MALFORMED,
    NOBODYS,
    VENDORS,
    VENDORS_V1,
    Json,
    add,
    checked,
    colleague,
    get,
    names_v1,
    refused,
    start_review,
    upload_papers,
)
from trustwright.accounts.roles import Role


def post_v1(account: Account, **fields: Any) -> Json:
    made = checked(account.alice).post(VENDORS_V1, json={"name": "Initech", **fields})
    assert made.status_code == 201, made.text
    vendor: Json = made.json()
    return vendor


def get_v1(account: Account, vendor: Json) -> Json:
    found = checked(account.alice).get(f"{VENDORS_V1}/{vendor['id']}")
    assert found.status_code == 200, found.text
    shown: Json = found.json()
    return shown


@pytest.fixture
def rich(acme: Account) -> Json:
    """A vendor with people, a document, reviews and a questionnaire that came back."""
    hooli = add(acme, name="Hooli")
    bob = {"userId": acme.user("bob@acme.test", Role.EMPLOYEE)}
    vendor = add(acme, userId=acme.alice_id, integrations=[hooli["id"]], vendorRelationshipContact=bob, cost="7")
    start_review(acme, vendor)
    start_review(acme, vendor, "SOC_REPORT")
    upload_papers(acme, vendor)
    return vendor


def test_a_vendor_of_one_version_is_a_vendor_of_the_other(acme: Account) -> None:
    made = post_v1(acme, contactsEmail="a@x.example", privacyUrl=None, excludeIds=[1], accountId="abc")

    assert made["id"] == get(acme, made)["id"]
    shared = set(made) & set(get(acme, made)) - {"integrations"}
    assert {name: made[name] for name in shared} == {name: get(acme, made)[name] for name in shared}
    assert get_v1(acme, made) == made


def test_a_new_vendor_embeds_what_there_is(acme: Account) -> None:
    made = post_v1(acme, userId=acme.alice_id)

    assert made["user"]["email"] == acme.alice_email
    assert (made["documents"], made["reviews"], made["integrations"]) == ([], [], [])
    assert (made["lastQuestionnaire"], made["vendorRelationshipContact"], made["riskCount"]) == (None, None, None)


def test_the_contacts_may_be_longer_than_in_version_2(acme: Account) -> None:
    long = ";".join(f"person{number:03d}@initech.example" for number in range(56))
    assert 1_450 < len(long) <= 1_500

    assert post_v1(acme, contactsEmail=long)["contactsEmail"] == long
    refused(
        checked(acme.alice).post(VENDORS_V1, json={"name": "x", "contactsEmail": f"{long};{'x' * 60}@y.example"}), 400
    )
    refused(checked(acme.alice).post(VENDORS, json={"name": "x", "contactsEmail": long}), 400)


@pytest.mark.parametrize("body", [b"", b"{}", b'{"name":""}', b'{"name":"x","risk":null}', b'{"name":"x","userId":0}'])
def test_a_body_that_is_no_vendor_is_refused(acme: Account, body: bytes) -> None:
    refused(checked(acme.alice).post(VENDORS_V1, content=body), 400)


def test_one_vendor_is_shown_with_all_that_belongs_to_it(acme: Account, rich: Json) -> None:
    shown = get_v1(acme, rich)

    assert (shown["user"]["id"], shown["vendorRelationshipContact"]["email"]) == (acme.alice_id, "bob@acme.test")
    assert [each["name"] for each in shown["integrations"]] == ["Hooli"]
    assert [each["type"] for each in shown["latestSecurityReviews"]] == ["SOC_REPORT", "SECURITY"]
    assert shown["latestSecurityReviews"][0]["requesterUser"]["email"] == acme.alice_email
    assert len(shown["reviews"]) == 1
    assert shown["lastQuestionnaire"]["isManualUpload"] is True
    assert shown["cost"] == "7"
    (document,) = shown["documents"]
    assert document["name"] == "report.pdf"


def test_the_address_of_a_document_gives_its_file(acme: Account, rich: Json) -> None:
    (document,) = get_v1(acme, rich)["documents"]

    downloaded = acme.client(None).get(document["fileUrl"])

    assert downloaded.status_code == 200
    assert downloaded.content == pdf("Report")


def test_the_list_shows_the_newest_review_and_no_details(acme: Account, rich: Json) -> None:
    page = checked(acme.alice).get(VENDORS_V1, params={"q": "Initech"}).json()

    (listed,) = page["data"]
    one = get_v1(acme, rich)
    assert listed["securityReview"] == one["latestSecurityReviews"][0]
    assert set(one) - set(listed) == {
        "cost",
        "operationalImpact",
        "environmentAccess",
        "dataAccessedOrProcessedList",
        "integrations",
        "latestSecurityReviews",
        "risksWithAnticipatedCompletionDateCount",
    }
    alike = set(one) & set(listed) - {"documents", "lastQuestionnaire"}
    assert {name: listed[name] for name in alike} == {name: one[name] for name in alike}
    assert (page["page"], page["limit"], page["total"]) == (1, 20, 1)


def test_the_list_shows_questionnaires_only_when_asked(acme: Account, rich: Json) -> None:
    def last(**query: Any) -> Any:
        return (
            checked(acme.alice).get(VENDORS_V1, params={"q": "Initech", **query}).json()["data"][0]["lastQuestionnaire"]
        )

    assert last() is None
    assert last(withLastQuestionnaires="false") is None
    assert last(withLastQuestionnaires="true") == get_v1(acme, rich)["lastQuestionnaire"]


@pytest.mark.parametrize("malformed", [*MALFORMED, NOBODYS])
def test_a_vendor_that_cannot_be_is_not_found(acme: Account, malformed: Any) -> None:
    refused(checked(acme.alice).get(f"{VENDORS_V1}/{malformed}"), 404)


@pytest.fixture(scope="module")
def four(world: World) -> Account:
    """An account with four vendors."""
    account = world.account("Four")
    bob = account.user("bob@four.test", Role.ADMIN, first_name="Bob")
    add(
        account,
        name="ant",
        category="HR",
        risk="HIGH",
        status="ACTIVE",
        type="VENDOR",
        userId=account.alice_id,
        contactEmail="Bill@x.example;ann@x.example",
        contactAtVendor="Bill Lumbergh",
        critical=True,
    )
    add(account, name="Bee", category="SALES", risk="LOW", status="ARCHIVED", type="PARTNER", userId=bob)
    add(account, name="Cat", risk="MODERATE", passwordPolicy="SSO", impactLevel="MINOR", critical=False)
    add(account, name="Dog", accountId="abc", impactLevel="CRITICAL", renewalDate="2031-05-06", status="NONE")
    return account


FILTERS: list[tuple[dict[str, Any], str]] = [
    ({}, "ant Bee Cat Dog"),
    ({"q": "A"}, "ant Cat"),
    ({"q": "%"}, ""),
    ({"category": "HR"}, "ant"),
    ({"category[]": ["HR", "SALES"]}, "ant Bee"),
    ({"category": ["HR", "SALES"]}, "ant Bee"),
    ({"category": "NONE"}, "Cat Dog"),
    ({"risk": ["HIGH", "LOW"]}, "ant Bee"),
    ({"status": "ACTIVE"}, "ant"),
    ({"status[]": ["ARCHIVED", "NONE"]}, "Bee Cat Dog"),
    ({"type": "PARTNER"}, "Bee"),
    ({"impactLevel": ["MINOR", "CRITICAL"]}, "Cat Dog"),
    ({"impactLevel[0]": "UNSCORED"}, "ant Bee"),
    ({"passwordPolicy": "SSO"}, "Cat"),
    ({"passwordPolicy": "NONE"}, "ant Bee Dog"),
    ({"contactEmail": "bill@x.example"}, "ant"),
    ({"contactEmail": "ANN@x.example"}, "ant"),
    ({"contactEmail": "nn@x.example"}, ""),
    ({"contactName": "lumb"}, "ant"),
    ({"critical": "true"}, "ant"),
    ({"critical": "false"}, "Cat"),
    ({"userId": "alice"}, "ant"),
    ({"userId[]": ["alice", 2**31 - 1]}, "ant"),
    ({"isArchived": "true"}, "Bee"),
    ({"isArchived": "false"}, "ant Cat Dog"),
    ({"renewalDate": "2031-05-06"}, "Dog"),
    ({"renewalScheduleType": "ONE_YEAR"}, ""),
    ({"renewalDateStatus": "NO_RENEWAL"}, "ant Bee Cat"),
    ({"renewalDateStatus": "COMPLETED"}, "Dog"),
    ({"nextReviewDeadlineStatus": ["NO_RENEWAL", "OVERDUE"]}, "ant Bee Cat"),
    ({"securityReviewStatus": "NO_PAST_REVIEW"}, "ant Bee Cat Dog"),
    ({"securityReviewStatus[]": ["COMPLETED", "UP_TO_DATE"]}, ""),
    ({"scheduledQuestionnaireStatus": "ENABLED"}, ""),
    ({"scheduledQuestionnaireStatus": "DISABLED"}, "ant Bee Cat Dog"),
    ({"sharedAccountId": "abc"}, "Dog"),
    ({"sharedAccountId": "ab"}, ""),
    ({"category": "HR", "risk": "LOW"}, ""),
    ({"sortDir": "DESC"}, "Dog Cat Bee ant"),
    ({"sort": "RISK"}, "Dog Bee Cat ant"),
    ({"sort": "IMPACT_LEVEL", "isArchived": "false"}, "Cat Dog ant"),
    ({"sort": "CATEGORY", "isArchived": "false"}, "ant Cat Dog"),
    ({"sort": "TYPE", "isArchived": "true"}, "Bee"),
    ({"sort": "STATUS"}, "ant Bee Dog Cat"),
    ({"sort": "POLICY", "q": "cat"}, "Cat"),
    ({"sort": "USER", "userId": "alice"}, "ant"),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_a_vendor_is_found_by_all_filters_at_once(four: Account, query: dict[str, Any], expected: str) -> None:
    asked = {
        name: [four.alice_id if each == "alice" else each for each in (value if isinstance(value, list) else [value])]
        for name, value in query.items()
    }

    assert names_v1(four, **asked) == expected.split()
    total = checked(four.alice).get(VENDORS_V1, params={**asked, "limit": 1, "page": 9}).json()
    assert (total["data"], total["page"], total["limit"], total["total"]) == ([], 9, 1, len(expected.split()))


def test_owners_are_sorted_by_what_they_are_called(acme: Account) -> None:
    zoe = acme.user("a@acme.test", Role.ADMIN, first_name="Zoe")
    bob = acme.user("z@acme.test", Role.ADMIN, first_name="bob", last_name="Ash")
    add(acme, name="1", userId=zoe)
    add(acme, name="2", userId=bob)
    add(acme, name="3", userId=colleague(acme, Role.ADMIN))
    add(acme, name="4")

    assert names_v1(acme, sort="USER") == ["3", "2", "1", "4"]


@pytest.mark.parametrize("limit", [1, 3, 50])
def test_pages_follow_the_order(four: Account, limit: int) -> None:
    pages = [names_v1(four, limit=limit, page=page) for page in range(1, 5)]

    assert [name for page in pages for name in page] == ["ant", "Bee", "Cat", "Dog"]


@pytest.mark.parametrize(
    "query",
    [
        {"page": 0},
        {"limit": 51},
        {"sort": "name"},
        {"sort": "CREATED"},
        {"sortDir": "UP"},
        {"category": "hr"},
        {"category": ["HR"] * 11},
        {"risk": "NO"},
        {"status": "x"},
        {"contactEmail": "bill"},
        {"critical": "maybe"},
        {"passwordPolicy": "x"},
        {"userId": 0},
        {"userId": [1] * 11},
        {"type": "x"},
        {"impactLevel": "x"},
        {"isArchived": "x"},
        {"renewalDate": "soon"},
        {"renewalScheduleType": "x"},
        {"renewalDateStatus": "x"},
        {"nextReviewDeadlineStatus": "x"},
        {"scheduledQuestionnaireStatus": "x"},
        {"securityReviewStatus": "x"},
        {"withLastQuestionnaires": "x"},
    ],
)
def test_a_query_that_does_not_fit_is_refused(four: Account, query: dict[str, Any]) -> None:
    refused(checked(four.alice).get(VENDORS_V1, params=query), 400)
