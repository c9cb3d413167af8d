"""Webhooks over the API."""

import json
from typing import Any

import pytest

from tests.factories import Account
from trustwright.accounts.permissions import Permission

WEBHOOKS = "/public/v2/webhooks"
# Nothing resolves below .invalid (RFC 6761), so nothing that is tried here reaches anybody.
URL = "https://hooks.acme.invalid/trustwright?token=t0p"
NOBODYS = 2**31 - 1


def made(account: Account, **more: Any) -> Any:
    response = account.alice.post(WEBHOOKS, json={"url": URL, **more})
    assert response.status_code == 201, response.text
    return response.json()


def at(webhook: Any) -> str:
    return f"{WEBHOOKS}/{webhook['id']}"


def finish(account: Account, delivery_id: int) -> None:
    """Ends a delivery, whatever the server is doing with it."""
    account.sql(
        "update webhook_deliveries set state = 'FAILED', finished_at = now() where account_id = %s and id = %s",
        delivery_id,
    )


def test_a_webhook_shows_its_secret_once(acme: Account) -> None:
    webhook = made(acme, description="To the chat")

    assert set(webhook) == {
        *("id", "url", "description", "enabled", "disabledMessage", "createdAt", "updatedAt", "secret")
    }
    assert (webhook["url"], webhook["description"], webhook["enabled"]) == (URL, "To the chat", True)
    assert webhook["secret"].startswith("whsec_")
    assert len(webhook["secret"]) == len("whsec_") + 43
    shown = {name: value for name, value in webhook.items() if name != "secret"}
    assert acme.alice.get(at(webhook)).json() == shown
    assert acme.alice.get(WEBHOOKS).json()["data"] == [shown]
    assert acme.alice.put(at(webhook), json={}).json() == shown


def test_no_two_secrets_are_the_same(acme: Account) -> None:
    first, second = made(acme), made(acme)
    renewed = acme.alice.post(f"{at(first)}/secret")

    assert renewed.status_code == 201
    assert len({first["secret"], second["secret"], renewed.json()["secret"]}) == 3


def test_a_webhook_is_changed_field_by_field(acme: Account) -> None:
    webhook = made(acme, description="To the chat")

    other = "https://hooks.acme.invalid/other"
    assert acme.alice.put(at(webhook), json={"url": other}).json()["description"] == "To the chat"
    assert acme.alice.put(at(webhook), json={"description": None}).json()["url"] == other
    after = acme.alice.put(at(webhook), json={"enabled": False}).json()
    assert (after["url"], after["description"], after["enabled"]) == (other, None, False)


def test_a_deleted_webhook_is_gone(acme: Account) -> None:
    webhook = made(acme)

    assert acme.alice.delete(at(webhook)).status_code == 204
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/test"), ("GET", "/deliveries")):
        assert acme.alice.request(method, at(webhook) + path, json={}).status_code == 404
    assert acme.alice.get(WEBHOOKS).json()["data"] == []


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "url"),
        ({"url": 1}, "url"),
        ({"url": "http://hooks.acme.invalid/"}, "https://"),
        ({"url": "https://127.0.0.1/"}, "not public"),
        ({"url": "https://[::ffff:10.0.0.1]/"}, "not public"),
        ({"url": "https://alice@hooks.acme.invalid/"}, "user name"),
        ({"url": URL, "enabled": "yes"}, "enabled"),
        ({"url": URL, "description": "a\0b"}, "NUL"),
        ({"url": URL, "description": "a" * 1001}, "description"),
    ],
)
def test_a_bad_webhook_is_refused_with_a_reason(acme: Account, body: Any, message: str) -> None:
    response = acme.alice.post(WEBHOOKS, json=body)

    assert response.status_code == 400
    assert message in response.json()["message"]
    webhook = made(acme)
    if "url" in body:
        assert acme.alice.put(at(webhook), json=body).status_code == 400


def test_an_account_has_at_most_twenty(acme: Account) -> None:
    for _ in range(20):
        made(acme)

    response = acme.alice.post(WEBHOOKS, json={"url": URL})

    assert (response.status_code, "at most 20" in response.json()["message"]) == (400, True)


def test_a_test_queues_a_ping(acme: Account) -> None:
    webhook = made(acme)

    response = acme.alice.post(f"{at(webhook)}/test")

    assert response.status_code == 201
    delivery = response.json()
    assert (delivery["kind"], delivery["status"], delivery["attempts"]) == ("ping", "QUEUED", [])
    assert json.loads(delivery["body"])["data"] == {"webhookId": webhook["id"]}
    (listed,) = acme.alice.get(f"{at(webhook)}/deliveries").json()["data"]
    assert (listed["id"], listed["body"]) == (delivery["id"], delivery["body"])


