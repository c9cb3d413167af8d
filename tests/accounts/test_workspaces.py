from tests.factories import Account


def test_a_new_account_has_one_primary_workspace(acme: Account) -> None:
    body = acme.alice.get("/public/v2/workspaces").json()

    assert [(item["name"], item["primary"]) for item in body["data"]] == [("Acme", True)]
    assert body["pagination"] == {"cursor": None}


def test_another_account_sees_only_its_own_workspaces(acme: Account, globex: Account) -> None:
    ours = acme.alice.get("/public/v2/workspaces").json()["data"]
    theirs = globex.alice.get("/public/v2/workspaces").json()["data"]

    assert [item["id"] for item in ours] == [acme.workspace_id]
    assert [item["id"] for item in theirs] == [globex.workspace_id]
