"""Controls of the trust page that follow monitors: they take over what these found (trust-center 5)."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx
from trustwright.monitors import store
from trustwright.monitors.model import ResultStatus
from trustwright.monitors.store import LastResult
from trustwright.trust_page.actions import locked_controls, note_result
from trustwright.trust_page.controls import Control


class Finding(Struct, frozen=True):
    """What a control's monitors say of it."""

    is_passing: bool
    checked_at: datetime


async def follow(tx: Tx, control_ids: list[int]) -> None:
    """Has controls take over what their enabled monitors found last; those that were archived stay as they are."""
    # The results are read when nobody else can note one: of two monitors that finish at the same moment, the second
    # to come sees both.
    controls = await locked_controls(tx, control_ids)
    results = await store.monitors_of_controls(tx, [control.id for control in controls])
    for control in controls:
        found = finding([result for result in results if result.control_id == control.id])
        if found and (news := news_for(control, found, tx.now)):
            await note_result(tx, control.id, news.is_passing, news.checked_at)


def finding(results: list[LastResult]) -> Finding | None:
    """What the last results of the monitors of one control come to.

    One that failed is enough, and what fails was seen when it failed last. All of them pass since the one that was
    looked at longest ago. While one of them waits, or could not be run, nothing new is known, and what was known grows
    stale by itself: stale never counts as passing."""
    failed = [each.last_checked_at for each in results if each.status is ResultStatus.FAILED and each.last_checked_at]
    if failed:
        return Finding(False, max(failed))
    passed = [each.last_checked_at for each in results if each.status is ResultStatus.PASSED and each.last_checked_at]
    return Finding(True, min(passed)) if passed and len(passed) == len(results) else None


def news_for(control: Control, found: Finding, now: datetime) -> Finding | None:
    """What a control does not know yet. A result is never older than the one that the control has, nor of the future;
    an older one that is the same is no news, and one that is the other takes the control's own time."""
    checked_at = min(found.checked_at, now)
    if control.checked_at is not None and checked_at <= control.checked_at:
        if control.is_passing == found.is_passing:
            return None
        checked_at = control.checked_at
    return Finding(found.is_passing, checked_at)
