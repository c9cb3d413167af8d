"""The company in both versions of the API."""

import pytest

from tests.factories import Account
from trustwright.accounts.model import Entitlement

PATHS = ["/public/company/info", "/public/v2/company"]

NOT_KEPT = {
    "adminOnboardedAt": None,
    "renewalPeriodStartDate": None,
    "securityTraining": None,
    "hipaaTraining": None,
    "backgroundCheck": None,
    "drataSupportAccess": None,
    "securityReport": {"visibility": "ALL", "sharing": False, "shareToken": None},
    "agentEnabled": False,
    "manualUploadEnabled": False,
}
TEXTS = (
    *("legalName", "description", "logoUrl", "phoneNumber", "address", "privacyUrl", "termsUrl", "supportUrl"),
    *("jobsUrl", "securityEmail", "securityTrainingLink", "hipaaTrainingLink"),
)


@pytest.mark.parametrize("path", PATHS)
def test_the_company_is_the_account_of_the_key(acme: Account, globex: Account, path: str) -> None:
    for account in (acme, globex):
        company = account.alice.get(path).json()

        assert (company["accountId"], company["name"]) == (str(account.id), account.name)
        assert company["domain"] == account.alice_email.partition("@")[2]
        assert company["language"] == "ENGLISH_US"
        assert company["createdAt"].endswith("Z")


def test_version_2_shows_what_is_not_kept_as_null(acme: Account) -> None:
    company = acme.alice.get("/public/v2/company").json()

    assert {name: company[name] for name in NOT_KEPT} == NOT_KEPT
    assert {name: company[name] for name in (*TEXTS, "year")} == dict.fromkeys((*TEXTS, "year"))
    assert not {"workspaces", "connections", "frameworks"} & set(company)


def test_version_1_shows_what_is_not_kept_as_empty_where_null_is_not_allowed(acme: Account) -> None:
    company = acme.alice.get("/public/company/info").json()

    assert {name: company[name] for name in NOT_KEPT} == NOT_KEPT
    assert {name: company[name] for name in TEXTS} == dict.fromkeys(TEXTS, "")
    assert (company["year"], company["connections"], company["frameworks"]) == (0, [], [])


def test_version_1_lists_the_workspaces(acme: Account) -> None:
    company = acme.alice.get("/public/company/info").json()

    assert company["workspaces"] == acme.alice.get("/public/workspaces").json()["data"]
    assert [workspace["id"] for workspace in company["workspaces"]] == [acme.workspace_id]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("held", "shown"),
    [
        ([], []),
        ([Entitlement.CUSTOM_CONNECTIONS_AND_TESTS], ["CUSTOM_CONNECTIONS_AND_TESTS"]),
        ([Entitlement.TRUST_CENTER], ["TRUST_CENTER_ESSENTIALS", "TRUST_CENTER"]),
        (list(Entitlement), ["TRUST_CENTER_ESSENTIALS", "TRUST_CENTER", "CUSTOM_CONNECTIONS_AND_TESTS"]),
    ],
)
def test_the_entitlements_are_those_that_count(
    acme: Account, path: str, held: list[Entitlement], shown: list[str]
) -> None:
    acme.plan(entitlements=held)

    entitlements = acme.alice.get(path).json()["entitlements"]

    assert [entitlement["type"] for entitlement in entitlements] == shown


def test_an_entitlement_shows_its_label(acme: Account) -> None:
    acme.plan(entitlements=[Entitlement.CUSTOM_CONNECTIONS_AND_TESTS])

    for path in PATHS:
        assert acme.alice.get(path).json()["entitlements"] == [
            {
                "name": "Custom Connections and Tests",
                "description": "Push records from your own systems and test them",
                "type": "CUSTOM_CONNECTIONS_AND_TESTS",
                "featureId": None,
                "metadata": {},
            }
        ]
