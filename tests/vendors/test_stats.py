"""Statistics of vendors: only the scopes that are asked for, and of each all its keys (Q64)."""

from typing import Any

import pytest

from tests.factories import Account
from tests.vendors.cast import STATS, VENDORS, add, checked, in_days, refused, review

SCOPES = {
    "reminder": 4,
    "hasPii": 2,
    "businessUnits": 12,
    "passwordPolicy": 7,
    "status": 10,
    "isCritical": 3,
    "isSubProcessor": 2,
    "type": 6,
    "risk": 4,
    "impactLevel": 6,
}


def stats(account: Account, *scopes: str, **query: Any) -> dict[str, dict[Any, int]]:
    """By scope and key the counts; a key that stands twice would be lost, so their number is checked first."""
    answer = checked(account.alice).get(STATS, params={"expand[]": scopes, **query})
    assert answer.status_code == 200, answer.text
    for name, items in answer.json().items():
        assert len(items) == SCOPES[name]
    return {name: {item["key"]: item["count"] for item in items} for name, items in answer.json().items()}


def test_without_vendors_every_key_counts_none(acme: Account) -> None:
    found = stats(acme, *SCOPES)

    assert {name: len(counts) for name, counts in found.items()} == SCOPES
    assert {count for counts in found.values() for count in counts.values()} == {0}


@pytest.mark.parametrize("scope", SCOPES)
def test_only_the_scope_that_is_asked_for_is_there(acme: Account, scope: str) -> None:
    assert set(stats(acme, scope)) == {scope}
    assert set(stats(acme, scope, scope)) == {scope}


def test_vendors_are_counted_by_what_is_said_of_them(acme: Account) -> None:
    add(
        acme,
        hasPii=True,
        critical=True,
        isSubProcessor=True,
        category="HR",
        passwordPolicy="SSO",
        status="ACTIVE",
        type="PARTNER",
        risk="HIGH",
        impactLevel="MAJOR",
        renewalDate=in_days(-1),
    )
    add(acme, critical=False, category="HR", renewalDate=in_days(1))
    done = add(acme, renewalDate=in_days(2))
    review(acme, done, "COMPLETED", finished=-1)

    found = stats(acme, *SCOPES)

    counted = {name: {key: count for key, count in counts.items() if count} for name, counts in found.items()}
    assert counted == {
        "reminder": {"COMPLETED": 1, "RENEWAL_DUE_SOON": 1, "RENEWAL_DUE": 1},
        "hasPii": {True: 1, False: 2},
        "businessUnits": {"HR": 2, "NONE": 1},
        "passwordPolicy": {"SSO": 1, "NONE": 2},
        "status": {"ACTIVE": 1, "NONE": 2},
        "isCritical": {"Yes": 1, "No": 1, "None": 1},
        "isSubProcessor": {True: 1, False: 2},
        "type": {"PARTNER": 1, "NONE": 2},
        "risk": {"HIGH": 1, "NONE": 2},
        "impactLevel": {"MAJOR": 1, "UNSCORED": 2},
    }


def test_archived_vendors_count_only_when_asked_for(acme: Account) -> None:
    add(acme, status="ARCHIVED")
    add(acme, status="ACTIVE")

    assert stats(acme, "status")["status"]["ARCHIVED"] == 0
    assert stats(acme, "status", includeArchived="false")["status"]["ARCHIVED"] == 0
    found = stats(acme, "status", includeArchived="true")["status"]
    assert (found["ARCHIVED"], found["ACTIVE"]) == (1, 1)


def test_deleted_vendors_do_not_count(acme: Account) -> None:
    gone = add(acme)
    acme.alice.delete(f"{VENDORS}/{gone['id']}")

    assert stats(acme, "risk", includeArchived="true")["risk"]["NONE"] == 0


@pytest.mark.parametrize(
    "query",
    ["", "expand[]=", "expand[]=colour", "expand=risk,type", "includeArchived=true", "expand[]=risk&includeArchived=x"],
)
def test_a_query_without_a_scope_is_refused(acme: Account, query: str) -> None:
    refused(checked(acme.alice).get(f"{STATS}?{query}"), 400)


@pytest.mark.parametrize("query", ["expand=risk", "expand[0]=risk", "expand%5B%5D=risk"])
def test_a_scope_is_named_in_any_spelling_of_brackets(acme: Account, query: str) -> None:
    assert set(checked(acme.alice).get(f"{STATS}?{query}").json()) == {"risk"}
