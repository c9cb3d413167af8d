"""From what happened to the receiver: signed, once, and again when it must be."""

import json
import socket
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace

from tests.conftest import free_port
from tests.webhooks.receiver import Desk, Receiver, answer, receiving, signed
from trustwright.http.secret import secret_key
from trustwright.webhooks import actions
from trustwright.webhooks.model import WAITS, DeliveryStatus, seconds_until_next

A_MINUTE = timedelta(minutes=1)
QUEUED, DELIVERED, FAILED = DeliveryStatus.QUEUED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED


def drop(connection: socket.socket) -> None:
    """Hangs up without a word."""


def events(desk: Desk, type_: str) -> list[Any]:
    """What the events of a type keep as `after`, the oldest first."""
    found = desk.account.sql("select after from events where account_id = %s and type = %s order by seq", type_)
    return [after for (after,) in found]


def test_news_arrive_with_their_kind_account_and_data(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce(testName="Disks are encrypted", to="FAILED")

    assert desk.deliver(delivery_id) is None

    (request,) = receiver.received
    news = json.loads(request.body)
    assert request.line == "POST /hook HTTP/1.1"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert request.headers["user-agent"].startswith("Trustwright/")
    assert request.headers["trustwright-event"] == news["kind"] == "monitor.status_changed"
    assert request.headers["trustwright-delivery"] == news["id"] == str(UUID(news["id"]))
    assert news["accountId"] == desk.account.id
    assert news["data"] == {"testName": "Disks are encrypted", "to": "FAILED"}
    assert abs(datetime.fromisoformat(news["createdAt"]) - datetime.now(UTC)) < A_MINUTE
    assert request.body.decode() == desk.delivery(delivery_id).body


def test_the_signature_is_over_time_and_body_with_the_secret_as_shown(desk: Desk, receiver: Receiver) -> None:
    desk.deliver(desk.announce(name="Käse"))

    (request,) = receiver.received
    timestamp = request.headers["trustwright-timestamp"]
    assert desk.secret.startswith("whsec_")
    assert abs(int(timestamp) - time.time()) < 60
    assert request.headers["trustwright-signature"] == signed(desk.secret, timestamp, request.body)
    assert request.headers["trustwright-signature"] != signed("whsec_other", timestamp, request.body)


def test_a_delivery_that_was_taken_is_settled_and_logged(desk: Desk, receiver: Receiver) -> None:
    receiver.answers = [answer(204)]
    delivery_id = desk.announce()
    desk.deliver(delivery_id)

    assert desk.deliver(delivery_id) is None
    assert len(receiver.received) == 1
    after = desk.delivery(delivery_id)
    (attempt,) = desk.attempts(delivery_id)
    assert (after.state, after.attempts) == (DELIVERED, 1)
    assert after.finished_at
    assert (attempt.number, attempt.http_status, attempt.error) == (1, 204, None)
    (event,) = events(desk, "WORKFLOW_WEBHOOK_SENT")
    assert (event["status"], event["deliveryId"], event["attempts"]) == ("DELIVERED", delivery_id, 1)
    assert desk.secret not in json.dumps(event)


@pytest.mark.parametrize(
    ("said", "status", "error"),
    [
        (answer(500, b"out of order"), 500, "The receiver answered 500"),
        (answer(404), 404, "The receiver answered 404"),
        (drop, None, "RemoteProtocolError"),
        (b"SSH-2.0-OpenSSH\r\n", None, "RemoteProtocolError"),
        (b"HTTP/1.1 two hundred\r\n\r\n", None, "RemoteProtocolError"),
    ],
    ids=["500", "404", "hangs up", "no HTTP", "no status"],
)
def test_what_was_not_taken_is_tried_again(
    desk: Desk, receiver: Receiver, said: Any, status: int | None, error: str
) -> None:
    receiver.answers = [said]
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10
    assert desk.deliver(delivery_id) is None
    assert len(receiver.received) == 1
    assert desk.delivery(delivery_id).state is QUEUED
    desk.age(delivery_id, timedelta(seconds=11))
    assert desk.deliver(delivery_id) is None

    first, second = receiver.received
    failed, taken = desk.attempts(delivery_id)
    assert desk.delivery(delivery_id).state is DELIVERED
    assert first.body == second.body
    assert first.headers["trustwright-delivery"] == second.headers["trustwright-delivery"]
    assert failed.http_status == status
    assert error in str(failed.error)
    assert (taken.number, taken.http_status, taken.error) == (2, 200, None)


def test_a_receiver_that_is_away_is_waited_for(desk: Desk) -> None:
    desk.do(actions.update_webhook, desk.webhook.id, url=f"http://127.0.0.1:{free_port()}/")
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10

    (attempt,) = desk.attempts(delivery_id)
    assert "ConnectError" in str(attempt.error)


def test_a_receiver_that_never_answers_is_left(desk: Desk, receiver: Receiver) -> None:
    desk.reach = replace(desk.reach, to_answer=0.2)
    receiver.answers = [lambda connection: time.sleep(0.4)]
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10

    (attempt,) = desk.attempts(delivery_id)
    assert attempt.error == "No answer within 0.2 seconds"
    assert attempt.milliseconds >= 200


def test_an_answer_that_never_ends_is_not_read_to_its_end(desk: Desk, receiver: Receiver) -> None:
    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 So\r\nContent-Length: 100000000000\r\n\r\n")
        with suppress(OSError):
            while True:
                connection.sendall(b"spam\0" * 100_000)

    receiver.answers = [flood]
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None

    (attempt,) = desk.attempts(delivery_id)
    assert desk.delivery(delivery_id).state is DELIVERED
    assert 400 <= len(attempt.answer) <= 500
    assert attempt.answer.startswith("spamspam")


@pytest.mark.parametrize("rest", [lambda connection: None, lambda connection: time.sleep(0.3)])
def test_a_status_counts_though_its_body_breaks_off(desk: Desk, receiver: Receiver, rest: Any) -> None:
    def begin(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 So\r\nContent-Length: 10\r\n\r\nthan")
        rest(connection)

    desk.reach = replace(desk.reach, to_finish=0.1)
    receiver.answers = [begin]
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None

    (attempt,) = desk.attempts(delivery_id)
    assert (attempt.http_status, attempt.error, attempt.answer) == (200, None, "than")


def test_a_redirect_leads_nowhere(desk: Desk, receiver: Receiver) -> None:
    with receiving() as other:
        receiver.answers = [answer(307, Location=other.url)]
        delivery_id = desk.announce()

        assert desk.deliver(delivery_id) == 10
        assert other.received == []
    (attempt,) = desk.attempts(delivery_id)
    assert "redirects are not followed" in str(attempt.error)


def test_attempts_end_after_about_a_day() -> None:
    waits = [seconds_until_next(attempts) for attempts in range(1, 10)]

    assert waits == [10, 60, 300, 1800, 7200, 21_600, 43_200, None, None]
    assert timedelta(hours=18) < timedelta(seconds=sum(WAITS)) < timedelta(hours=30)


def test_after_the_last_attempt_a_delivery_has_failed(desk: Desk, receiver: Receiver) -> None:
    receiver.answers = [answer(503)]
    delivery_id = desk.announce()
    desk.world.connection.execute("update webhook_deliveries set attempts = 7 where id = %s", (delivery_id,))

    assert desk.deliver(delivery_id) is None

    assert (desk.delivery(delivery_id).state, desk.delivery(delivery_id).attempts) == (FAILED, 8)
    (event,) = events(desk, "WORKFLOW_WEBHOOK_SENT")
    assert (event["status"], event["httpStatus"]) == ("FAILED", 503)


def test_a_receiver_that_is_gone_disables_its_webhook(desk: Desk, receiver: Receiver) -> None:
    waiting = desk.announce()
    receiver.answers = [answer(410)]
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) is None
    assert desk.deliver(waiting) is None

    webhook = desk.webhook_now()
    assert (webhook.is_enabled, webhook.disabled_message) == (False, "The receiver answered 410 Gone")
    assert (desk.delivery(delivery_id).state, desk.delivery(waiting).state) == (FAILED, FAILED)
    assert [attempt.error for attempt in desk.attempts(waiting)] == ["The webhook is disabled or deleted"]
    assert len(receiver.received) == 1
    assert [event["enabled"] for event in events(desk, "WORKFLOW_DRAFT_SAVED")] == [False]
    assert desk.do(actions.update_webhook, desk.webhook.id, is_enabled=True).disabled_message is None


def test_gone_says_nothing_of_an_address_that_was_changed_meanwhile(desk: Desk, receiver: Receiver) -> None:
    def change() -> None:
        desk.do(actions.update_webhook, desk.webhook.id, url="http://127.0.0.1:9/")

    receiver.answers = [answer(410)]
    receiver.before_answer = change
    desk.deliver(desk.announce())

    assert desk.webhook_now().is_enabled


def test_what_waits_for_a_deleted_webhook_is_not_sent(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()
    desk.do(actions.delete_webhook, desk.webhook.id)

    assert desk.deliver(delivery_id) is None

    assert receiver.received == []
    assert desk.delivery(delivery_id).state is FAILED


def test_only_enabled_webhooks_hear(desk: Desk) -> None:
    silent, _ = desk.create("http://127.0.0.1:9/", is_enabled=False)
    second, _ = desk.create("http://127.0.0.1:9/")

    desk.announce()

    assert [len(desk.deliveries(each)) for each in (desk.webhook.id, silent.id, second.id)] == [1, 0, 1]
    first, other = desk.deliveries()[0], desk.deliveries(second.id)[0]
    assert first.message_id != other.message_id


def test_news_of_a_transaction_that_fails_are_no_news(desk: Desk) -> None:
    async def fail(tx: Any) -> None:
        await actions.announce(tx, "monitor.status_changed", {})
        raise RuntimeError("taken back")

    with pytest.raises(RuntimeError, match="taken back"):
        desk.do(fail)

    assert desk.deliveries() == []


def test_a_delivery_made_anew_is_the_same_message(desk: Desk, receiver: Receiver) -> None:
    first_id = desk.announce(to="FAILED")
    desk.deliver(first_id)

    again = desk.do(actions.redeliver, desk.webhook.id, first_id)
    desk.deliver(again.id)

    first, second = receiver.received
    assert again.id != first_id
    assert first.body == second.body
    assert first.headers["trustwright-delivery"] == second.headers["trustwright-delivery"]


def test_a_new_secret_signs_from_now_on(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()
    _, secret = desk.do(actions.renew_secret, desk.webhook.id, secret_key(desk.settings))
    desk.deliver(delivery_id)

    (request,) = receiver.received
    assert secret != desk.secret
    assert request.headers["trustwright-signature"] == signed(
        secret, request.headers["trustwright-timestamp"], request.body
    )


def test_nothing_is_signed_with_another_key_than_the_secret_was_made_with(desk: Desk, receiver: Receiver) -> None:
    desk.settings = replace(desk.settings, secret_key="the key of another server")
    delivery_id = desk.announce()

    assert desk.deliver(delivery_id) == 10

    (attempt,) = desk.attempts(delivery_id)
    assert receiver.received == []
    assert "secret key of the server" in str(attempt.error)


def test_the_secret_stands_nowhere_in_the_database(desk: Desk) -> None:
    desk.deliver(desk.announce())

    for table in ("webhooks", "webhook_deliveries", "webhook_attempts", "events"):
        rows = desk.world.connection.execute(f"select t::text from {table} t").fetchall()
        assert rows
        assert not any(desk.secret.removeprefix("whsec_") in text for (text,) in rows)
