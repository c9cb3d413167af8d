"""The settings of a trust center."""

import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.factories import Account
from tests.trust.cast import (
    SETTINGS,
    checked,
    company_info,
    events,
    put_settings,
    refused,
    settings,
    workspace,
)
from trustwright.accounts.permissions import Permission

CHANGES: list[tuple[str, Any]] = [
    ("flowType", "SELF"),
    ("flowType", "DIGITAL_SIGNATURE"),
    ("flowType", "SALESFORCE_CRM"),
    ("isSLADisplayed", True),
    ("slaTime", 3650),
    ("defaultExpirationDays", 1),
    ("defaultExpirationDays", 1825),
    ("defaultExpirationDays", None),
    ("defaultExpirationType", "MONTHS"),
    ("ndaMemoryDays", 1825),
    ("signingWindowDays", 1),
    ("asksOnNewDevice", False),
    ("tellsDenied", False),
    ("hidesPrivateNames", True),
    ("legalEmail", "legal@acme.example"),
    ("name", "Acme GmbH"),
    ("about", "We make anvils.\n\n*Heavy* ones."),
    ("privacyDescription", "We keep <b>nothing</b>."),
    ("privacyUrl", "https://acme.example/privacy?a=1"),
    ("contactUrl", "mailto:security@acme.example"),
    ("contactUrl", "http://acme.example/contact"),
    ("headerTemplate", "<p onclick='x()'>Hello</p>"),
    ("footerTemplate", "<script>alert(1)</script>Bye"),
    ("primaryColor", "#1a73e8"),
    ("facts", [{"name": "Data regions", "value": "EU, US"}, {"name": "Entity", "value": "<i>Acme</i>"}]),
]


def test_every_workspace_has_them_unpublished(acme: Account) -> None:
    second = workspace(acme, "Labs")

    assert settings(acme)["name"] == "Acme"
    assert settings(acme, workspace_id=second)["name"] == "Labs"
    assert settings(acme, workspace_id=second) == {
        "slug": None,
        "isPublished": False,
        "flowType": "NO_NDA_REQUIRED",
        "isSLADisplayed": False,
        "slaTime": 0,
        "defaultExpirationDays": 365,
        "defaultExpirationType": "DAYS",
        "ndaMemoryDays": 365,
        "signingWindowDays": 14,
        "asksOnNewDevice": True,
        "tellsDenied": True,
        "hidesPrivateNames": False,
        "legalEmail": "",
        "name": "Labs",
        "about": "",
        "privacyDescription": "",
        "privacyUrl": "",
        "contactUrl": "",
        "headerTemplate": "",
        "footerTemplate": "",
        "primaryColor": "",
        "facts": [],
    }


@pytest.mark.parametrize(("name", "value"), CHANGES)
def test_what_is_sent_changes_and_the_rest_stays(acme: Account, name: str, value: Any) -> None:
    before = settings(acme)

    changed = settings(acme, **{name: value})

    assert changed == {**before, name: value}
    assert settings(acme) == changed


