"""The settings over HTTP: who may change what, what is refused and kept as typed, and what ends at once."""

import csv
import html
import io
import re

import httpx
import pytest

from tests.factories import Account
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.accounts.role_texts import GROUPS, text_of
from trustwright.accounts.roles import Role

USERS = "/settings/users"
KEYS = "/settings/keys"


def revision(browser: httpx.Client, path: str) -> str:
    found = re.search(r'name="revision" value="([^"]+)"', browser.get(path).text)
    assert found
    return found[1]


def bob(acme: Account, *roles: Role) -> tuple[int, str]:
    """Id and address of another user of Acme."""
    email = f"bob@account{acme.id}.test"
    return acme.user(email, *(roles or (Role.REVIEWER,)), first_name="Bob"), email


def test_the_company_is_changed_and_the_api_tells(acme: Account) -> None:
    browser = acme.browser()
    form = {"revision": revision(browser, "/settings/company"), "name": "Acme & Co", "language": "GERMAN_DE"}

    answer = browser.post("/settings/company", data=form)

    assert (answer.status_code, answer.headers["location"]) == (303, "/settings")
    company = acme.alice.get("/public/v2/company").json()
    assert (company["name"], company["language"]) == ("Acme & Co", "GERMAN_DE")
    assert "The company&#39;s details changed" in browser.get("/events").text


def test_what_cannot_be_taken_is_shown_again_as_typed(acme: Account) -> None:
    browser = acme.browser()
    form = {"revision": revision(browser, "/settings/company"), "name": "<b>Acme", "logo_url": "javascript:alert(1)"}

    answer = browser.post("/settings/company", data=form)

    assert answer.status_code == 400
    assert 'value="&lt;b&gt;Acme"' in answer.text
    assert "Must be an address that begins with https://" in answer.text


def test_a_second_editor_is_told_and_saves_on_purpose_then(acme: Account) -> None:
    browser = acme.browser()
    seen = revision(browser, "/settings/company")
    browser.post("/settings/company", data={"revision": seen, "name": "First"})

    late = browser.post("/settings/company", data={"revision": seen, "name": "Second"})
    again = re.search(r'name="revision" value="([^"]+)"', late.text)

    assert late.status_code == 409
    assert "Somebody else changed the company" in late.text
    assert again
    assert browser.post("/settings/company", data={"revision": again[1], "name": "Second"}).status_code == 303


def test_a_workspace_is_added_and_renamed(acme: Account) -> None:
    browser = acme.browser()
    browser.post("/settings/workspaces/new", data={"name": "Payments"})
    found = re.search(r'/settings/workspaces/(\d+)"><bdi>Payments', browser.get("/settings").text)
    assert found
    path = f"/settings/workspaces/{found[1]}"

    browser.post(path, data={"revision": revision(browser, path), "name": "Billing"})

    names = {each["name"] for each in acme.alice.get("/public/v2/workspaces").json()["data"]}
    assert names == {"Acme", "Billing"}
    assert browser.post("/settings/workspaces/new", data={"name": " "}).status_code == 400


def test_a_user_is_added_with_roles_and_mailed_an_invitation(acme: Account) -> None:
    browser = acme.browser()
    form = {"email": "carol@acme.test", "first_name": "Carol", "roles": ["REVIEWER", "AUDITOR"], "invite": "yes"}

    assert browser.post(f"{USERS}/new", data=form).headers["location"] == USERS

    made = acme.alice.get("/public/v2/users/email:carol@acme.test", params={"expand[]": "roles"}).json()
    assert made["roles"] == ["REVIEWER", "AUDITOR"]
    assert "carol@acme.test" in browser.get("/settings/mail").text


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"email": "nobody"}, "is not an e-mail address"),
        ({"roles": []}, "Choose at least one"),
        ({"roles": ["KING"]}, "There is no role"),
    ],
)
def test_a_user_who_cannot_be_is_refused_and_the_ticks_stay(acme: Account, changes: dict[str, str], fault: str) -> None:
    form = {"email": "carol@acme.test", "roles": ["REVIEWER"], **changes}

    answer = acme.browser().post(f"{USERS}/new", data=form)

    assert answer.status_code == 400
    assert fault in html.unescape(answer.text)
    assert ('value="REVIEWER" checked' in answer.text) == (form["roles"] == ["REVIEWER"])


def test_whoever_is_deactivated_is_out_at_once_and_can_come_back(acme: Account) -> None:
    browser = acme.browser()
    user_id, email = bob(acme)
    theirs = acme.browser(email)
    assert theirs.get("/").status_code == 200

    browser.post(f"{USERS}/{user_id}/deactivate")

    assert theirs.get("/").headers["location"].startswith("/sign-in")
    assert "Deactivated" in browser.get(USERS).text
    browser.post(f"{USERS}/{user_id}/reactivate")
    assert theirs.get("/").status_code == 303
    assert acme.browser(email).get("/").status_code == 200


def test_the_last_administrator_stays_one(acme: Account) -> None:
    browser = acme.browser()
    path = f"{USERS}/{acme.alice_id}"

    stripped = browser.post(path, data={"revision": revision(browser, path), "roles": ["REVIEWER"]})
    user_id, email = bob(acme, Role.ADMIN)
    others = acme.browser(email)

    assert stripped.status_code == 409
    assert "is the last administrator" in stripped.text
    assert others.post(f"{USERS}/{acme.alice_id}/deactivate").status_code == 303
    assert others.post(f"{USERS}/{user_id}/deactivate").status_code == 409


