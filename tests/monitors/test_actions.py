"""Monitors are made, changed, switched and deleted, and every change leaves its event."""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

from tests.factories import Account
from tests.monitors.cast import (
    HIGH,
    body,
    by_key,
    deferred,
    drafted,
    events,
    fresh,
    group,
    idle,
    leaf,
    made,
    monitor,
)
from tests.records.cast import Resource, connect
from tests.trust.cast import act, workspace
from tests.trust_page.cast import control
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.monitors import actions, store
from trustwright.monitors.model import LOST, Cause, CheckStatus, Draft, Monitor, ResultStatus
from trustwright.records.actions import locked_for_upload
from trustwright.trust_page.actions import archive_control

LOW = {"all": [leaf("level", "lessThan", 9)]}


def redefined(devices: Resource, before: Monitor, **changes: Any) -> Monitor:
    draft = drafted(body(devices, **{"name": before.name, **changes}))
    return act(devices.account, lambda tx: actions.redefine(tx, before, draft))


def updated(devices: Resource, before: Monitor, **changes: Any) -> Monitor:
    return act(devices.account, lambda tx: actions.update_monitor(tx, before, **changes))


def controls_of(devices: Resource, monitor: Monitor) -> list[int]:
    links = act(devices.account, lambda tx: store.controls_of(tx, [monitor.id]))
    return [link.control_id for link in links]


def is_watched(resource: Resource) -> bool:
    statement = "select is_watched from resources where account_id = %s and id = %s"
    ((watched,),) = resource.account.sql(statement, resource.id)
    found: bool = watched
    return found


def versions(account: Account, monitor: Monitor) -> list[Any]:
    """The conditions of all versions of a monitor with one group."""
    statement = """select definition -> 'groups' -> 0 -> 'evaluator' from monitor_versions
        where account_id = %s and monitor_id = %s order by version"""
    return [evaluator for (evaluator,) in account.sql(statement, monitor.id)]


def updated_at(account: Account, monitor: Monitor) -> datetime:
    ((moment,),) = account.sql("select updated_at from monitors where account_id = %s and id = %s", monitor.id)
    found: datetime = moment
    return found


def test_test_ids_count_in_their_workspace_and_ids_through_all(acme: Account) -> None:
    labs = workspace(acme)
    devices = connect(acme, workspaceIds=[acme.workspace_id, labs])

    one, two = monitor(devices, "One"), monitor(devices, "Two")
    elsewhere = monitor(devices, "Three", workspace_id=labs)

    assert [one.test_id, two.test_id, elsewhere.test_id] == [1, 2, 1]
    assert len({one.id, two.id, elsewhere.id}) == 3
    assert min(one.id, two.id, elsewhere.id) > 1000


def test_a_test_id_is_never_given_twice(devices: Resource) -> None:
    account = devices.account
    last = monitor(devices)
    act(account, lambda tx: actions.delete_monitor(tx, last))

    assert monitor(devices).test_id == last.test_id + 1


def test_two_tests_made_at_once_get_different_test_ids(devices: Resource) -> None:
    account = devices.account
    names = ("One", "Two", "Three")
    start = asyncio.Barrier(len(names))

    async def make(name: str) -> int:
        async with account.world.database.begin(account.who) as tx:
            await start.wait()
            return (await made(tx, devices, name)).test_id

    async def all_at_once() -> list[int]:
        return await asyncio.gather(*map(make, names))

    assert sorted(account.world.run(all_at_once())) == [1, 2, 3]


def test_a_new_monitor_waits_for_its_first_run(devices: Resource) -> None:
    async def make(tx: Tx) -> tuple[Monitor, list[str], bool]:
        new = await made(tx, devices, description="Why", name="  Levels are high ")
        return new, await deferred(tx, new), new.due_at == tx.now + LOST

    new, runs, is_due = act(devices.account, make)

    assert (new.name, new.description, new.version) == ("Levels are high", "Why", 1)
    assert (new.status, new.check_status, new.last_run_id) == (ResultStatus.READY, CheckStatus.NEW, None)
    assert (runs, is_due) == (["CHANGE"], True)


