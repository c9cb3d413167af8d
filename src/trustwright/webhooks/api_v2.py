"""Webhooks and their deliveries, version 2: extensions of ours."""

from functools import partial
from typing import Annotated, Any, ClassVar
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from trustwright.accounts.permissions import Permission
from trustwright.http.lists import CursorPage, CursorQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.secret import secret_key
from trustwright.http.wire import Id, Timestamp, Wire, iso, iso_or_none
from trustwright.webhooks import actions, store
from trustwright.webhooks.delivery import reach_of, require_reachable
from trustwright.webhooks.model import LONGEST_URL, Attempt, Delivery, DeliveryStatus, NewWebhook, Webhook

EXAMPLE_URL = "https://hooks.acme.test/trustwright"

Url = Annotated[str, Meta(min_length=1, max_length=LONGEST_URL)]
Description = Annotated[str, Meta(max_length=1000)]


class WebhookPath(Wire, frozen=True):
    webhook_id: Id


class DeliveryPath(WebhookPath, frozen=True):
    delivery_id: Id


class DeliveriesQuery(CursorQuery, frozen=True):
    status: DeliveryStatus | None = None


class WebhookBody(Wire, frozen=True):
    example: ClassVar = {"url": EXAMPLE_URL, "description": "To the chat of the security team"}

    url: Url
    description: Description | None = None
    enabled: bool = True


class WebhookChange(Wire, frozen=True):
    """What is absent stays as it is."""

    example: ClassVar = {"enabled": False}

    url: Url | UnsetType = UNSET
    description: Description | UnsetType | None = UNSET
    enabled: bool | UnsetType = UNSET


class WebhookAnswer(Wire, frozen=True):
    """`disabledMessage` says why the service itself disabled it."""

    id: int
    url: str
    description: str | None
    enabled: bool
    disabled_message: str | None
    created_at: Timestamp
    updated_at: Timestamp

    @staticmethod
    def of(webhook: Webhook) -> "WebhookAnswer":
        return WebhookAnswer(**_fields(webhook))


class WebhookWithSecret(WebhookAnswer, frozen=True):
    """The one answer that shows the secret, with which deliveries are signed."""

    secret: str

    @staticmethod
    def made(webhook: Webhook, secret: str) -> "WebhookWithSecret":
        return WebhookWithSecret(**_fields(webhook), secret=secret)


class AttemptAnswer(Wire, frozen=True):
    """`httpStatus` is null where no answer came, `error` where the receiver took it. `answer` is its begin."""

    number: int
    attempted_at: Timestamp
    http_status: int | None
    error: str | None
    answer: str
    milliseconds: int

    @staticmethod
    def of(attempt: Attempt) -> "AttemptAnswer":
        return AttemptAnswer(
            number=attempt.number,
            attempted_at=iso(attempt.attempted_at),
            http_status=attempt.http_status,
            error=attempt.error,
            answer=attempt.answer,
            milliseconds=attempt.milliseconds,
        )


class DeliveryAnswer(Wire, frozen=True):
    """`messageId` is what the receiver sees as `Trustwright-Delivery`, `body` the very text that is sent.
    `nextAttemptAt` is null once it has finished."""

    id: int
    message_id: UUID
    kind: str
    status: DeliveryStatus
    body: str
    next_attempt_at: Timestamp | None
    created_at: Timestamp
    updated_at: Timestamp
    finished_at: Timestamp | None
    attempts: list[AttemptAnswer]

    @staticmethod
    def of(delivery: Delivery, attempts: list[Attempt]) -> "DeliveryAnswer":
        return DeliveryAnswer(
            id=delivery.id,
            message_id=delivery.message_id,
            kind=delivery.kind,
            status=delivery.state,
            body=delivery.body,
            next_attempt_at=iso(delivery.due_at) if delivery.state is DeliveryStatus.QUEUED else None,
            created_at=iso(delivery.created_at),
            updated_at=iso(delivery.updated_at),
            finished_at=iso_or_none(delivery.finished_at),
            attempts=[AttemptAnswer.of(attempt) for attempt in attempts],
        )


async def list_webhooks(call: Call, filters: CursorQuery) -> CursorPage[WebhookAnswer]:
    """Lists the webhooks of the account."""
    async with call.read() as tx:
        return await by_cursor(
            filters,
            "webhooks",
            partial(store.page_webhooks, tx),
            partial(store.count_webhooks, tx),
            WebhookAnswer.of,
        )


async def create_webhook(call: Call, body: WebhookBody) -> WebhookWithSecret:
    """Creates a webhook. Its secret is shown in this answer only."""
    await require_reachable(body.url, reach_of(call.settings))
    new = NewWebhook(url=body.url, description=body.description, is_enabled=body.enabled)
    async with call.begin() as tx:
        return WebhookWithSecret.made(*await actions.create_webhook(tx, new, secret_key(call.settings)))