@pytest.mark.parametrize(
    ("name", "sent", "kept"),
    [
        ("legalEmail", " Legal@BÜCHER.example ", "legal@xn--bcher-kva.example"),
        ("legalEmail", "  ", ""),
        ("primaryColor", " #1A73E8 ", "#1a73e8"),
        ("primaryColor", "", ""),
    ],
)
def test_what_has_one_right_spelling_is_kept_in_it(acme: Account, name: str, sent: Any, kept: str) -> None:
    settings(acme, legalEmail="old@acme.example", primaryColor="#000000")

    assert settings(acme, **{name: sent})[name] == kept


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"slug": "a"}, "slug: must have 2 to 63 characters"),
        ({"slug": "a" * 64}, "slug: must have 2 to 63 characters"),
        ({"slug": ""}, "slug: must have 2 to 63 characters"),
        ({"slug": "Acme"}, "only lower-case letters"),
        ({"slug": "acme\n"}, "only lower-case letters"),
        ({"slug": "-acme"}, "at its begin and end"),
        ({"slug": "acme-"}, "at its begin and end"),
        ({"slug": "acme.json"}, "only lower-case letters"),
        ({"slug": "ac/me"}, "only lower-case letters"),
        ({"slug": "bücher"}, "only lower-case letters"),
        ({"isPublished": True}, "isPublished: give the trust center a slug first"),
        ({"isPublished": None}, "isPublished"),
        ({"flowType": "CLICK"}, "flowType"),
        ({"slaTime": -1}, "slaTime"),
        ({"slaTime": 3651}, "slaTime"),
        ({"slaTime": 1.5}, "slaTime"),
        ({"slaTime": None}, "slaTime"),
        ({"defaultExpirationDays": 0}, "defaultExpirationDays"),
        ({"defaultExpirationDays": 1826}, "defaultExpirationDays"),
        ({"defaultExpirationDays": "30"}, "defaultExpirationDays"),
        ({"defaultExpirationType": "DECADES"}, "defaultExpirationType"),
        ({"ndaMemoryDays": 0}, "ndaMemoryDays"),
        ({"ndaMemoryDays": None}, "ndaMemoryDays"),
        ({"signingWindowDays": 2**70}, "signingWindowDays"),
        ({"legalEmail": "legal"}, "'legal' is not an e-mail address"),
        ({"name": " "}, "name: a trust center needs one"),
        ({"name": "n" * 256}, "name"),
        ({"name": "a\0b"}, "NUL"),
        ({"about": "a" * 20_001}, "about"),
        ({"privacyUrl": "javascript:alert(1)"}, "privacyUrl: must be an address"),
        ({"privacyUrl": "mailto:a@acme.example"}, "privacyUrl: must be an address"),
        ({"privacyUrl": 'https://acme.example/"onload='}, "privacyUrl: must be an address"),
        ({"privacyUrl": "https://[acme"}, "privacyUrl: must be an address"),
        ({"contactUrl": "acme.example"}, "contactUrl: must be an address"),
        ({"contactUrl": "mailto:nobody"}, "'nobody' is not an e-mail address"),
        ({"contactUrl": "https://acme.example/" + "a" * 768}, "contactUrl"),
        ({"primaryColor": "red; background: url(x)"}, "primaryColor: must be a color"),
        ({"facts": [{"name": "Entity"}]}, "facts[0]"),
        ({"facts": [{"name": " ", "value": "x"}]}, "facts: each needs a name"),
        ({"facts": [{"name": "n", "value": "v"}] * 51}, "facts"),
        ({"facts": [{"name": "n" * 256, "value": "v"}]}, "facts"),
    ],
)
def test_what_cannot_be_is_refused_and_changes_nothing(acme: Account, change: dict[str, Any], words: str) -> None:
    before = settings(acme)

    refused(put_settings(acme, tellsDenied=False, **change), 400, words)

    assert settings(acme) == before
    assert events(acme) == []


def test_a_body_that_is_no_json_is_refused(acme: Account) -> None:
    refused(checked(acme.alice).put(SETTINGS, content=b"{"), 400)


@pytest.mark.parametrize("workspace_id", ["0", "-1", "abc", "2147483648", str(2**31 - 1)])
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_an_unknown_workspace_is_refused(acme: Account, method: str, workspace_id: str) -> None:
    answer = checked(acme.alice).request(method, SETTINGS, params={"workspaceId": workspace_id}, json={})

    refused(answer, 400, "workspaceId")


def test_it_is_published_under_a_slug(acme: Account) -> None:
    slug = f"acme-{acme.id}"

    assert settings(acme, slug=slug, isPublished=True)["slug"] == slug
    refused(put_settings(acme, slug=None), 400, "isPublished: give the trust center a slug first")
    assert settings(acme, slug=None, isPublished=False)["slug"] is None


