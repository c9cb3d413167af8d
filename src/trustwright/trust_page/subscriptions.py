"""What is done with subscriptions: asked for, confirmed, ended, and used."""

from collections.abc import Callable
from itertools import groupby

from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.mail import actions as mail
from trustwright.trust.actions import get_trust_center
from trustwright.trust.addresses import normalized
from trustwright.trust_page import subscriber_store as store
from trustwright.trust_page.feed import public_updates
from trustwright.trust_page.subscribers import NEWS, UNCONFIRMED_KEPT, Subscriber

# Deferred for each page with news; takes `workspace_id`, `item_ids`, and `after_id`: who was mailed already.
TELL = "trust_page.tell_subscribers"

AT_ONCE = 200
MOST_COUNTED = 10_000


async def subscribe(tx: Tx, workspace_id: int, email: str, link: Callable[[int], str]) -> None:
    """Asks an address whether it wants the updates, at most once a day; one that has them already is told nothing.
    `link` makes the address of a subscription. Raises Invalid."""
    center = await get_trust_center(tx, workspace_id)
    found = await store.find_or_insert(tx, workspace_id, normalized(email))
    if found.is_confirmed or found.email is None:
        return
    event = f"trust_subscription:{found.id}:{tx.now.date().isoformat()}"
    values = {"account_name": center.name, "link": link(found.id)}
    await mail.send(tx, event, found.email, "trust_subscription", values)


async def get_subscriber(tx: Tx, subscriber_id: int) -> Subscriber:
    """Raises NotFound."""
    found = await store.get(tx, subscriber_id)
    if found is None:
        raise NotFound("There is no such subscription any more. Subscribe again on the page of the company")
    return found


async def confirm(tx: Tx, subscriber_id: int) -> None:
    """Mails go out from now on. Confirmed once more, nothing changes."""
    confirmed = await store.confirm(tx, subscriber_id)
    if confirmed:
        await _record(tx, confirmed, "Somebody subscribed to the updates of the trust center", "CONFIRMED")


async def end(tx: Tx, subscriber_id: int) -> None:
    """No more mails, and no address any more. Ended once more, nothing changes."""
    ended = await store.end(tx, subscriber_id)
    if ended:
        await _record(tx, ended, "Somebody unsubscribed from the updates of the trust center", "ENDED")


async def count_subscribers(tx: Tx, workspace_id: int) -> int:
    """How many are mailed the updates; no more than ten thousand are counted."""
    return await store.count_confirmed(tx, workspace_id, MOST_COUNTED)


async def take_up_updates(tx: Tx) -> None:
    """Has the subscribers of each page told of what was published there since the last look: together, so that many
    updates at once are one mail."""
    await store.forget_unconfirmed(tx, tx.now - UNCONFIRMED_KEPT)
    fresh = [
        item
        for item, update in public_updates(await store.take_untold(tx), tx.now)
        if update.published_at > tx.now - NEWS
    ]
    fresh.sort(key=lambda item: item.workspace_id)
    for workspace_id, items in groupby(fresh, key=lambda item: item.workspace_id):
        if (await get_trust_center(tx, workspace_id)).is_published:
            await tx.defer(TELL, workspace_id=workspace_id, item_ids=sorted(item.id for item in items), after_id=0)


async def tell(
    tx: Tx, workspace_id: int, item_ids: list[int], after_id: int, page_link: str, link: Callable[[int], str]
) -> None:
    """Mails updates to the next subscribers, and leaves those behind them to another job."""
    center = await get_trust_center(tx, workspace_id)
    updates = [update for _, update in public_updates(await store.items_by_id(tx, item_ids), tx.now)]
    if not updates:
        return
    subscribers = await store.confirmed_after(tx, workspace_id, after_id, AT_ONCE)
    for each in subscribers:
        unsubscribe = link(each.id)
        values = {
            "account_name": center.name,
            "updates": updates,
            "link": f"{page_link}/trust/{center.slug}#updates",
            "unsubscribe": unsubscribe,
        }
        event = f"trust_updates:{each.id}:{','.join(map(str, item_ids))}"
        await mail.send(tx, event, each.email or "", "trust_updates", values, unsubscribe_url=unsubscribe)
    if len(subscribers) == AT_ONCE:
        await tx.defer(TELL, workspace_id=workspace_id, item_ids=item_ids, after_id=subscribers[-1].id)


async def _record(tx: Tx, subscriber: Subscriber, description: str, status: str) -> None:
    await record(
        tx,
        EventType.TRUST_PAGES_SAVED,
        description,
        target={"kind": "trust subscriber", "id": subscriber.id},
        after={"status": status},
        workspace_id=subscriber.workspace_id,
    )
