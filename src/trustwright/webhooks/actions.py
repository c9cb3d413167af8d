"""What can be done with webhooks and their deliveries."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from msgspec import UNSET, UnsetType
from msgspec.structs import replace

from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.webhooks import store
from trustwright.webhooks.addresses import require_target
from trustwright.webhooks.model import (
    DISABLED,
    FORGOTTEN_AFTER,
    MOST_ATTEMPTS,
    MOST_WEBHOOKS,
    PING,
    UNFINISHED,
    Attempt,
    Claimed,
    Delivery,
    DeliveryStatus,
    NewWebhook,
    Outcome,
    Webhook,
    body_of,
    seconds_until_next,
)
from trustwright.webhooks.signing import fingerprint, new_nonce, secret_of

DELIVER = "webhooks.deliver"
GONE = "The receiver answered 410 Gone"


async def create_webhook(tx: Tx, new: NewWebhook, key: bytes) -> tuple[Webhook, str]:
    """Adds a webhook; with its secret, which cannot be asked for again. `key` is the server's. Raises Invalid for one
    too many."""
    if await store.count_webhooks(tx) >= MOST_WEBHOOKS:
        raise Invalid(f"An account has at most {MOST_WEBHOOKS} webhooks; delete one that nobody needs")
    nonce = new_nonce()
    secret = secret_of(key, tx.account_id, nonce)
    webhook = await store.insert_webhook(tx, new, nonce, fingerprint(secret))
    await _record(tx, EventType.WORKFLOW_PUBLISHED, webhook, "created", None, _shown(webhook))
    return webhook, secret


async def get_webhook(tx: Tx, webhook_id: int) -> Webhook:
    """Raises NotFound."""
    return _there(await store.get_webhook(tx, webhook_id), webhook_id)


async def get_webhook_for_update(tx: Tx, webhook_id: int) -> Webhook:
    """A webhook that nobody else changes until the transaction ends. Raises NotFound."""
    return _there(await store.get_webhook_for_update(tx, webhook_id), webhook_id)


async def update_webhook(
    tx: Tx,
    webhook_id: int,
    *,
    url: str | UnsetType = UNSET,
    description: str | UnsetType | None = UNSET,
    is_enabled: bool | UnsetType = UNSET,
) -> Webhook:
    """Says something else of a webhook; what is not given stays. Raises NotFound."""
    before = _there(await store.get_webhook_for_update(tx, webhook_id), webhook_id)
    given = {"url": url, "description": description, "is_enabled": is_enabled}
    wanted = replace(before, **{name: value for name, value in given.items() if value is not UNSET})
    if wanted.is_enabled:
        wanted = replace(wanted, disabled_message=None)
    return before if wanted == before else await _save(tx, before, wanted)


async def renew_secret(tx: Tx, webhook_id: int, key: bytes) -> tuple[Webhook, str]:
    """A webhook with its new secret; the old one signs nothing more. `key` is the server's. Raises NotFound."""
    before = _there(await store.get_webhook_for_update(tx, webhook_id), webhook_id)
    nonce = new_nonce()
    secret = secret_of(key, tx.account_id, nonce)
    webhook = await store.set_secret(tx, before.id, nonce, fingerprint(secret))
    shown = _shown(webhook)
    await _record(tx, EventType.WORKFLOW_DRAFT_SAVED, webhook, "got a new secret", shown, shown)
    return webhook, secret


async def delete_webhook(tx: Tx, webhook_id: int) -> None:
    """Takes a webhook away; what waits for it is not sent. Raises NotFound."""
    webhook = _there(await store.get_webhook_for_update(tx, webhook_id), webhook_id)
    await store.delete_webhook(tx, webhook_id)
    await _record(tx, EventType.WORKFLOW_DELETED, webhook, "deleted", _shown(webhook), None)


async def announce(tx: Tx, kind: str, payload: dict[str, Any]) -> None:
    """Tells all enabled webhooks of the account, once the transaction has committed. `kind` is a name with a dot, such
    as `monitor.status_changed`; `payload` becomes `data` of the body."""
    for webhook_id in await store.enabled_webhooks(tx):
        await _queue(tx, webhook_id, kind, payload)


async def ping(tx: Tx, webhook_id: int) -> Delivery:
    """Queues a delivery that says nothing but that it came. Raises NotFound, and Conflict for a disabled webhook."""
    webhook = await _enabled(tx, webhook_id)
    return await _queue(tx, webhook.id, PING, {"webhookId": webhook.id})


async def redeliver(tx: Tx, webhook_id: int, delivery_id: int) -> Delivery:
    """Queues the same body once more, under the same message id. Raises NotFound, and Conflict for a disabled webhook
    or a delivery that is still waiting."""
    webhook = await _enabled(tx, webhook_id)
    past = await store.get_delivery(tx, webhook_id, delivery_id)
    if past is None:
        raise NotFound(f"No delivery {delivery_id} of this webhook")
    if past.state is DeliveryStatus.QUEUED:
        raise Conflict(f"Delivery {delivery_id} is still waiting, and will be tried again by itself")
    delivery = await store.insert_delivery(tx, webhook.id, past.message_id, past.kind, past.body)
    await tx.defer(DELIVER, delivery_id=delivery.id)
    return delivery


