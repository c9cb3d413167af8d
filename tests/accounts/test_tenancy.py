"""An object of another account does not exist (decisions 2)."""

import pytest

from tests.factories import Account
from trustwright.accounts.roles import Role


@pytest.mark.parametrize("path", ["/public/users/{}", "/public/v2/users/{}"])
def test_a_user_of_another_account_is_not_found_by_id(acme: Account, globex: Account, path: str) -> None:
    theirs = acme.alice.get(path.format(globex.alice_id))
    nobodys = acme.alice.get(path.format(2**31 - 1))

    assert theirs.status_code == nobodys.status_code == 400
    assert theirs.json()["message"].replace(str(globex.alice_id), str(2**31 - 1)) == nobodys.json()["message"]
    assert globex.alice.get(path.format(globex.alice_id)).status_code == 200


@pytest.mark.parametrize(("path", "status"), [("/public/users/{}/email", 404), ("/public/v2/users/email:{}", 400)])
def test_a_user_of_another_account_is_not_found_by_address(
    acme: Account, globex: Account, path: str, status: int
) -> None:
    assert acme.alice.get(path.format(globex.alice_email)).status_code == status
    assert globex.alice.get(path.format(globex.alice_email)).status_code == 200


def test_the_same_address_in_two_accounts_is_two_users(acme: Account, globex: Account) -> None:
    ours = acme.user("bob@shared.test", Role.EMPLOYEE)
    theirs = globex.user("bob@shared.test", Role.AUDITOR)

    for account, user_id in ((acme, ours), (globex, theirs)):
        assert account.alice.get("/public/v2/users/email:bob@shared.test").json()["id"] == user_id


@pytest.mark.parametrize(
    "path", ["/public/users", "/public/v2/users", "/public/v2/roles/role:ADMIN/users", "/public/users?q=alice"]
)
def test_lists_show_only_users_of_the_account(acme: Account, globex: Account, path: str) -> None:
    for account in (acme, globex):
        assert [user["id"] for user in account.alice.get(path).json()["data"]] == [account.alice_id]


def test_ids_of_another_account_select_nothing(acme: Account, globex: Account) -> None:
    body = acme.alice.get(f"/public/users?includeUserIds[]={globex.alice_id}").json()

    assert (body["data"], body["total"]) == ([], 0)
