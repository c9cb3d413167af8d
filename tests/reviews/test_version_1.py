"""Creation by version 1, and the flat shape in which a vendor shows its SOC reviews."""

from typing import Any

import pytest

from tests.factories import Account
from tests.reviews.cast import (
    DEADLINE,
    NOBODYS,
    SCOPE,
    Subject,
    add_vendor,
    body,
    checked,
    delete_vendor,
    good,
    recorded,
    refused,
)
from trustwright.reviews.soc_form import Criterion

PREFIXES = ["/public", "/public/v1"]


def path(vendor_id: int, prefix: str = "/public") -> str:
    return f"{prefix}/vendors/{vendor_id}/security-reviews"


@pytest.mark.parametrize("prefix", PREFIXES)
def test_version_1_creates_reviews_too(acme: Account, initech: int, prefix: str) -> None:
    sent = body(securityReviewType="SECURITY", title="Spring", requestedAt="2026-05-01", note="not known here")

    made = good(checked(acme.alice).post(path(initech, prefix), json=sent), 201)

    assert made.pop("requesterUser")["email"] == acme.alice_email
    assert made.pop("id") > 0
    assert made == {
        "requestedAt": "2026-05-01T00:00:00.000Z",
        "reviewDeadlineAt": DEADLINE,
        "decision": "PENDING",
        "note": None,
        "status": "NOT_YET_STARTED",
        "type": "SECURITY",
    }


def test_both_versions_see_one_review(acme: Account, initech: int) -> None:
    made = good(checked(acme.alice).post(path(initech), json=body(title="Spring")), 201)

    review = Subject(acme, initech, made["id"]).get()

    assert (review["title"], review["type"]) == ("Spring", "SOC_REPORT")
    assert len(recorded(acme, "and type = 'VENDOR_SECURITY_REVIEW_CREATED'")) == 1


def test_the_requester_is_found_as_in_version_2(acme: Account) -> None:
    owner = acme.user("owner@acme.test", *[])
    assert owner
    vendor_id = add_vendor(acme, userId=acme.alice_id)

    made = good(checked(acme.alice).post(path(vendor_id), json=body()), 201)
    named = good(checked(acme.alice).post(path(vendor_id), json=body(requesterUserId=owner)), 201)

    assert (made["requesterUser"]["id"], named["requesterUser"]["id"]) == (acme.alice_id, owner)


@pytest.mark.parametrize(
    "change",
    [
        {"reviewDeadlineAt": "soon"},
        {"securityReviewStatus": "DONE"},
        {"securityReviewType": 1},
        {"title": "x" * 192},
        {"requesterUserId": 999_999_999},
    ],
    ids=str,
)
def test_what_does_not_fit_is_refused(acme: Account, initech: int, change: dict[str, Any]) -> None:
    refused(checked(acme.alice).post(path(initech), json=body(**change)), 400)


def test_null_is_no_requester(acme: Account, initech: int) -> None:
    refused(checked(acme.alice).post(path(initech), json=body() | {"requesterUserId": None}), 400)


def test_a_vendor_that_is_not_there_has_no_reviews(acme: Account, initech: int) -> None:
    delete_vendor(acme, initech)

    for vendor_id in (initech, NOBODYS):
        refused(checked(acme.alice).post(path(vendor_id), json=body()), 404)
    refused(checked(acme.alice).post(path(0), json=body()), 400)


def old(review: Subject) -> dict[str, Any]:
    """The one SOC review that its vendor shows."""
    vendor = good(review.alice.get(f"/public/v2/vendors/{review.vendor_id}?expand[]=reviews"))
    (shown,) = vendor["reviews"]
    found: dict[str, Any] = shown
    return found


def test_a_new_report_is_shown_with_nothing_in_it(soc: Subject) -> None:
    shown = old(soc)

    assert shown.pop("id") == soc.id
    assert shown.pop("updatedAt") == soc.get()["updatedAt"]
    booleans = {"socReportType1", "socReportType2", "encompassBusinessNeeds", "hasMaterialImpact"}
    lists = {"trustServiceCategories", "userControls", "services", "locations", "findings"}
    assert {name for name, value in shown.items() if value is False} == booleans
    assert {name for name, value in shown.items() if value == []} == lists
    assert {value for name, value in shown.items() if name not in booleans | lists} == {None}


def test_a_full_report_is_shown_flat(soc: Subject) -> None:
    soc.fill()
    soc.save(
        findings={"findings": [{"description": "a"}, {"description": "b"}], "hasMaterialImpact": True},
        endUserControls={"userControls": [{"description": "Lock it", "inPlace": True}]},
        servicesAndLocations={
            "services": [{"name": "Hosting"}],
            "locations": [{"city": "Austin", "stateOrCountry": "TX"}],
        },
        complianceScope={"trustServiceCriteria": ["PRIVACY", "SECURITY"]},
        subserviceOrganizations={"subserviceOrganizationUsingInclusiveMethod": True},
    )
    soc.finalize()

    shown = old(soc)

    assert (shown["socReport"], shown["socReportType1"], shown["socReportType2"]) == ("SOC_2", False, True)
    assert (shown["socType2StartDate"], shown["socType2EndDate"]) == (
        f"{SCOPE['auditPeriodRange']['start']}T00:00:00.000Z",  # type: ignore[index]
        f"{SCOPE['auditPeriodRange']['end']}T00:00:00.000Z",  # type: ignore[index]
    )
    assert (shown["socType1StartDate"], shown["socType1EndDate"]) == (None, None)
    assert shown["reviewer"] == soc.account.alice_email
    assert shown["reviewDate"] is not None
    assert shown["findings"] == [{"id": 1, "description": "a"}, {"id": 2, "description": "b"}]
    assert shown["userControls"] == [{"id": 3, "name": "Lock it", "inPlace": True}]
    assert shown["services"] == [{"id": 4, "name": "Hosting"}]
    assert shown["locations"] == [{"id": 5, "city": "Austin", "stateCountry": "TX"}]
    places = {criterion: place for place, criterion in enumerate(Criterion, 1)}
    assert shown["trustServiceCategories"] == [
        {"id": places[Criterion(name)], "category": name} for name in ("PRIVACY", "SECURITY")
    ]


def test_a_report_of_type_1_has_one_day_twice(soc: Subject) -> None:
    soc.save(complianceScope={**SCOPE, "scopeType": "TYPE_1", "auditPeriod": "2025-06-30"})

    shown = old(soc)

    assert (shown["socReportType1"], shown["socReportType2"]) == (True, False)
    assert shown["socType1StartDate"] == shown["socType1EndDate"] == "2025-06-30T00:00:00.000Z"
    assert (shown["socType2StartDate"], shown["socType2EndDate"]) == (None, None)
