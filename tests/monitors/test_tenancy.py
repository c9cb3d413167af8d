"""Globex sees and changes nothing of Acme's monitors."""

from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from tests.factories import Account
from tests.monitors.cast import body, drafted, fresh, idle
from tests.records.cast import Resource, connect
from tests.trust.cast import act
from tests.trust_page.cast import control
from trustwright.db import Slice, Tx
from trustwright.errors import Invalid, NotFound
from trustwright.monitors import actions, exclusions, store
from trustwright.monitors.following import follow
from trustwright.monitors.model import Cause, ResultStatus
from trustwright.monitors.store import Filter

Work = Callable[[Tx], Coroutine[Any, Any, Any]]

ALL = Slice(column="created_at", descending=False, limit=100)


def test_another_account_finds_no_monitor(globex: Account, devices: Resource) -> None:
    theirs = idle(devices)
    excluded = act(devices.account, lambda tx: actions.exclude(tx, theirs, "srv-1", "Retired"))
    missing: tuple[Work, ...] = (
        lambda tx: actions.get_monitor(tx, theirs.workspace_id, theirs.test_id),
        lambda tx: actions.get_monitor(tx, globex.workspace_id, theirs.test_id),
        lambda tx: actions.update_monitor(tx, theirs, name="Ours"),
        lambda tx: actions.redefine(tx, theirs, drafted(body(devices, "Ours"))),
        lambda tx: actions.delete_monitor(tx, theirs),
        lambda tx: actions.definition_of(tx, theirs.id, 1),
        lambda tx: actions.exclude(tx, theirs, "srv-2", "Ours"),
        lambda tx: actions.include_again(tx, theirs, excluded.id),
        lambda tx: actions.create_monitor(tx, theirs.workspace_id, drafted(body(devices, "Ours"))),
    )

    for work in missing:
        with pytest.raises(NotFound):
            act(globex, work)

    now = fresh(devices.account, theirs)
    assert now is not None
    assert (now.name, now.version) == (theirs.name, 1)
    assert act(devices.account, lambda tx: exclusions.targets_of(tx, theirs.id)) == ["srv-1"]


def test_another_account_lists_nothing(globex: Account, devices: Resource) -> None:
    watched = control(devices.account)
    theirs = idle(devices, controlIds=[watched.id])
    act(devices.account, lambda tx: actions.exclude(tx, theirs, "srv-1", "Retired"))

    async def listed(tx: Tx) -> list[Any]:
        return [
            await store.page_monitors(tx, ALL, Filter()),
            await store.count_monitors(tx, Filter(workspace_id=theirs.workspace_id)),
            await exclusions.page_exclusions(tx, ALL, theirs.id),
            await store.controls_of(tx, [theirs.id]),
            await store.monitors_of_controls(tx, [watched.id]),
            await store.monitors_of_resource(tx, devices.id),
            await store.monitor_by_id(tx, theirs.id),
        ]

    assert act(globex, listed) == [[], 0, [], [], [], [], None]


def test_a_monitor_reads_nothing_of_another_account(globex: Account, devices: Resource) -> None:
    theirs = control(devices.account)
    own = drafted(body(connect(globex), controlIds=[theirs.id]))

    with pytest.raises(Invalid, match="no custom connection"):
        act(globex, lambda tx: actions.create_monitor(tx, globex.workspace_id, drafted(body(devices))))
    with pytest.raises(Invalid, match=r"controlIds\[0\]"):
        act(globex, lambda tx: actions.create_monitor(tx, globex.workspace_id, own))


def test_the_same_name_serves_in_both_accounts(globex: Account, devices: Resource) -> None:
    assert idle(devices).name == idle(connect(globex)).name


def test_a_control_follows_no_monitor_of_another_account(globex: Account, devices: Resource) -> None:
    watched = control(devices.account)
    theirs = idle(devices, controlIds=[watched.id])

    async def fail(tx: Tx) -> None:
        await store.set_due(tx, theirs.id, tx.now)
        await follow(tx, [watched.id])
        await actions.request_run(tx, theirs, Cause.MANUAL)

    act(globex, fail)

    now = fresh(devices.account, theirs)
    assert now is not None
    assert (now.due_at, now.status) == (None, ResultStatus.READY)
