"""Who works on a delivery: one at a time, and another when that one has died."""

import asyncio
import json
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest

from tests.jobs import job_context
from tests.webhooks.receiver import Desk, Receiver, answer
from trustwright.webhooks import actions, delivery, jobs
from trustwright.webhooks.model import DeliveryStatus, Outcome
from trustwright.worker import working

QUEUED, DELIVERED, FAILED = DeliveryStatus.QUEUED, DeliveryStatus.DELIVERED, DeliveryStatus.FAILED


def queued_jobs(desk: Desk, delivery_id: int) -> int:
    row = desk.world.connection.execute(
        "select count(*) from procrastinate_jobs where task_name = %s and (args ->> 'delivery_id')::integer = %s",
        (actions.DELIVER, delivery_id),
    ).fetchone()
    assert row
    return int(row[0])


def test_two_attempts_at_once_send_once(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()
    which = (desk.world.database, desk.settings, desk.account.id, delivery_id, desk.reach)

    async def both() -> None:
        await asyncio.gather(delivery.attempt(*which), delivery.attempt(*which))

    desk.world.run(both())

    assert len(receiver.received) == 1
    assert desk.delivery(delivery_id).attempts == 1


def test_no_transaction_waits_for_the_receiver(desk: Desk, receiver: Receiver) -> None:
    waiting: list[int] = []

    def look() -> None:
        with psycopg.connect(desk.world.database_url) as connection:
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and state like 'idle in%'"
            ).fetchone()
            assert row
            waiting.append(row[0])

    receiver.before_answer = look
    desk.deliver(desk.announce())

    assert waiting == [0]


def test_a_delivery_whose_process_was_killed_is_sent_when_its_lease_has_run_out(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()
    assert desk.do(actions.claim_delivery, delivery_id)

    desk.deliver(delivery_id)
    assert receiver.received == []

    desk.age(delivery_id, timedelta(seconds=61))
    desk.deliver(delivery_id)
    assert len(receiver.received) == 1
    assert (desk.delivery(delivery_id).state, desk.delivery(delivery_id).attempts) == (DELIVERED, 2)


def test_a_delivery_that_kills_whoever_attempts_it_is_given_up(desk: Desk, receiver: Receiver) -> None:
    delivery_id = desk.announce()
    for _ in range(8):
        assert desk.do(actions.claim_delivery, delivery_id)
        desk.age(delivery_id, timedelta(seconds=61))

    assert desk.deliver(delivery_id) is None

    assert receiver.received == []
    assert desk.delivery(delivery_id).state is FAILED
    assert "cut off" in str(desk.attempts(delivery_id)[0].error)


def test_who_comes_back_late_changes_nothing_but_to_say_that_it_was_taken(desk: Desk) -> None:
    failed, taken = desk.announce(), desk.announce()
    late = {each: desk.do(actions.claim_delivery, each) for each in (failed, taken)}
    for each in late:
        desk.age(each, timedelta(seconds=61))
        assert desk.do(actions.claim_delivery, each)

    assert desk.do(actions.settle, late[failed], Outcome(error="gave up", is_lasting=True)) is None
    assert desk.do(actions.settle, late[taken], Outcome(http_status=200)) is None

    assert desk.delivery(failed).state is QUEUED
    assert desk.do(actions.claim_delivery, failed) is None
    assert desk.delivery(taken).state is DELIVERED


def look_for_forgotten(desk: Desk) -> None:
    context: Any = type("Context", (), {"additional_context": {"database": desk.world.database}})()
    desk.world.run(jobs.take_up_forgotten.func(context, 0))


def test_a_delivery_whose_job_was_lost_is_taken_up_again(desk: Desk) -> None:
    delivery_id = desk.announce()
    desk.do(actions.claim_delivery, delivery_id)
    look_for_forgotten(desk)
    assert queued_jobs(desk, delivery_id) == 1

    desk.age(delivery_id, timedelta(minutes=3))
    look_for_forgotten(desk)
    look_for_forgotten(desk)

    assert queued_jobs(desk, delivery_id) == 2


def test_a_finished_delivery_is_never_taken_up_again(desk: Desk) -> None:
    delivery_id = desk.announce()
    desk.deliver(delivery_id)
    desk.age(delivery_id, timedelta(days=2))

    look_for_forgotten(desk)

    assert queued_jobs(desk, delivery_id) == 1


def test_the_job_is_run_again_when_its_delivery_is_due(desk: Desk, receiver: Receiver) -> None:
    receiver.answers = [answer(500)]
    delivery_id = desk.announce()
    given = job_context(database=desk.world.database, settings=desk.settings)

    with pytest.raises(jobs.Undelivered) as raised:
        desk.world.run(jobs.deliver.func(given, account_id=desk.account.id, delivery_id=delivery_id))

    job: Any = None
    decision = jobs.AsTheDeliverySays().get_retry_decision(exception=raised.value, job=job)
    assert decision
    assert decision.retry_at
    assert abs(decision.retry_at - datetime.now(UTC) - timedelta(seconds=10)) < timedelta(seconds=5)
    assert jobs.AsTheDeliverySays().get_retry_decision(exception=ValueError(), job=job) is None


def test_the_workers_deliver_what_is_announced(desk: Desk, receiver: Receiver) -> None:
    async def work() -> None:
        async with working(desk.settings, desk.world.database_url, desk.world.database):
            deadline = time.monotonic() + 30
            while not receiver.received and time.monotonic() < deadline:
                await asyncio.sleep(0.02)

    desk.announce(to="FAILED")
    desk.world.run(work())

    assert json.loads(receiver.received[0].body)["data"] == {"to": "FAILED"}