def test_a_new_monitor_that_is_disabled_runs_not(devices: Resource) -> None:
    async def make(tx: Tx) -> tuple[Monitor, list[str]]:
        new = await made(tx, devices, enabled=False)
        return new, await deferred(tx, new)

    new, runs = act(devices.account, make)

    assert (new.check_status, new.due_at, runs) == (CheckStatus.DISABLED, None, [])


def test_uploads_to_a_resource_say_so_once_a_monitor_reads_it(devices: Resource) -> None:
    others = connect(devices.account)

    new = monitor(devices, enabled=False)
    assert (is_watched(devices), is_watched(others)) == (True, False)

    redefined(devices, new, groups=[group(devices), group(others)])
    assert is_watched(others)


def test_an_upload_that_knows_of_no_monitor_is_waited_for(devices: Resource) -> None:
    account = devices.account

    async def upload(holds: asyncio.Event, may_end: asyncio.Event) -> None:
        async with account.world.database.begin(account.who) as tx:
            await locked_for_upload(tx, devices.connection_id, devices.id)
            holds.set()
            await may_end.wait()

    async def make() -> None:
        async with account.world.database.begin(account.who) as tx:
            await made(tx, devices, enabled=False)

    async def both() -> tuple[bool, bool]:
        holds, may_end = asyncio.Event(), asyncio.Event()
        uploading = asyncio.create_task(upload(holds, may_end))
        await holds.wait()
        making = asyncio.create_task(make())
        await asyncio.wait([making], timeout=0.2)
        was_made = making.done()
        may_end.set()
        await asyncio.gather(uploading, making)
        return was_made, making.done()

    assert account.world.run(both()) == (False, True)


def test_monitors_of_a_resource_are_the_enabled_ones_that_read_it_now(devices: Resource) -> None:
    others = connect(devices.account)
    both = idle(devices, "Both", groups=[group(devices), group(others), group(devices)])
    monitor(devices, "Disabled", enabled=False)
    gone = idle(devices, "Gone")
    act(devices.account, lambda tx: actions.delete_monitor(tx, gone))

    async def readers(tx: Tx) -> list[list[int]]:
        return [await store.monitors_of_resource(tx, each.id) for each in (devices, others)]

    assert act(devices.account, readers) == [[both.id], [both.id]]

    redefined(devices, both, groups=[group(others)])
    assert act(devices.account, readers) == [[], [both.id]]


def test_a_name_belongs_to_one_test_of_the_account(acme: Account) -> None:
    labs = workspace(acme)
    devices = connect(acme, workspaceIds=[acme.workspace_id, labs])
    first, other = monitor(devices, "Disks"), monitor(devices, "Other")

    taken: tuple[Callable[[], Monitor], ...] = (
        lambda: monitor(devices, " disks"),
        lambda: monitor(devices, "DISKS", workspace_id=labs),
        lambda: updated(devices, other, name="disks"),
        lambda: redefined(devices, other, name="disks"),
    )
    for work in taken:
        with pytest.raises(Conflict, match=r"(?i)name: 'disks' belongs to another test of this account"):
            work()

    act(acme, lambda tx: actions.delete_monitor(tx, first))
    assert updated(devices, other, name="disks").name == "disks"


def test_a_monitor_reads_only_what_its_workspace_has(acme: Account) -> None:
    labs = workspace(acme)
    devices, theirs = connect(acme), connect(acme, workspaceIds=[labs])
    old, foreign, good = control(acme), control(acme, "AC-2", workspace_id=labs), control(acme, "AC-3")
    act(acme, lambda tx: archive_control(tx, old.id))
    wrong = drafted(
        body(
            devices,
            groups=[
                group(devices),
                group(theirs),
                {**group(devices), "resourceId": theirs.id},
                {**group(devices), "connectionId": 10**9},
            ],
            controlIds=[good.id, old.id, foreign.id],
        )
    )

    with pytest.raises(Invalid) as refused:
        act(acme, lambda tx: actions.create_monitor(tx, acme.workspace_id, wrong))

    mixed = f"resource {theirs.id} in connection {devices.connection_id}, which has {devices.id} (Devices)"
    assert str(refused.value).split("; ") == [
        f"groups[1].connectionId: no custom connection {theirs.connection_id} serves this workspace",
        "name one that was made for it",
        f"groups[2].resourceId: no {mixed}",
        f"groups[3].connectionId: no custom connection {10**9} serves this workspace",
        "name one that was made for it",
        f"controlIds[1]: no control {old.id} in this workspace",
        "the trust center lists those that there are",
        f"controlIds[2]: no control {foreign.id} in this workspace",
        "the trust center lists those that there are",
    ]


