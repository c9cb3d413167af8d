"""Workspaces in both versions of the API."""

from typing import Any

import pytest

from tests.factories import Account, World
from trustwright.accounts import actions


@pytest.fixture
def labs(world: World, acme: Account) -> Account:
    """Acme with two more workspaces."""

    async def open_labs() -> None:
        async with world.database.begin(acme.who) as tx:
            for name in ("Lab 100%", "lab_2"):
                await actions.create_workspace(tx, name)

    world.run(open_labs())
    return acme


def test_a_new_account_has_one_primary_workspace(acme: Account) -> None:
    body = acme.alice.get("/public/v2/workspaces").json()

    assert [(item["name"], item["primary"]) for item in body["data"]] == [("Acme", True)]
    assert body["pagination"] == {"cursor": None}


def test_another_account_sees_only_its_own_workspaces(acme: Account, globex: Account) -> None:
    for path in ("/public/workspaces", "/public/v2/workspaces"):
        ours = acme.alice.get(path).json()["data"]
        theirs = globex.alice.get(path).json()["data"]

        assert [item["id"] for item in ours] == [acme.workspace_id]
        assert [item["id"] for item in theirs] == [globex.workspace_id]


def test_version_2_shows_what_is_not_set_as_null(acme: Account) -> None:
    (workspace,) = acme.alice.get("/public/v2/workspaces").json()["data"]

    assert set(workspace) == {
        *("id", "primary", "name", "description", "createdAt", "updatedAt", "howItWorks", "url", "logo")
    }
    assert [workspace[name] for name in ("description", "howItWorks", "url", "logo")] == [None] * 4


def test_version_1_shows_what_is_not_set_as_empty(acme: Account) -> None:
    (workspace,) = acme.alice.get("/public/workspaces").json()["data"]

    assert workspace == {
        "id": acme.workspace_id,
        "name": "Acme",
        "description": "",
        "howItWorks": "",
        "url": "",
        "logo": "",
        "primary": True,
        "frameworks": [],
    }


@pytest.mark.parametrize(
    ("expand", "added"), [("frameworks", {"frameworks": []}), ("personnelScope", {"scopedPersonnelCount": None})]
)
def test_an_expansion_adds_its_property_and_no_other(acme: Account, expand: str, added: dict[str, Any]) -> None:
    (plain,) = acme.alice.get("/public/v2/workspaces").json()["data"]

    (expanded,) = acme.alice.get("/public/v2/workspaces", params={"expand[]": expand}).json()["data"]

    assert expanded == plain | added


@pytest.mark.parametrize(
    ("q", "found"),
    [("", ["Acme", "Lab 100%", "lab_2"]), ("LAB", ["Lab 100%", "lab_2"]), ("%", ["Lab 100%"]), ("x", [])],
)
def test_version_1_searches_in_names(labs: Account, q: str, found: list[str]) -> None:
    body = labs.alice.get("/public/workspaces", params={"q": q}).json()

    assert [workspace["name"] for workspace in body["data"]] == found
    assert body["total"] == len(found)


def test_version_1_refuses_a_search_that_is_no_text(acme: Account) -> None:
    assert acme.alice.get("/public/workspaces?q=%00").status_code == 400