def test_users_are_found_by_name_and_role_and_come_as_a_file(acme: Account) -> None:
    bob(acme)
    browser = acme.browser()

    found = browser.get(USERS, params={"q": "BOB", "role": "REVIEWER"}).text
    none = browser.get(USERS, params={"q": "bob", "role": "ADMIN"}).text
    lines = list(csv.reader(io.StringIO(browser.get(USERS, params={"format": "csv"}).text, newline="")))

    assert (f"bob@account{acme.id}.test" in found, "No user fits" in none) == (True, True)
    assert [line[0] for line in lines] == ["email", f"alice@account{acme.id}.test", f"bob@account{acme.id}.test"]


def test_every_role_is_offered_once_and_explained() -> None:
    offered = [role for group in GROUPS for role in group.roles]

    assert sorted(offered) == sorted(Role)
    assert text_of(Role.TRUST_CENTER_MANAGER) == "Sees and changes the trust center and requests for access."
    assert text_of(Role.READONLY_ADMIN) == "Sees everything and changes nothing."
    assert text_of(Role.EMPLOYEE).startswith("Opens nothing here")


def test_a_key_is_shown_once_and_does_what_was_ticked_until_it_is_revoked(acme: Account) -> None:
    browser = acme.browser()
    form = {"name": "Uploader", "owner": acme.alice_email, "scope": "chosen", "areas": "Users"}

    made = browser.post(f"{KEYS}/new", data=form).text

    found = re.search(r"tw_[\w-]{43}", made)
    assert found
    client = acme.client(found[0])
    assert client.get("/public/v2/users").status_code == 200
    assert client.get("/public/v2/vendors").status_code == 403
    listed = browser.get(KEYS).text
    assert found[0] not in listed
    number = re.search(r"/settings/keys/(\d+)/revoke", listed)
    assert number
    assert browser.post(f"{KEYS}/{number[1]}/revoke").status_code == 303
    assert client.get("/public/v2/users").status_code == 401


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"name": ""}, "Say what the key is for"),
        ({"permissions": ["everything"]}, "Tick at least one"),
        ({"owner": "nobody@acme.test"}, "No active user"),
        ({"expires_on": "2020-01-01"}, "This day has passed"),
        ({"expires_on": "9999-12-31"}, "At most 20 years ahead"),
    ],
)
def test_a_key_that_cannot_be_made_is_asked_for_again(acme: Account, changes: dict[str, str], fault: str) -> None:
    form = {"name": "Robot", "owner": acme.alice_email, "permissions": [Permission.USERS_GET.value], **changes}

    answer = acme.browser().post(f"{KEYS}/new", data=form)

    assert answer.status_code == 400
    assert fault in answer.text
    assert (f'value="{Permission.USERS_GET}" checked' in answer.text) == ("permissions" not in changes)


def test_features_are_switched_and_close_their_pages(acme: Account) -> None:
    browser = acme.browser()

    browser.post("/settings/plan/features", data={"entitlements": ["TRUST_CENTER"]})

    assert acme.alice.get("/public/v2/custom-connections").status_code == 402
    assert acme.alice.get("/public/trust-center/requests").status_code == 200


def test_the_terms_are_accepted_by_name(acme: Account) -> None:
    acme.plan([Entitlement.TRUST_CENTER], terms_accepted=False)
    browser = acme.browser()
    assert "Nobody has accepted the terms" in browser.get("/settings/plan").text

    browser.post("/settings/plan/terms")

    assert f"by <bdi>{acme.alice_email}</bdi>" in browser.get("/settings/plan").text


@pytest.mark.parametrize(
    ("role", "path", "status"),
    [
        (Role.READONLY_ADMIN, USERS, 200),
        (Role.READONLY_ADMIN, f"{USERS}/new", 403),
        (Role.READONLY_ADMIN, "/settings/company", 403),
        (Role.TECHGOV, "/settings/company", 200),
        (Role.TECHGOV, f"{KEYS}/new", 403),
        (Role.REVIEWER, "/settings", 403),
    ],
)
def test_a_role_opens_what_it_says(acme: Account, role: Role, path: str, status: int) -> None:
    _, email = bob(acme, role)

    assert acme.browser(email).get(path).status_code == status


def test_who_may_edit_the_company_cannot_become_an_administrator(acme: Account) -> None:
    user_id, email = bob(acme, Role.TECHGOV)
    browser = acme.browser(email)

    assert browser.post(f"{USERS}/{user_id}", data={"roles": ["ADMIN"]}).status_code == 403
    assert browser.post(f"{KEYS}/new", data={"name": "Mine", "scope": "all"}).status_code == 403
    assert browser.post("/settings/plan/features", data={}).status_code == 403
    assert f"{USERS}/new" not in browser.get(USERS).text


def test_another_account_has_no_users_keys_or_workspaces_here(acme: Account, globex: Account) -> None:
    browser = acme.browser()
    key_id, _ = globex.key(Permission.USERS_GET)

    paths = [f"{USERS}/{globex.alice_id}", f"/settings/workspaces/{globex.workspace_id}"]
    assert [browser.get(path).status_code for path in paths] == [404, 404]
    assert browser.post(f"{USERS}/{globex.alice_id}/deactivate").status_code == 404
    assert browser.post(f"{KEYS}/{key_id}/revoke").status_code == 404
    assert globex.browser().get("/").status_code == 200
