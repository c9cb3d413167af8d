"""The page that the console begins with: what needs a person today, as far as this person may see it."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from msgspec import Struct

from trustwright.access_requests.due import MOST_COUNTED, requests_by_week, waiting_requests
from trustwright.accounts.model import Entitlement
from trustwright.accounts.roles import Right
from trustwright.console.navigation import MONITORS, REQUESTS, SETTINGS, TRUST_CENTER, VENDORS
from trustwright.console.visits import Answer, Page, Visit
from trustwright.db import Tx
from trustwright.mail.due import failed_mails
from trustwright.monitors.due import monitors_by_day, troubled_monitors
from trustwright.reviews.due import due_reviews
from trustwright.trust.due import ending_documents
from trustwright.vendors.due import due_vendors
from trustwright.webhooks.due import troubled_webhooks

SHOWN = 5
DAYS = 30
WEEKS = 12

Rows = Sequence[Any]


class Concern(Struct, frozen=True, kw_only=True):
    """A list of the dashboard: how to find its rows, and who may see it. `path`: where the whole list is."""

    name: str
    title: str
    path: str
    icon: str
    right: Right
    find: Callable[[Tx, Visit], Awaitable[Rows]]
    entitlement: Entitlement | None = None


class Found(Struct, frozen=True):
    """Such a list with its rows, and whether there are more."""

    concern: Concern
    rows: Rows
    has_more: bool


async def _reviews(tx: Tx, _: Visit) -> Rows:
    return await due_reviews(tx, SHOWN + 1)


async def _vendors(tx: Tx, _: Visit) -> Rows:
    return await due_vendors(tx, SHOWN + 1)


async def _requests(tx: Tx, visit: Visit) -> Rows:
    return await waiting_requests(tx, visit.workspace_id, SHOWN + 1)


async def _monitors(tx: Tx, visit: Visit) -> Rows:
    return await troubled_monitors(tx, visit.workspace_id, SHOWN + 1)


async def _documents(tx: Tx, visit: Visit) -> Rows:
    return await ending_documents(tx, visit.workspace_id, SHOWN + 1)


async def _mails(tx: Tx, _: Visit) -> Rows:
    return await failed_mails(tx, SHOWN + 1)


async def _webhooks(tx: Tx, _: Visit) -> Rows:
    return await troubled_webhooks(tx, SHOWN + 1)


# Whoever may not open a list of the trust center is not told what is in it.
ESSENTIALS = Entitlement.TRUST_CENTER_ESSENTIALS

CONCERNS = [
    Concern(
        name="requests",
        title="Requests for access that wait",
        path="/trust-center/requests",
        icon="inbox",
        right=REQUESTS,
        find=_requests,
        entitlement=ESSENTIALS,
    ),
    Concern(
        name="reviews",
        title="Open reviews",
        path="/reviews?sort=deadline&status=IN_PROGRESS",
        icon="clipboard-check",
        right=VENDORS,
        find=_reviews,
    ),
    Concern(
        name="vendors",
        title="Vendors to review again",
        path="/vendors?sort=renewal",
        icon="building-store",
        right=VENDORS,
        find=_vendors,
    ),
    Concern(
        name="monitors",
        title="Monitors in trouble",
        path="/monitors",
        icon="activity-heartbeat",
        right=MONITORS,
        find=_monitors,
        entitlement=Entitlement.CUSTOM_CONNECTIONS_AND_TESTS,
    ),
    Concern(
        name="documents",
        title="Documents that end",
        path="/trust-center/documents",
        icon="files",
        right=TRUST_CENTER,
        find=_documents,
        entitlement=ESSENTIALS,
    ),
    Concern(
        name="mails",
        title="Mails that could not be sent",
        path="/settings/mail?state=FAILED",
        icon="mail",
        right=SETTINGS,
        find=_mails,
    ),
    Concern(
        name="webhooks",
        title="Webhooks in trouble",
        path="/settings/webhooks",
        icon="webhook",
        right=SETTINGS,
        find=_webhooks,
    ),
]


class Bar(Struct, frozen=True):
    """A bar of a chart. `parts`: from the bottom up, what each stands for, how many, where it begins and how high it
    is, in hundredths of the chart's height."""

    label: str
    parts: list[tuple[str, int, float, float]]


class Chart(Struct, frozen=True):
    """Bars side by side, on a scale that ends at `top`. `most`: no bar counts further."""

    bars: list[Bar]
    top: int
    is_empty: bool
    most: int = 0

    @property
    def is_cut(self) -> bool:
        """Whether some bar may stand for more."""
        return self.most > 0 and any(count >= self.most for bar in self.bars for _, count, _, _ in bar.parts)


def chart(rows: Sequence[tuple[str, dict[str, int]]], most: int = 0) -> Chart:
    """Rows of a label and its counts, in the order in which they are stacked."""
    highest = max((sum(counts.values()) for _, counts in rows), default=0)
    top = _round_up(highest)
    return Chart(
        bars=[Bar(label, _stacked(counts, top)) for label, counts in rows],
        top=top,
        is_empty=highest == 0,
        most=most,
    )


def _stacked(counts: dict[str, int], top: int) -> list[tuple[str, int, float, float]]:
    parts, begin = [], 0.0
    for name, count in counts.items():
        height = round(100 * count / top, 2)
        parts.append((name, count, round(begin, 2), height))
        begin += height
    return parts


def _round_up(number: int) -> int:
    """The next number whose half is whole too: 4, 6, 8, 10, 20, 40 and so on."""
    unit = 1
    while True:
        for step in (2, 4, 6, 8, 10):
            if max(number, 4) <= step * unit:
                return step * unit
        unit *= 10


async def dashboard(visit: Visit) -> Answer:
    """What needs a person today."""
    seen = [concern for concern in CONCERNS if _sees(visit, concern)]
    names = {concern.name for concern in seen}
    async with visit.read() as tx:
        found = [await _find(tx, visit, concern) for concern in seen]
        days = await monitors_by_day(tx, visit.workspace_id, DAYS) if "monitors" in names else []
        weeks = await requests_by_week(tx, visit.workspace_id, WEEKS) if "requests" in names else []
    values = {
        "found": [each for each in found if each.rows],
        "calm": [each.concern for each in found if not each.rows],
        "monitors": chart([(f"{each.day:%d %b}", {"passing": each.passing, "failing": each.failing}) for each in days]),
        "requests": chart([(f"{each.monday:%d %b}", {"requests": each.count}) for each in weeks], MOST_COUNTED),
        "sees_monitors": "monitors" in names,
        "sees_requests": "requests" in names,
    }
    return visit.page("dashboard", values)


def _sees(visit: Visit, concern: Concern) -> bool:
    return visit.may(concern.right) and visit.signed_in.entitled(concern.entitlement)


async def _find(tx: Tx, visit: Visit, concern: Concern) -> Found:
    rows = await concern.find(tx, visit)
    return Found(concern, rows[:SHOWN], len(rows) > SHOWN)


PAGES = [Page(path="/", show=dashboard)]
