"""Which monitors a list shows."""

import pytest

from tests.factories import Account, World
from tests.monitors.cast import concluded, idle, monitor
from tests.records.cast import Resource, connect
from tests.trust.cast import act, workspace
from tests.trust_page.cast import control
from trustwright.db import Slice, Tx
from trustwright.monitors import actions, store
from trustwright.monitors.model import CheckStatus, CheckType, Monitor, MonitorSource, ResultStatus
from trustwright.monitors.store import Filter
from trustwright.trust_page.controls import Control

ALL = Slice(column="created_at", descending=False, limit=100)


class Shelf:
    """Monitors to choose from: two with results, one new, one disabled, one in another workspace, and a deleted one."""

    def __init__(self, devices: Resource, labs: int) -> None:
        self.account = devices.account
        self.labs = labs
        self.disks, self.screens = control(self.account), control(self.account, "AC-2")
        passing = idle(devices, "Disks are encrypted", controlIds=[self.disks.id])
        failing = idle(devices, "Disks 100% full_ly backed up", controlIds=[self.disks.id, self.screens.id])
        idle(devices, "Screens lock")
        monitor(devices, "Training is done", enabled=False)
        idle(devices, "Labs", workspace_id=labs)
        gone = idle(devices, "Disks that are gone")

        async def settle(tx: Tx) -> None:
            await concluded(tx, passing, ResultStatus.PASSED)
            await concluded(tx, failing, ResultStatus.FAILED)
            await actions.delete_monitor(tx, gone)

        act(self.account, settle)


@pytest.fixture(scope="module")
def shelf(world: World) -> Shelf:
    account = world.account("Shelf")
    labs = workspace(account)
    return Shelf(connect(account, workspaceIds=[account.workspace_id, labs]), labs)


def found(account: Account, wanted: Filter) -> list[str]:
    """The first words of the names that are listed, which are as many as are counted."""

    async def listed(tx: Tx) -> tuple[list[Monitor], int]:
        return await store.page_monitors(tx, ALL, wanted), await store.count_monitors(tx, wanted)

    monitors, number = act(account, listed)
    assert len(monitors) == number
    return [each.name for each in monitors]


ENCRYPTED, BACKED_UP, LOCK, DONE, LABS = (
    "Disks are encrypted",
    "Disks 100% full_ly backed up",
    "Screens lock",
    "Training is done",
    "Labs",
)


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (Filter(), [ENCRYPTED, BACKED_UP, LOCK, DONE, LABS]),
        (Filter(statuses=[ResultStatus.PASSED]), [ENCRYPTED]),
        (Filter(statuses=[ResultStatus.PASSED, ResultStatus.FAILED]), [ENCRYPTED, BACKED_UP]),
        (Filter(statuses=[]), []),
        (Filter(check_status=CheckStatus.ENABLED), [ENCRYPTED, BACKED_UP]),
        (Filter(check_status=CheckStatus.NEW), [LOCK, LABS]),
        (Filter(check_status=CheckStatus.DISABLED), [DONE]),
        (Filter(check_status=CheckStatus.UNUSED), []),
        (Filter(source=MonitorSource.CUSTOM, check_type=CheckType.CUSTOM), [ENCRYPTED, BACKED_UP, LOCK, DONE, LABS]),
        (Filter(source=MonitorSource.DRATA), []),
        (Filter(check_type=CheckType.AGENT), []),
        (Filter(q="DISKS"), [ENCRYPTED, BACKED_UP]),
        (Filter(q="0%"), [BACKED_UP]),
        (Filter(q="l_l"), [BACKED_UP]),
        (Filter(q="\\"), []),
        (Filter(q="disks", statuses=[ResultStatus.FAILED]), [BACKED_UP]),
        (Filter(exclude_test_ids=[1, 3, 10**12]), [BACKED_UP, DONE]),
        (Filter(control_id=10**12), []),
        (Filter(workspace_id=10**9), []),
    ],
)
def test_a_list_shows_what_matches_all_that_is_asked(shelf: Shelf, wanted: Filter, expected: list[str]) -> None:
    assert found(shelf.account, wanted) == expected


def test_a_list_shows_the_monitors_of_a_workspace(shelf: Shelf) -> None:
    assert found(shelf.account, Filter(workspace_id=shelf.labs)) == [LABS]
    assert found(shelf.account, Filter(workspace_id=shelf.account.workspace_id, q="l")) == [BACKED_UP, LOCK]


@pytest.mark.parametrize(
    ("name", "with_it", "without_it"),
    [
        ("disks", [ENCRYPTED, BACKED_UP], [LOCK, DONE, LABS]),
        ("screens", [BACKED_UP], [ENCRYPTED, LOCK, DONE, LABS]),
    ],
)
def test_a_list_shows_who_is_followed_by_a_control(
    shelf: Shelf, name: str, with_it: list[str], without_it: list[str]
) -> None:
    followed: Control = getattr(shelf, name)

    assert found(shelf.account, Filter(control_id=followed.id)) == with_it
    assert found(shelf.account, Filter(exclude_control_id=followed.id)) == without_it
