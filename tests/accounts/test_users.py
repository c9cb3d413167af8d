"""Users in both versions of the API: what is shown, what is found, how a user is named (Q6, Q18, Q65)."""

from typing import Any

import httpx
import pytest

from tests.factories import Account, World
from trustwright.accounts.roles import Role

V2_USER = {
    "id",
    "email",
    "firstName",
    "lastName",
    "createdAt",
    "updatedAt",
    "jobTitle",
    "avatarUrl",
    "drataTermsAgreedAt",
}


@pytest.fixture
def staff(acme: Account) -> Account:
    acme.user("Bob.Builder@acme.test", Role.DEVOPS_ENGINEER, Role.EMPLOYEE, first_name="Bob", last_name="Builder")
    acme.user("bobbie@acme.test", Role.EMPLOYEE, first_name="Bobbie", last_name="O'Brien_100%")
    acme.user("carol@acme.test", Role.AUDITOR, first_name="Carol", last_name="Bobson")
    return acme


def emails(response: httpx.Response) -> list[str]:
    assert response.status_code == 200, response.text
    return [user["email"].partition("@")[0].lower() for user in response.json()["data"]]


def refused(response: httpx.Response, status: int) -> None:
    assert (response.status_code, response.json()["statusCode"]) == (status, status), response.text


def deactivate(world: World, user_id: int) -> None:
    world.connection.execute("update users set deactivated_at = now() where id = %s", (user_id,))


def test_version_2_shows_a_user_without_what_is_not_expanded(acme: Account) -> None:
    user = acme.alice.get(f"/public/v2/users/{acme.alice_id}").json()

    assert set(user) == V2_USER
    assert (user["id"], user["email"]) == (acme.alice_id, acme.alice_email)
    assert all(user[name] is None for name in ("firstName", "lastName", "jobTitle", "avatarUrl", "drataTermsAgreedAt"))


@pytest.mark.parametrize(
    ("expand", "added"),
    [
        ("roles", {"roles": ["ADMIN"]}),
        ("backgroundChecks", {"backgroundChecks": []}),
        ("documents", {"documents": []}),
        ("identities", {"identities": []}),
        ("personnel", {}),
    ],
)
def test_an_expansion_adds_its_property_and_no_other(acme: Account, expand: str, added: dict[str, Any]) -> None:
    plain = acme.alice.get(f"/public/v2/users/{acme.alice_id}").json()

    for path in (f"/public/v2/users/{acme.alice_id}", f"/public/v2/users/email:{acme.alice_email}"):
        assert acme.alice.get(path, params={"expand[]": expand}).json() == plain | added
    for path in ("/public/v2/users", "/public/v2/roles/role:ADMIN/users"):
        assert acme.alice.get(path, params={"expand[]": expand}).json()["data"] == [plain | added]


def test_version_1_shows_a_user_with_roles_and_empty_lists(acme: Account) -> None:
    user = acme.alice.get(f"/public/users/{acme.alice_id}").json()

    assert set(user) == V2_USER | {"entryId", "roles", "identities", "backgroundChecks", "documents"}
    assert (user["roles"], user["identities"], user["backgroundChecks"], user["documents"]) == (["ADMIN"], [], [], [])
    assert len(user["entryId"]) == 36


@pytest.mark.parametrize("name", ["email:{}", "email%3A{}", "%65mail:{}"])
def test_version_2_finds_a_user_by_address_however_it_is_encoded(acme: Account, name: str) -> None:
    for address in (acme.alice_email, acme.alice_email.upper(), acme.alice_email.replace("@", "%40")):
        assert acme.alice.get(f"/public/v2/users/{name.format(address)}").json()["id"] == acme.alice_id


def test_version_1_finds_a_user_by_address(acme: Account) -> None:
    for address in (acme.alice_email, acme.alice_email.upper(), acme.alice_email.replace("@", "%40")):
        assert acme.alice.get(f"/public/users/{address}/email").json()["id"] == acme.alice_id