def test_deliveries_are_listed_by_status_and_page(acme: Account) -> None:
    webhook = made(acme)
    deliveries = f"{at(webhook)}/deliveries"
    ids = [acme.alice.post(f"{at(webhook)}/test").json()["id"] for _ in range(3)]
    finish(acme, ids[1])

    first = acme.alice.get(deliveries, params={"size": 2, "includeTotalCount": "true"}).json()
    rest = acme.alice.get(deliveries, params={"size": 2, "cursor": first["pagination"]["cursor"]}).json()
    failed = acme.alice.get(deliveries, params={"status": "FAILED"}).json()["data"]

    assert [each["id"] for each in first["data"] + rest["data"]] == ids
    assert first["pagination"]["totalCount"] == 3
    assert [(each["id"], each["nextAttemptAt"]) for each in failed] == [(ids[1], None)]
    assert acme.alice.get(deliveries, params={"status": "LOST"}).status_code == 400


def test_a_finished_delivery_can_be_made_anew(acme: Account) -> None:
    webhook = made(acme)
    delivery = acme.alice.post(f"{at(webhook)}/test").json()
    anew = f"{at(webhook)}/deliveries/{delivery['id']}/redeliver"

    waiting = acme.alice.post(anew)
    finish(acme, delivery["id"])
    response = acme.alice.post(anew)

    assert (waiting.status_code, "still waiting" in waiting.json()["message"]) == (409, True)
    assert response.status_code == 201
    again = response.json()
    assert (again["messageId"], again["body"]) == (delivery["messageId"], delivery["body"])
    assert again["id"] != delivery["id"]
    assert acme.alice.post(f"{at(webhook)}/deliveries/{NOBODYS}/redeliver").status_code == 404
    assert acme.alice.post(f"{at(made(acme))}/deliveries/{delivery['id']}/redeliver").status_code == 404


def test_a_disabled_webhook_gets_nothing_new(acme: Account) -> None:
    webhook = made(acme, enabled=False)

    response = acme.alice.post(f"{at(webhook)}/test")

    assert (response.status_code, "enable it first" in response.json()["message"]) == (409, True)


def test_every_change_leaves_an_event_that_tells_no_secret(acme: Account) -> None:
    webhook = made(acme)
    secret = acme.alice.post(f"{at(webhook)}/secret").json()["secret"]
    acme.alice.put(at(webhook), json={"enabled": False})
    acme.alice.delete(at(webhook))

    query = {"category": "OUTBOUND_WEBHOOKS", "expand[]": "metadata"}
    response = acme.alice.get("/public/v2/events", params=query)

    assert [event["type"] for event in response.json()["data"]] == [
        "WORKFLOW_PUBLISHED",
        "WORKFLOW_DRAFT_SAVED",
        "WORKFLOW_DRAFT_SAVED",
        "WORKFLOW_DELETED",
    ]
    assert "hooks.acme.invalid" in response.text
    for hidden in (webhook["secret"], secret, "t0p"):
        assert hidden not in response.text


def test_reading_and_writing_need_their_permissions(acme: Account) -> None:
    webhook = made(acme)
    reader = acme.client(acme.key(Permission.MONITORS_GET)[1])
    writer = acme.client(acme.key(Permission.MONITORS_PUT_MONITOR)[1])
    reads = [("GET", WEBHOOKS), ("GET", at(webhook)), ("GET", f"{at(webhook)}/deliveries")]
    writes = [
        ("POST", WEBHOOKS),
        ("PUT", at(webhook)),
        ("POST", f"{at(webhook)}/secret"),
        ("POST", f"{at(webhook)}/test"),
        ("POST", f"{at(webhook)}/deliveries/{NOBODYS}/redeliver"),
        ("DELETE", at(webhook)),
    ]

    for method, path in reads + writes:
        assert acme.client(None).request(method, path, json={}).status_code == 401
    for method, path in reads:
        assert (reader.request(method, path).status_code, writer.request(method, path).status_code) == (200, 403)
    for method, path in writes:
        assert reader.request(method, path, json={"url": URL}).status_code == 403
        assert writer.request(method, path, json={"url": URL}).status_code in (200, 201, 204, 404)


@pytest.mark.parametrize("webhook_id", ["0", "abc", "2147483648"])
def test_an_id_that_cannot_be_is_malformed(acme: Account, webhook_id: str) -> None:
    assert acme.alice.get(f"{WEBHOOKS}/{webhook_id}").status_code == 400