def test_a_slug_belongs_to_one_trust_center_of_all_accounts(acme: Account, globex: Account) -> None:
    slug = f"acme-{acme.id}"
    settings(acme, slug=slug)

    answer = put_settings(globex, slug=slug, name="Copy")

    refused(answer, 400, f"slug: {slug} is taken; choose another one")
    assert (settings(globex)["slug"], settings(globex)["name"]) == (None, "Globex")
    refused(put_settings(acme, workspace(acme), slug=slug), 400, "is taken")
    settings(acme, slug=None)
    assert settings(globex, slug=slug)["slug"] == slug


def test_of_many_who_want_a_slug_at_once_one_gets_it(acme: Account) -> None:
    slug = f"race-{acme.id}"
    rivals = [acme.world.account(f"Rival {number}") for number in range(4)]

    with ThreadPoolExecutor(len(rivals)) as pool:
        answers = list(pool.map(lambda rival: put_settings(rival, slug=slug).status_code, rivals))

    assert sorted(answers) == [200, 400, 400, 400]


@pytest.mark.parametrize(
    ("text", "moment", "other"),
    [("about", "aboutUpdatedAt", "privacyUpdatedAt"), ("privacyDescription", "privacyUpdatedAt", "aboutUpdatedAt")],
)
def test_the_date_of_a_text_moves_only_with_it(acme: Account, text: str, moment: str, other: str) -> None:
    before = company_info(acme)
    time.sleep(0.01)

    change: dict[str, Any] = {text: "We make anvils."}
    settings(acme, **change, privacyUrl="https://acme.example", name="Acme GmbH")
    changed = company_info(acme)
    time.sleep(0.01)
    settings(acme, **change, tellsDenied=False)

    assert changed[moment] > before[moment]
    assert changed[other] == before[other]
    assert company_info(acme) == changed


def test_a_change_leaves_an_event_of_what_differs(acme: Account) -> None:
    settings(acme, slaTime=14, isSLADisplayed=True, tellsDenied=True, about="Anvils")

    (event,) = events(acme)
    assert event["type"] == "TRUST_PAGES_SAVED"
    assert event["workspaceId"] == acme.workspace_id
    assert event["target"] == {"kind": "trust center", "id": acme.workspace_id}
    assert event["userId"] == acme.alice_id
    moments = (event["before"].pop("aboutUpdatedAt"), event["after"].pop("aboutUpdatedAt"))
    assert moments[0] < moments[1]
    assert event["before"] == {"slaTime": 0, "isSLADisplayed": False, "about": ""}
    assert event["after"] == {"slaTime": 14, "isSLADisplayed": True, "about": "Anvils"}


def test_what_changes_nothing_leaves_no_event(acme: Account) -> None:
    settings(acme, slaTime=14)
    before = acme.sql("select updated_at from trust_centers where account_id = %s")

    settings(acme, slaTime=14, facts=[])
    put_settings(acme)

    assert len(events(acme)) == 1
    assert acme.sql("select updated_at from trust_centers where account_id = %s") == before


def test_workspaces_have_their_own(acme: Account) -> None:
    second = workspace(acme)

    settings(acme, workspace_id=second, flowType="SELF")

    assert settings(acme)["flowType"] == "NO_NDA_REQUIRED"
    assert settings(acme, workspace_id=acme.workspace_id)["flowType"] == "NO_NDA_REQUIRED"
    assert settings(acme, workspace_id=second)["flowType"] == "SELF"
    assert [event["workspaceId"] for event in events(acme)] == [second]


@pytest.mark.parametrize(
    ("method", "needed"),
    [
        ("GET", Permission.TRUST_CENTER_GET_PRIVATE_ACCESS),
        ("PUT", Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS),
    ],
)
def test_each_method_needs_its_permission(acme: Account, method: str, needed: Permission) -> None:
    others = [permission for permission in Permission if permission is not needed]

    assert acme.client(acme.key(needed)[1]).request(method, SETTINGS, json={}).status_code == 200
    assert acme.client(acme.key(*others)[1]).request(method, SETTINGS, json={}).status_code == 403
