"""Records are left out of a monitor's result, with a reason, by their ids (custom-data 4)."""

from typing import Any

import pytest

from tests.factories import World
from tests.monitors.cast import by_key, deferred, events, group, idle, monitor
from tests.records.cast import Resource, accepted, connect, row
from tests.trust.cast import act
from trustwright.db import Slice, Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.monitors import actions, exclusions
from trustwright.monitors.model import Exclusion, Monitor

ALL = Slice(column="created_at", descending=False, limit=100)


def excluded(devices: Resource, monitor: Monitor, target_id: str, reason: str = "Retired in June") -> Exclusion:
    return by_key(devices.account, lambda tx: actions.exclude(tx, monitor, target_id, reason))


def targets(devices: Resource, monitor: Monitor) -> list[str]:
    return act(devices.account, lambda tx: exclusions.targets_of(tx, monitor.id))


def test_an_excluded_record_is_known_by_its_name(devices: Resource) -> None:
    accepted(devices.post([row("srv-1", name="The old server")]))
    test = idle(devices)

    made = excluded(devices, test, "srv-1")

    assert (made.target_id, made.target_name, made.reason) == ("srv-1", "The old server", "Retired in June")
    assert (made.connection_id, made.created_by_id) == (devices.connection_id, devices.account.alice_id)


@pytest.mark.parametrize(
    ("target_id", "value", "name"),
    [("srv-1", "", "srv-1"), ("srv-2", None, "srv-2"), ("srv-3", 12.5, "12.5"), ("srv-4", ["a"], '["a"]')],
)
def test_a_record_whose_name_is_empty_goes_by_its_id(
    shared_shapes: Resource, monitor_of_shapes: Monitor, target_id: str, value: Any, name: str
) -> None:
    accepted(shared_shapes.post([{"id": target_id, "name": value}]))

    assert excluded(shared_shapes, monitor_of_shapes, target_id).target_name == name


def test_a_record_that_has_not_come_yet_can_be_excluded(devices: Resource) -> None:
    test = idle(devices)

    made = excluded(devices, test, "soon")

    assert (made.target_name, made.connection_id) == ("soon", devices.connection_id)


def test_of_several_connections_the_one_that_has_the_record_is_named(devices: Resource) -> None:
    others = connect(devices.account)
    others.push("srv-2")
    test = idle(devices, groups=[group(devices), group(others)])

    assert excluded(devices, test, "srv-2").connection_id == others.connection_id
    assert excluded(devices, test, "unknown").connection_id is None


def test_a_staged_record_is_not_there_yet(devices: Resource) -> None:
    devices.stage("june", "srv-1", name="Staged")
    test = idle(devices)

    assert excluded(devices, test, "srv-1").target_name == "srv-1"


def test_a_record_is_excluded_from_a_test_once(devices: Resource) -> None:
    test, other = idle(devices, "One"), idle(devices, "Other")
    excluded(devices, test, "srv-1")

    with pytest.raises(Conflict, match="'srv-1' is excluded from this test already"):
        excluded(devices, test, "srv-1")

    assert excluded(devices, other, "srv-1").monitor_id == other.id
    assert targets(devices, test) == ["srv-1"]


def test_an_exclusion_outlives_the_session_that_brought_its_record(devices: Resource) -> None:
    devices.stage("june", "srv-1", "srv-2")
    devices.complete("june")
    test = idle(devices)
    excluded(devices, test, "srv-1")

    devices.stage("july", "srv-1", "srv-2")
    devices.complete("july")

    assert targets(devices, test) == ["srv-1"]


def test_an_included_record_counts_again_and_can_be_excluded_again(devices: Resource) -> None:
    test = idle(devices)
    first, second = excluded(devices, test, "srv-1"), excluded(devices, test, "srv-2")

    act(devices.account, lambda tx: actions.include_again(tx, test, first.id))

    assert targets(devices, test) == ["srv-2"]
    assert excluded(devices, test, "srv-1").id > second.id


