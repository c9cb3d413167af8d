"""Controls of the trust page follow their monitors."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from tests.monitors.cast import body, concluded, drafted, idle, made
from tests.records.cast import Resource
from tests.trust.cast import act
from tests.trust_page.cast import NOW, control, fields
from trustwright.db import Tx
from trustwright.monitors import actions
from trustwright.monitors.following import Finding, finding, follow, news_for
from trustwright.monitors.model import Monitor, ResultStatus
from trustwright.monitors.store import LastResult
from trustwright.trust_page.actions import archive_control, controls_by_id, note_result
from trustwright.trust_page.controls import Control

READY, PASSED, FAILED, ERROR = ResultStatus.READY, ResultStatus.PASSED, ResultStatus.FAILED, ResultStatus.ERROR


def ago(days: float) -> datetime:
    return NOW - timedelta(days=days)


def last(status: ResultStatus, days: float | None) -> LastResult:
    return LastResult(control_id=1, status=status, last_checked_at=None if days is None else ago(days))


def known(is_passing: bool | None, days: float | None) -> Control:
    return Control(
        id=1,
        workspace_id=1,
        place=0,
        is_passing=is_passing,
        checked_at=None if days is None else ago(days),
        failing_since=None,
        created_at=NOW,
        updated_at=NOW,
        **structs.asdict(fields()),
    )


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ([], None),
        ([last(READY, None)], None),
        ([last(READY, 1)], None),
        ([last(ERROR, 1)], None),
        ([last(PASSED, 1)], Finding(True, ago(1))),
        ([last(FAILED, 1)], Finding(False, ago(1))),
        # All pass since the one that was looked at longest ago.
        ([last(PASSED, 1), last(PASSED, 3), last(PASSED, 2)], Finding(True, ago(3))),
        # One that fails is enough, whatever the others say.
        ([last(PASSED, 1), last(FAILED, 3), last(READY, None)], Finding(False, ago(3))),
        ([last(FAILED, 3), last(FAILED, 2), last(ERROR, 1)], Finding(False, ago(2))),
        # Nothing new is known while one of them waits, or could not be run.
        ([last(PASSED, 1), last(READY, None)], None),
        ([last(PASSED, 1), last(READY, 1)], None),
        ([last(PASSED, 1), last(ERROR, 1)], None),
    ],
)
def test_a_control_stands_as_its_monitors_found(results: list[LastResult], expected: Finding | None) -> None:
    assert finding(results) == expected


@pytest.mark.parametrize(
    ("control", "found", "expected"),
    [
        (known(None, None), Finding(True, ago(1)), Finding(True, ago(1))),
        (known(None, None), Finding(False, ago(1)), Finding(False, ago(1))),
        (known(True, 2), Finding(True, ago(1)), Finding(True, ago(1))),
        (known(True, 2), Finding(False, ago(1)), Finding(False, ago(1))),
        # What is known already is no news.
        (known(True, 1), Finding(True, ago(1)), None),
        (known(False, 1), Finding(False, ago(2)), None),
        # What turns the result is never lost, and never older than what was known.
        (known(True, 1), Finding(False, ago(2)), Finding(False, ago(1))),
        (known(False, 1), Finding(True, ago(2)), Finding(True, ago(1))),
        (known(False, 1), Finding(True, ago(1)), Finding(True, ago(1))),
        # Nothing was seen in the future.
        (known(None, None), Finding(True, ago(-1)), Finding(True, NOW)),
        (known(True, 0), Finding(True, ago(-1)), None),
        # A control that was noted by a transaction that began after this one.
        (known(True, -0.001), Finding(False, NOW), Finding(False, ago(-0.001))),
    ],
)
def test_a_control_takes_over_only_what_is_news(control: Control, found: Finding, expected: Finding | None) -> None:
    assert news_for(control, found, NOW) == expected


async def noted(tx: Tx, control: Control) -> tuple[bool | None, float | None]:
    """How a control stands, and how many days before the transaction it was looked at."""
    (now,) = await controls_by_id(tx, [control.id])
    return now.is_passing, None if now.checked_at is None else (tx.now - now.checked_at) / timedelta(days=1)


def test_a_control_fails_and_passes_with_its_monitors(devices: Resource) -> None:
    watched = control(devices.account)

    async def run(tx: Tx) -> list[Any]:
        ids = [watched.id]
        one = await made(tx, devices, "One", controlIds=ids)
        two = await made(tx, devices, "Two", controlIds=ids)
        steps: tuple[tuple[Monitor, ResultStatus, float], ...] = (
            (one, PASSED, 5),
            (two, PASSED, 4),
            (two, FAILED, 3),
            (two, ERROR, 2),
            (two, PASSED, 1),
            (one, PASSED, 0),
        )
        seen = [await noted(tx, watched)]
        for monitor, status, days_ago in steps:
            await concluded(tx, monitor, status, days_ago)
            await follow(tx, ids)
            seen.append(await noted(tx, watched))
        return seen

    assert act(devices.account, run) == [
        (None, None),
        (None, None),
        (True, 5),
        (False, 3),
        (False, 3),
        (True, 3),
        (True, 1),
    ]


def test_disabling_the_monitor_that_fails_lets_the_control_pass(devices: Resource) -> None:
    watched = control(devices.account)

    async def run(tx: Tx) -> list[Any]:
        good = await made(tx, devices, "Good", controlIds=[watched.id])
        bad = await made(tx, devices, "Bad", controlIds=[watched.id])
        await concluded(tx, good, PASSED, 1)
        await concluded(tx, bad, FAILED, 2)
        await follow(tx, [watched.id])
        seen = [await noted(tx, watched)]
        await actions.update_monitor(tx, bad, enabled=False)
        seen.append(await noted(tx, watched))
        await actions.update_monitor(tx, bad, enabled=True)
        seen.append(await noted(tx, watched))
        await actions.delete_monitor(tx, bad)
        return [*seen, await noted(tx, watched)]

    assert act(devices.account, run) == [(False, 2), (True, 1), (False, 1), (True, 1)]


def test_without_enabled_monitors_a_result_is_left_to_grow_stale(devices: Resource) -> None:
    watched = control(devices.account)

    async def run(tx: Tx) -> Any:
        monitor = await made(tx, devices, controlIds=[watched.id])
        await concluded(tx, monitor, PASSED, 1)
        await follow(tx, [watched.id])
        await actions.delete_monitor(tx, monitor)
        return await noted(tx, watched)

    assert act(devices.account, run) == (True, 1)


def test_a_control_that_begins_to_follow_knows_the_last_result_at_once(devices: Resource) -> None:
    account = devices.account
    watched, other = control(account), control(account, "AC-2")
    monitor = idle(devices, controlIds=[watched.id])

    async def link(tx: Tx) -> Any:
        await concluded(tx, monitor, FAILED, 1)
        await actions.redefine(tx, monitor, drafted(body(devices, controlIds=[other.id, watched.id])))
        return await noted(tx, other)

    assert act(account, link) == (False, 1)


def test_an_archived_control_follows_nobody(devices: Resource) -> None:
    account = devices.account
    watched = control(account)
    monitor = idle(devices, controlIds=[watched.id])
    act(account, lambda tx: archive_control(tx, watched.id))

    async def run(tx: Tx) -> Any:
        await concluded(tx, monitor, FAILED)
        await follow(tx, [watched.id])
        return await controls_by_id(tx, [watched.id])

    assert act(account, run) == []


def test_the_second_of_two_monitors_that_finish_together_sees_what_the_first_found(devices: Resource) -> None:
    account = devices.account
    watched = control(account)
    one, two = (idle(devices, name, controlIds=[watched.id]) for name in ("One", "Two"))

    async def finish(monitor: Monitor, holding: asyncio.Event, may_end: asyncio.Event) -> None:
        async with account.world.database.begin(account.who) as tx:
            await concluded(tx, monitor, PASSED)
            await follow(tx, [watched.id])
            holding.set()
            await may_end.wait()

    async def both() -> None:
        first_holds, first_may_end, any_time = asyncio.Event(), asyncio.Event(), asyncio.Event()
        any_time.set()
        first = asyncio.create_task(finish(one, first_holds, first_may_end))
        await first_holds.wait()
        second = asyncio.create_task(finish(two, asyncio.Event(), any_time))
        await asyncio.sleep(0.1)
        first_may_end.set()
        await asyncio.gather(first, second)

    account.world.run(both())

    assert act(account, lambda tx: noted(tx, watched))[0] is True


def test_a_result_that_is_newer_than_this_transaction_can_still_be_turned(devices: Resource) -> None:
    account = devices.account
    watched = control(account)
    monitor = idle(devices, controlIds=[watched.id])

    async def run(tx: Tx) -> Any:
        tx.now += timedelta(seconds=5)
        await note_result(tx, watched.id, True, tx.now)
        tx.now -= timedelta(seconds=5)
        await concluded(tx, monitor, FAILED)
        await follow(tx, [watched.id])
        return (await noted(tx, watched))[0]

    assert act(account, run) is False


def test_a_control_that_had_no_test_is_tested_daily_from_then_on(devices: Resource) -> None:
    account = devices.account
    plain, weekly = control(account), control(account, "AC-2", interval_days=7)

    async def run(tx: Tx) -> list[float | None]:
        await made(tx, devices, controlIds=[plain.id, weekly.id])
        return [each.interval_days for each in await controls_by_id(tx, [plain.id, weekly.id])]

    assert act(account, run) == [1, 7]