async def attempts_of(tx: Tx, deliveries: list[Delivery]) -> dict[int, list[Attempt]]:
    """The attempts at each of these deliveries, the oldest first."""
    found: dict[int, list[Attempt]] = {delivery.id: [] for delivery in deliveries}
    for attempt in await store.attempts_of(tx, list(found)) if found else []:
        found[attempt.delivery_id].append(attempt)
    return found


async def claim_delivery(tx: Tx, delivery_id: int) -> Claimed | None:
    """A delivery that is due, and nobody else's for the next minute; None when there is nothing to do. What waits for
    a webhook that is disabled or deleted fails here, and what kills whoever attempts it."""
    claimed = await store.claim(tx, delivery_id)
    if claimed is None or (claimed.is_enabled and claimed.attempts <= MOST_ATTEMPTS):
        return claimed
    await settle(tx, claimed, UNFINISHED if claimed.is_enabled else DISABLED)
    return None


async def settle(tx: Tx, claimed: Claimed, outcome: Outcome) -> int | None:
    """Writes down how an attempt ended; seconds until the next one, None when there is none. A receiver that is gone
    for good disables its webhook."""
    await store.insert_attempt(tx, claimed, outcome)
    wait = None if outcome.is_taken or outcome.is_lasting else seconds_until_next(claimed.attempts)
    state = DeliveryStatus.DELIVERED if outcome.is_taken else DeliveryStatus.FAILED
    if wait is not None:
        state = DeliveryStatus.QUEUED
    if not await store.settle(tx, claimed, state, tx.now + timedelta(seconds=wait or 0)):
        return None
    if outcome.is_gone:
        await _disable(tx, claimed)
    if wait is None:
        await _record_sent(tx, claimed, state, outcome)
    return wait


async def take_up_forgotten(tx: Tx) -> int:
    """Queues the jobs of deliveries that are long overdue, because the process that had them was killed; how many."""
    forgotten = await store.postpone_forgotten(tx, tx.now - FORGOTTEN_AFTER)
    for delivery_id in forgotten:
        await tx.defer(DELIVER, delivery_id=delivery_id)
    return len(forgotten)


def _there(webhook: Webhook | None, webhook_id: int) -> Webhook:
    if webhook is None:
        raise NotFound(f"No webhook {webhook_id}")
    return webhook


async def _enabled(tx: Tx, webhook_id: int) -> Webhook:
    webhook = await get_webhook(tx, webhook_id)
    if not webhook.is_enabled:
        raise Conflict(f"Webhook {webhook_id} is disabled; enable it first")
    return webhook


async def _queue(tx: Tx, webhook_id: int, kind: str, payload: dict[str, Any]) -> Delivery:
    message_id = uuid4()
    body = body_of(message_id, kind, tx.now, tx.account_id, payload)
    delivery = await store.insert_delivery(tx, webhook_id, message_id, kind, body)
    await tx.defer(DELIVER, delivery_id=delivery.id)
    return delivery


async def _save(tx: Tx, before: Webhook, wanted: Webhook) -> Webhook:
    after = await store.update_webhook(tx, wanted)
    await _record(tx, EventType.WORKFLOW_DRAFT_SAVED, after, "changed", _shown(before), _shown(after))
    return after


async def _disable(tx: Tx, claimed: Claimed) -> None:
    """Unless the webhook leads elsewhere by now: the answer was another address's then."""
    webhook = await store.get_webhook_for_update(tx, claimed.webhook_id)
    if webhook is not None and webhook.is_enabled and webhook.url == claimed.url:
        await _save(tx, webhook, replace(webhook, is_enabled=False, disabled_message=GONE))


def _target(webhook_id: int) -> dict[str, Any]:
    return {"kind": "webhook", "id": webhook_id}


def _shown(webhook: Webhook) -> dict[str, Any]:
    """What an event keeps of a webhook: of its URL no path, which is a secret with some receivers."""
    return {
        "origin": require_target(webhook.url, is_http_allowed=True).origin,
        "description": webhook.description,
        "enabled": webhook.is_enabled,
        "disabledMessage": webhook.disabled_message,
    }


async def _record(
    tx: Tx, type_: EventType, webhook: Webhook, what: str, before: dict[str, Any] | None, after: dict[str, Any] | None
) -> None:
    await record(tx, type_, f"Webhook {webhook.id} {what}", target=_target(webhook.id), before=before, after=after)


async def _record_sent(tx: Tx, claimed: Claimed, state: DeliveryStatus, outcome: Outcome) -> None:
    """Once a finished delivery."""
    after = {
        "deliveryId": claimed.id,
        "messageId": str(claimed.message_id),
        "kind": claimed.kind,
        "status": state,
        "attempts": claimed.attempts,
        "httpStatus": outcome.http_status,
        "error": outcome.error,
    }
    done = "delivered" if state is DeliveryStatus.DELIVERED else "given up"
    description = f"Delivery {claimed.id} of webhook {claimed.webhook_id} {done}"
    await record(tx, EventType.WORKFLOW_WEBHOOK_SENT, description, target=_target(claimed.webhook_id), after=after)