def test_an_exclusion_of_another_test_is_not_found(devices: Resource) -> None:
    test, other = idle(devices, "One"), idle(devices, "Other")
    made = excluded(devices, test, "srv-1")

    with pytest.raises(NotFound):
        act(devices.account, lambda tx: actions.include_again(tx, other, made.id))
    with pytest.raises(NotFound):
        act(devices.account, lambda tx: actions.include_again(tx, test, made.id + 10**6))
    assert targets(devices, test) == ["srv-1"]


def test_exclusions_leave_their_events_with_the_reason(devices: Resource) -> None:
    test = idle(devices)
    made = excluded(devices, test, "srv-1")
    by_key(devices.account, lambda tx: actions.include_again(tx, test, made.id))

    told = {"id": made.id, "targetId": "srv-1", "exclusionReason": "Retired in June"}
    target = {"kind": "monitor", "id": test.id, "testId": test.test_id, "testName": test.name}
    assert events(devices.account, "MONITOR_EXCLUSION_CREATED") == [(target, None, told)]
    assert events(devices.account, "MONITOR_EXCLUSION_DELETED") == [(target, told, None)]


def test_the_result_is_found_anew_when_records_are_excluded_or_included(devices: Resource) -> None:
    on, off = idle(devices, "On"), monitor(devices, "Off", enabled=False)

    async def change(tx: Tx, test: Monitor) -> list[list[str]]:
        made = await actions.exclude(tx, test, "srv-1", "Retired")
        runs = [await deferred(tx, test)]
        await actions.include_again(tx, test, made.id)
        return [*runs, await deferred(tx, test)]

    assert act(devices.account, lambda tx: change(tx, on)) == [["CHANGE"], ["CHANGE", "CHANGE"]]
    assert act(devices.account, lambda tx: change(tx, off)) == [[], []]


@pytest.mark.parametrize(
    ("target_id", "reason", "message"),
    [
        ("", "Retired", "targetId: must have 1 to 255 characters"),
        ("s" * 256, "Retired", "targetId: must have 1 to 255 characters"),
        ("srv\n1", "Retired", "targetId: must not contain control characters"),
        ("srv-1", " \n", "exclusionReason: must not be blank"),
        ("srv-1", "r" * 10_001, "exclusionReason: has 10,001 characters"),
        ("srv-1", "a\0b", "exclusionReason: has a character"),
    ],
)
def test_an_exclusion_needs_an_id_and_a_reason(
    shared_shapes: Resource, monitor_of_shapes: Monitor, target_id: str, reason: str, message: str
) -> None:
    with pytest.raises(Invalid, match=message):
        excluded(shared_shapes, monitor_of_shapes, target_id, reason)


def test_exclusions_are_listed_all_or_of_one_record(devices: Resource) -> None:
    test, other = idle(devices, "One"), idle(devices, "Other")
    made = [excluded(devices, test, target_id) for target_id in ("srv-1", "srv-2")]
    excluded(devices, other, "srv-1")

    async def listed(tx: Tx, target_id: str | None) -> tuple[list[Exclusion], int]:
        return (
            await exclusions.page_exclusions(tx, ALL, test.id, target_id),
            await exclusions.count_exclusions(tx, test.id, target_id),
        )

    assert act(devices.account, lambda tx: listed(tx, None)) == (made, 2)
    assert act(devices.account, lambda tx: listed(tx, "srv-2")) == (made[1:], 1)
    assert act(devices.account, lambda tx: listed(tx, "srv-3")) == ([], 0)


@pytest.fixture(scope="module")
def shared_shapes(world: World) -> Resource:
    """A resource whose records may be called anything."""
    return connect(world.account("Shapes"), schema={"type": "object", "properties": {"name": {}}})


@pytest.fixture(scope="module")
def monitor_of_shapes(shared_shapes: Resource) -> Monitor:
    evaluator = {"all": [{"fact": "name", "operator": "notEqual", "value": "x"}]}
    return idle(shared_shapes, groups=[group(shared_shapes, evaluator)])