def test_conditions_must_fit_the_schema_of_the_resource(devices: Resource) -> None:
    unknown = {"all": [leaf("levle", "greaterThan", 3)]}

    with pytest.raises(Invalid, match=r"groups\[0\]\.evaluator\.all\[0\].*level"):
        monitor(devices, groups=[group(devices, unknown)])
    assert monitor(devices, groups=[group(devices, unknown)], allowUnknownFields=True).version == 1


def test_a_deleted_resource_is_none(devices: Resource) -> None:
    devices.alice.delete(f"/public/v2/custom-connections/{devices.connection_id}")

    with pytest.raises(Invalid, match=r"groups\[0\]\.connectionId: no custom connection"):
        monitor(devices)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"name": " "}, "name: must not be blank"),
        ({"name": "n" * 192}, "name: has 192 characters"),
        ({"name": "a\0b"}, "name: has a character"),
        ({"description": "d" * 30_001}, "description: has 30,001 characters"),
    ],
)
def test_texts_that_cannot_be_kept_are_refused(devices: Resource, changes: dict[str, Any], message: str) -> None:
    kept = idle(devices)
    bad: Draft = structs.replace(drafted(body(devices, "Another")), **changes)

    refused: tuple[Callable[[], Monitor], ...] = (
        lambda: act(devices.account, lambda tx: actions.create_monitor(tx, devices.account.workspace_id, bad)),
        lambda: act(devices.account, lambda tx: actions.redefine(tx, kept, bad)),
        lambda: updated(devices, kept, **changes),
    )
    for work in refused:
        with pytest.raises(Invalid, match=message):
            work()


def test_all_faults_of_a_body_are_found_before_it_is_sent(devices: Resource) -> None:
    account = devices.account
    no_field = {"groups": [group(devices, {"all": [leaf("levle", "greaterThan", 3)]})], "controlIds": [10**9]}

    async def found(tx: Tx, value: Any) -> list[str]:
        return [fault.path for fault in await actions.faults_of(tx, account.workspace_id, value)]

    assert act(account, lambda tx: found(tx, body(devices))) == []
    assert act(account, lambda tx: found(tx, {"groups": [group(devices)]})) == []
    assert act(account, lambda tx: found(tx, no_field)) == ["groups[0].evaluator.all[0].fact", "controlIds[0]"]
    assert act(account, lambda tx: found(tx, {"name": 5, "groups": []})) == ["name", "groups"]
    assert act(account, lambda tx: found(tx, [1])) == [""]
    with pytest.raises(Invalid, match="controlIds"):
        act(account, lambda tx: actions.checked_draft(tx, account.workspace_id, {"name": "x", **no_field}))


def test_every_version_of_a_definition_is_kept(devices: Resource) -> None:
    first = idle(devices)

    second = redefined(devices, first, groups=[group(devices, LOW)])

    assert (first.version, second.version) == (1, 2)
    assert versions(devices.account, first) == [HIGH, LOW]
    assert act(devices.account, lambda tx: actions.definition_of(tx, first.id, 1)) == drafted(body(devices)).definition


def test_the_same_definition_again_is_no_new_version(devices: Resource) -> None:
    first = idle(devices)

    last_change = updated_at(devices.account, first)

    second = redefined(devices, first, onEmpty="READY")

    assert (second.version, updated_at(devices.account, first)) == (1, last_change)
    assert events(devices.account, "CONTROL_TEST_INSTANCE_CUSTOM_TEST_EDITED") == []