async def get_webhook(call: Call, path: WebhookPath) -> WebhookAnswer:
    """Gets one webhook."""
    async with call.read() as tx:
        return WebhookAnswer.of(await actions.get_webhook(tx, path.webhook_id))


async def update_webhook(call: Call, path: WebhookPath, body: WebhookChange) -> WebhookAnswer:
    """Changes a webhook; to enable it clears why it was disabled."""
    if body.url is not UNSET:
        await require_reachable(body.url, reach_of(call.settings))
    async with call.begin() as tx:
        webhook = await actions.update_webhook(
            tx, path.webhook_id, url=body.url, description=body.description, is_enabled=body.enabled
        )
        return WebhookAnswer.of(webhook)


async def delete_webhook(call: Call, path: WebhookPath) -> None:
    """Deletes a webhook; what waits for it is not sent."""
    async with call.begin() as tx:
        await actions.delete_webhook(tx, path.webhook_id)


async def renew_webhook_secret(call: Call, path: WebhookPath) -> WebhookWithSecret:
    """Gives a webhook a new secret, shown in this answer only. From now on nothing is signed with the old one."""
    async with call.begin() as tx:
        return WebhookWithSecret.made(*await actions.renew_secret(tx, path.webhook_id, secret_key(call.settings)))


async def list_webhook_deliveries(
    call: Call, path: WebhookPath, filters: DeliveriesQuery
) -> CursorPage[DeliveryAnswer]:
    """Lists what was sent to a webhook, or is about to be, with every attempt."""
    async with call.read() as tx:
        webhook = await actions.get_webhook(tx, path.webhook_id)
        page = await by_cursor(
            filters,
            ["deliveries", webhook.id],
            partial(store.page_deliveries, tx, webhook_id=webhook.id, status=filters.status),
            partial(store.count_deliveries, tx, webhook.id, filters.status),
            _same,
        )
        attempts = await actions.attempts_of(tx, page.data)
        data = [DeliveryAnswer.of(delivery, attempts[delivery.id]) for delivery in page.data]
        return CursorPage(data=data, pagination=page.pagination)


async def redeliver(call: Call, path: DeliveryPath) -> DeliveryAnswer:
    """Sends a finished delivery once more, as a new delivery with the same body and message id."""
    async with call.begin() as tx:
        return DeliveryAnswer.of(await actions.redeliver(tx, path.webhook_id, path.delivery_id), [])


async def ping_webhook(call: Call, path: WebhookPath) -> DeliveryAnswer:
    """Sends a delivery of the kind `ping`."""
    async with call.begin() as tx:
        return DeliveryAnswer.of(await actions.ping(tx, path.webhook_id), [])


def _same(delivery: Delivery) -> Delivery:
    return delivery


def _fields(webhook: Webhook) -> dict[str, Any]:
    return {
        "id": webhook.id,
        "url": webhook.url,
        "description": webhook.description,
        "enabled": webhook.is_enabled,
        "disabled_message": webhook.disabled_message,
        "created_at": iso(webhook.created_at),
        "updated_at": iso(webhook.updated_at),
    }


WEBHOOKS = "/webhooks"
WEBHOOK = "/webhooks/{webhookId}"
DELIVERIES = "/webhooks/{webhookId}/deliveries"

read = partial(Operation, version=Version.V2, extension=True, permissions=(Permission.MONITORS_GET,))
write = partial(Operation, version=Version.V2, extension=True, permissions=(Permission.MONITORS_PUT_MONITOR,))

operations = [
    read(method="GET", path=WEBHOOKS, handler=list_webhooks, errors=(400,)),
    write(method="POST", path=WEBHOOKS, handler=create_webhook, success=(201,), errors=(400,)),
    read(method="GET", path=WEBHOOK, handler=get_webhook, errors=(400, 404)),
    write(method="PUT", path=WEBHOOK, handler=update_webhook, errors=(400, 404)),
    write(method="DELETE", path=WEBHOOK, handler=delete_webhook, success=(204,), errors=(400, 404)),
    write(method="POST", path=f"{WEBHOOK}/secret", handler=renew_webhook_secret, success=(201,), errors=(400, 404)),
    read(method="GET", path=DELIVERIES, handler=list_webhook_deliveries, errors=(400, 404)),
    write(
        method="POST",
        path=f"{DELIVERIES}/{{deliveryId}}/redeliver",
        handler=redeliver,
        success=(201,),
        errors=(400, 404, 409),
    ),
    write(method="POST", path=f"{WEBHOOK}/test", handler=ping_webhook, success=(201,), errors=(400, 404, 409)),
]
