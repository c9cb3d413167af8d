"""Roles: a fixed list, named by number or as `role:<NAME>` (Q65), and the users who have them."""

import httpx
import pytest

from tests.factories import Account
from trustwright.accounts.roles import Role

ROLES = "/public/v2/roles"


def refused(response: httpx.Response, status: int) -> None:
    assert (response.status_code, response.json()["statusCode"]) == (status, status), response.text


def test_every_role_is_listed(acme: Account) -> None:
    body = acme.alice.get(f"{ROLES}?includeTotalCount=true").json()

    assert [(role["id"], role["role"]) for role in body["data"]] == [(role.id, role.value) for role in Role]
    assert body["pagination"] == {"cursor": None, "totalCount": len(Role)}
    assert all(set(role) == {"id", "role", "createdAt", "updatedAt"} for role in body["data"])


@pytest.mark.parametrize("size", [1, 7, len(Role) - 1, len(Role), len(Role) + 1])
@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("sort", ["createdAt", "updatedAt"])
def test_a_walk_visits_every_role_once(acme: Account, sort: str, direction: str, size: int) -> None:
    seen: list[int] = []
    query: dict[str, str | int] = {"sort": sort, "sortDir": direction, "size": size}
    while True:
        body = acme.alice.get(ROLES, params=query).json()
        assert 1 <= len(body["data"]) <= size
        seen += [role["id"] for role in body["data"]]
        if body["pagination"]["cursor"] is None:
            break
        query["cursor"] = body["pagination"]["cursor"]

    assert seen == sorted((role.id for role in Role), reverse=direction == "DESC")


def test_permissions_are_shown_when_asked_for(acme: Account) -> None:
    for path in (f"{ROLES}/role:READONLY_RISK_MANAGER", f"{ROLES}/{Role.READONLY_RISK_MANAGER.id}"):
        assert acme.alice.get(f"{path}?expand[]=permissions").json()["permissions"] == [
            {"action": "READ", "subject": "Risk"},
            {"action": "READ", "subject": "Vendor"},
            {"action": "READ", "subject": "SecurityQuestionnaire"},
        ]
        assert "permissions" not in acme.alice.get(path).json()
    listed = acme.alice.get(f"{ROLES}?expand[]=permissions").json()["data"]
    assert {role["role"]: role["permissions"] for role in listed}["ADMIN"] == [{"action": "MANAGE", "subject": "ALL"}]


@pytest.mark.parametrize("name", [str(Role.ADMIN.id), "role:ADMIN", "role%3AADMIN", "role:%41DMIN"])
def test_a_role_is_found_by_number_and_by_name(acme: Account, name: str) -> None:
    assert acme.alice.get(f"{ROLES}/{name}").json()["role"] == "ADMIN"
    assert [user["id"] for user in acme.alice.get(f"{ROLES}/{name}/users").json()["data"]] == [acme.alice_id]


@pytest.mark.parametrize("suffix", ["", "/users"])
@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ADMIN", 400),
        ("ROLE:ADMIN", 400),
        ("email:alice@acme.test", 400),
        ("0", 400),
        ("-1", 400),
        ("1.0", 400),
        ("2147483648", 400),
        ("role:%00", 400),
        ("role:%FF", 400),
        ("2147483647", 404),
        (str(len(Role) + 1), 404),
        ("role:", 404),
        ("role:admin", 404),
        ("role:1", 404),
        ("role:KING", 404),
    ],
)
def test_a_role_that_is_not_there_is_refused(acme: Account, name: str, status: int, suffix: str) -> None:
    refused(acme.alice.get(f"{ROLES}/{name}{suffix}"), status)


def test_a_malformed_query_is_refused_before_the_role_is_looked_for(acme: Account) -> None:
    refused(acme.alice.get(f"{ROLES}/role:KING/users?size=0"), 400)


def test_the_users_of_a_role_are_those_who_have_it_among_others(acme: Account, globex: Account) -> None:
    bob = acme.user("bob@acme.test", Role.EMPLOYEE, Role.AUDITOR, first_name="Bob")
    carol = acme.user("carol@acme.test", Role.AUDITOR, first_name="Carol")
    globex.user("mallory@globex.test", Role.AUDITOR)

    body = acme.alice.get(f"{ROLES}/role:AUDITOR/users?includeTotalCount=true&expand[]=roles").json()

    assert [user["id"] for user in body["data"]] == [bob, carol]
    assert body["data"][0]["roles"] == ["EMPLOYEE", "AUDITOR"]
    assert body["pagination"] == {"cursor": None, "totalCount": 2}
    found = acme.alice.get(f"{ROLES}/role:AUDITOR/users?firstName=ca").json()["data"]
    assert [user["id"] for user in found] == [carol]
    assert acme.alice.get(f"{ROLES}/role:KNOWLEDGE_BASE/users").json()["data"] == []