def test_true_is_another_definition_than_1(devices: Resource) -> None:
    def tagged(value: Any) -> dict[str, Any]:
        return {"groups": [group(devices, {"all": [leaf("tag", "equal", value)]})], "allowUnknownFields": True}

    first = idle(devices, **tagged(1))

    assert redefined(devices, first, **tagged(True)).version == 2


def test_another_definition_runs_at_once_if_the_monitor_is_enabled(devices: Resource) -> None:
    on, off = idle(devices, "On"), monitor(devices, "Off", enabled=False)

    async def change(tx: Tx, before: Monitor, enabled: bool) -> tuple[list[str], bool]:
        draft = drafted(body(devices, before.name, enabled=enabled, groups=[group(devices, LOW)]))
        after = await actions.redefine(tx, before, draft)
        return await deferred(tx, after), after.due_at == tx.now + LOST

    assert act(devices.account, lambda tx: change(tx, on, True)) == (["CHANGE"], True)
    assert act(devices.account, lambda tx: change(tx, off, False)) == ([], False)


def test_a_draft_changes_everything_in_one_step(devices: Resource) -> None:
    account = devices.account
    before = monitor(devices, enabled=False)
    watched = control(account)

    after = redefined(
        devices,
        before,
        name="Levels are low",
        description="Since June",
        enabled=True,
        groups=[group(devices, LOW)],
        controlIds=[watched.id],
    )

    assert (after.name, after.description, after.is_enabled, after.version) == (
        "Levels are low",
        "Since June",
        True,
        2,
    )
    assert controls_of(devices, after) == [watched.id]
    ((target, old, new),) = events(account, "CONTROL_TEST_INSTANCE_CUSTOM_TEST_EDITED")
    assert target == {"kind": "monitor", "id": before.id, "testId": 1, "testName": "Levels are low"}
    assert (old["version"], old["controlIds"]) == (1, [])
    assert (new["version"], new["controlIds"]) == (2, [watched.id])
    assert old["definition"]["groups"][0]["evaluator"] == HIGH
    assert new["definition"]["groups"][0]["evaluator"] == LOW
    assert len(events(account, "MONITOR_TEST_DETAILS_UPDATED")) == 1
    assert len(events(account, "MONITOR_TEST_STATUS_UPDATED")) == 1


def test_controls_can_be_linked_without_a_new_version(devices: Resource) -> None:
    one, two = control(devices.account), control(devices.account, "AC-2")
    before = idle(devices, controlIds=[one.id])

    after = redefined(devices, before, controlIds=[two.id])

    assert (after.version, after.due_at) == (1, None)
    assert after.updated_at > before.updated_at
    assert controls_of(devices, before) == [two.id]


def test_an_archived_control_is_no_more_among_those_of_a_monitor(devices: Resource) -> None:
    one = control(devices.account)
    before = idle(devices, controlIds=[one.id])

    act(devices.account, lambda tx: archive_control(tx, one.id))

    assert controls_of(devices, before) == []


def test_creating_and_deleting_leave_their_events(devices: Resource) -> None:
    account = devices.account
    new = monitor(devices, enabled=False)
    act(account, lambda tx: actions.delete_monitor(tx, new))
    target = {"kind": "monitor", "id": new.id, "testId": new.test_id, "testName": new.name}

    ((made_target, before, after),) = events(account, "CONTROL_TEST_INSTANCE_DRAFT_TEST_PUBLISHED")
    assert (made_target, before) == (target, None)
    assert (after["name"], after["enabled"], after["version"]) == (new.name, False, 1)
    assert after["definition"]["groups"][0]["resourceId"] == devices.id
    ((gone_target, before, after),) = events(account, "CONTROL_TEST_INSTANCE_PUBLISH_TEST_DELETED")
    assert (gone_target, before["name"], after) == (target, new.name, None)