def test_an_address_with_signs_that_need_encoding_is_found(acme: Account) -> None:
    user_id = acme.user("o'brien+a/b%c@acme.test", Role.EMPLOYEE)

    for path in ("/public/v2/users/email:{}", "/public/users/{}/email"):
        found = acme.alice.get(path.format("o%27brien%2Ba%2Fb%25c%40acme.test"))
        assert found.json()["id"] == user_id


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/public/users/2147483647", 400),
        ("/public/users/0", 400),
        ("/public/users/-1", 400),
        ("/public/users/1.0", 400),
        ("/public/users/1e0", 400),
        ("/public/users/2147483648", 400),
        ("/public/users/9999999999999999999999", 400),
        ("/public/users/alice", 400),
        ("/public/users/email:alice@acme.test", 400),
        ("/public/users/nobody@acme.test/email", 404),
        ("/public/users/%00/email", 404),
        ("/public/users/%FF/email", 404),
        ("/public/v2/users/2147483647", 400),
        ("/public/v2/users/0", 400),
        ("/public/v2/users/-1", 400),
        ("/public/v2/users/1.0", 400),
        ("/public/v2/users/2147483648", 400),
        ("/public/v2/users/9999999999999999999999", 400),
        ("/public/v2/users/%D9%A1", 400),
        ("/public/v2/users/alice", 400),
        ("/public/v2/users/alice@acme.test", 400),
        ("/public/v2/users/EMAIL:alice@acme.test", 400),
        ("/public/v2/users/email:", 400),
        ("/public/v2/users/email:nobody@acme.test", 400),
        ("/public/v2/users/email:%00", 400),
        ("/public/v2/users/email:%FF", 400),
    ],
)
def test_a_user_who_is_not_there_is_refused_as_the_contract_lists_it(acme: Account, path: str, status: int) -> None:
    refused(acme.alice.get(path), status)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["alice", "bob.builder", "bobbie", "carol"]),
        ("firstName=Bob", ["bob.builder", "bobbie"]),
        ("firstName=bOB", ["bob.builder", "bobbie"]),
        ("firstName=ob", []),
        ("lastName=Bo", ["carol"]),
        ("firstName=Bob&lastName=Bui", ["bob.builder"]),
        ("lastName=O%27Brien_1", ["bobbie"]),
        ("lastName=%25", []),
        ("firstName=", ["alice", "bob.builder", "bobbie", "carol"]),
    ],
)
def test_version_2_finds_names_by_their_beginning(staff: Account, query: str, found: list[str]) -> None:
    assert emails(staff.alice.get(f"/public/v2/users?{query}")) == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["alice", "bob.builder", "bobbie", "carol"]),
        ("q=bob", ["bob.builder", "bobbie", "carol"]),
        ("q=BUILDER@ACME", ["bob.builder"]),
        ("q=Bob+Builder", ["bob.builder"]),
        ("q=%25", ["bobbie"]),
        ("q=nobody", []),
        ("roles[]=AUDITOR", ["carol"]),
        ("roles[]=AUDITOR&roles[]=ADMIN", ["alice", "carol"]),
        ("roles=EMPLOYEE&excludeRoles=DEVOPS_ENGINEER", ["bobbie"]),
        ("excludeRoles[]=EMPLOYEE", ["alice", "carol"]),
        ("roles=EMPLOYEE&q=builder", ["bob.builder"]),
        ("roles[]=TRUST_USER", []),
    ],
)
def test_version_1_searches_and_filters(staff: Account, query: str, found: list[str]) -> None:
    response = staff.alice.get(f"/public/users?{query}")

    assert emails(response) == found
    assert response.json()["total"] == len(found)


def test_version_1_includes_and_excludes_ids(staff: Account) -> None:
    ids = {user["email"]: user["id"] for user in staff.alice.get("/public/users").json()["data"]}
    carol, bobbie = ids["carol@acme.test"], ids["bobbie@acme.test"]

    assert emails(staff.alice.get(f"/public/users?includeUserIds[]={carol}&includeUserIds[]={bobbie}")) == [
        "bobbie",
        "carol",
    ]
    assert emails(staff.alice.get(f"/public/users?excludeUserIds[]={carol}&excludeUserIds={bobbie}")) == [
        "alice",
        "bob.builder",
    ]
    assert emails(staff.alice.get(f"/public/users?includeUserIds={carol}&excludeUserIds={carol}")) == []


@pytest.mark.parametrize(
    "query",
    [
        "roles[]=KING",
        "excludeRoles[]=admin",
        "excludeUserIds[]=alice",
        "includeUserIds[]=0",
        "&".join(["includeUserIds[]=1"] * 301),
        "&".join(["excludeUserIds[]=1"] * 501),
        "&".join(["excludeRoles[]=ADMIN"] * 301),
    ],
)
def test_version_1_refuses_filters_that_do_not_fit(acme: Account, query: str) -> None:
    refused(acme.alice.get(f"/public/users?{query}"), 400)


def test_a_deactivated_user_is_listed_nowhere_and_still_found_by_id(world: World, acme: Account) -> None:
    user_id = acme.user("dave@acme.test", Role.EMPLOYEE)
    deactivate(world, user_id)

    for path in ("/public/users", "/public/v2/users", "/public/v2/roles/role:EMPLOYEE/users"):
        assert "dave" not in emails(acme.alice.get(path))
    assert acme.alice.get(f"/public/v2/users/{user_id}").json()["email"] == "dave@acme.test"
