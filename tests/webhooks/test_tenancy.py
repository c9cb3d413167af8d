"""What belongs to another account does not exist, and stays as it is (decisions 2)."""

from pathlib import Path

import pytest

from tests.factories import Account, World
from tests.webhooks.receiver import Desk, Receiver
from tests.webhooks.test_api import NOBODYS, URL, WEBHOOKS, at, finish, made


def answers(account: Account, webhook_id: int, delivery_id: int) -> list[tuple[int, str]]:
    """Status and message of each operation on a webhook, its id left out."""
    path = f"{WEBHOOKS}/{webhook_id}"
    asked = [
        ("GET", path),
        ("PUT", path),
        ("GET", f"{path}/deliveries"),
        ("POST", f"{path}/secret"),
        ("POST", f"{path}/test"),
        ("POST", f"{path}/deliveries/{delivery_id}/redeliver"),
        ("DELETE", path),
    ]
    found = [account.alice.request(method, path, json={"url": URL}) for method, path in asked]
    return [(each.status_code, each.json()["message"].replace(str(webhook_id), "_")) for each in found]


def test_a_webhook_of_another_account_is_like_none(acme: Account, globex: Account) -> None:
    theirs = made(globex)
    delivery = globex.alice.post(f"{at(theirs)}/test").json()
    finish(globex, delivery["id"])
    before = globex.alice.get(at(theirs)).json()

    assert answers(acme, theirs["id"], delivery["id"]) == answers(acme, NOBODYS, NOBODYS)
    assert {status for status, _ in answers(acme, theirs["id"], delivery["id"])} == {404}
    assert acme.alice.get(WEBHOOKS).json()["data"] == []
    assert globex.alice.get(at(theirs)).json() == before
    assert len(globex.alice.get(f"{at(theirs)}/deliveries").json()["data"]) == 1


def test_a_delivery_of_another_account_is_like_none(acme: Account, globex: Account) -> None:
    ours, theirs = made(acme), made(globex)
    delivery = globex.alice.post(f"{at(theirs)}/test").json()
    finish(globex, delivery["id"])

    assert acme.alice.post(f"{at(ours)}/deliveries/{delivery['id']}/redeliver").status_code == 404


@pytest.fixture
def rival(backstage: World, receiver: Receiver, tmp_path: Path) -> Desk:
    return Desk(backstage, backstage.account("Globex"), receiver.url, tmp_path)


def test_news_go_to_the_webhooks_of_their_account_only(desk: Desk, rival: Desk, receiver: Receiver) -> None:
    desk.deliver(desk.announce(name="ours"))

    assert rival.deliveries() == []
    assert len(receiver.received) == 1


def test_a_job_of_another_account_sends_nothing(desk: Desk, rival: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()

    assert rival.deliver(delivery_id) is None
    assert receiver.received == []
    assert desk.delivery(delivery_id).attempts == 0


def test_two_accounts_share_no_secret(desk: Desk, rival: Desk) -> None:
    assert desk.secret != rival.secret