def test_a_deleted_monitor_is_gone_and_its_definition_kept(devices: Resource) -> None:
    account = devices.account
    gone = idle(devices)
    act(account, lambda tx: actions.delete_monitor(tx, gone))

    assert fresh(account, gone) is None
    assert versions(account, gone) == [HIGH]
    missing: tuple[Callable[[Tx], Coroutine[Any, Any, object]], ...] = (
        lambda tx: actions.update_monitor(tx, gone, name="Other"),
        lambda tx: actions.redefine(tx, gone, drafted(body(devices))),
        lambda tx: actions.delete_monitor(tx, gone),
        lambda tx: actions.exclude(tx, gone, "r1", "Retired"),
    )
    for work in missing:
        with pytest.raises(NotFound):
            act(account, work)


def test_details_change_with_an_event(devices: Resource) -> None:
    before = idle(devices, description="Old")

    after = updated(devices, before, name=" New name ", description=None)

    assert (after.name, after.description) == ("New name", None)
    ((_, old, new),) = events(devices.account, "MONITOR_TEST_DETAILS_UPDATED")
    assert old == {"name": before.name, "description": "Old"}
    assert new == {"name": "New name", "description": None}


def test_a_change_that_changes_nothing_writes_nothing(devices: Resource) -> None:
    before = idle(devices, description="Same")

    last_change = updated_at(devices.account, before)

    updated(devices, before, name=before.name, description="Same", enabled=True)

    assert updated_at(devices.account, before) == last_change
    assert events(devices.account, "MONITOR_TEST_DETAILS_UPDATED") == []
    assert events(devices.account, "MONITOR_TEST_STATUS_UPDATED") == []


def test_a_monitor_disabled_by_a_key_says_so_until_it_is_enabled(devices: Resource) -> None:
    account = devices.account
    on = idle(devices)

    off = by_key(account, lambda tx: actions.update_monitor(tx, on, enabled=False))

    assert (off.check_status, off.due_at) == (CheckStatus.DISABLED, None)
    assert (off.disabled_message, off.disabled_by_id) == ("Disabled via Public API", account.alice_id)

    async def enable(tx: Tx) -> tuple[Monitor, list[str], bool]:
        after = await actions.update_monitor(tx, off, enabled=True)
        return after, await deferred(tx, after), after.due_at == tx.now + LOST

    again, runs, is_due = by_key(account, enable)
    assert (again.disabled_message, again.disabled_by_id) == (None, None)
    assert (runs, is_due) == (["CHANGE"], True)
    told = [(old["enabled"], new["enabled"]) for _, old, new in events(account, "MONITOR_TEST_STATUS_UPDATED")]
    assert told == [(True, False), (False, True)]


def test_a_monitor_disabled_by_the_team_blames_no_api(devices: Resource) -> None:
    assert updated(devices, idle(devices), enabled=False).disabled_message is None


def test_a_run_is_asked_for_while_a_monitor_is_enabled(devices: Resource) -> None:
    on, off = idle(devices, "On"), monitor(devices, "Off", enabled=False)

    async def ask(tx: Tx) -> list[str]:
        await actions.request_run(tx, on, Cause.MANUAL)
        return await deferred(tx, on)

    assert act(devices.account, ask) == ["MANUAL"]
    with pytest.raises(Conflict, match="enable it first"):
        act(devices.account, lambda tx: actions.request_run(tx, off, Cause.MANUAL))


def test_a_run_that_ends_after_its_monitor_was_disabled_leaves_it_undue(devices: Resource) -> None:
    off = monitor(devices, enabled=False)

    async def end(tx: Tx) -> Monitor:
        await store.set_due(tx, off.id, tx.now)
        return await store.conclude(
            tx,
            off.id,
            status=ResultStatus.PASSED,
            last_run_id=None,
            checked_at=tx.now,
            last_passed_at=tx.now,
            failed_since=None,
            due_at=tx.now,
        )

    after = act(devices.account, end)

    assert (after.status, after.due_at, after.check_status) == (ResultStatus.PASSED, None, CheckStatus.DISABLED)
