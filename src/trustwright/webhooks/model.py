"""Webhooks, deliveries and attempts: their states, what is sent, and when to try again."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Struct

from trustwright.times import iso

PING = "ping"

# An account's news are copied once a webhook, so that their number needs an end.
MOST_WEBHOOKS = 20
LONGEST_URL = 2000

# Seconds before the second attempt, the third, and so on: 21 hours in all.
WAITS = (10, 60, 300, 1800, 7200, 21_600, 43_200)
MOST_ATTEMPTS = len(WAITS) + 1
# Longer than any attempt can take, and short beside what a killed one costs.
LEASE = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(minutes=2)
# The clock of the queue may be another machine's than the clock of the database.
EARLY = timedelta(seconds=5)

LONGEST_ANSWER = 500
GONE = 410


class DeliveryStatus(StrEnum):
    """QUEUED: waits for its first attempt or its next."""

    QUEUED = "QUEUED"
    DELIVERED = "DELIVERED"
    FAILED = "FAILED"


class Webhook(Struct, frozen=True, kw_only=True):
    """Where news go. `disabled_message` says why the service itself disabled it."""

    id: int
    url: str
    description: str | None
    is_enabled: bool
    disabled_message: str | None
    created_at: datetime
    updated_at: datetime


class NewWebhook(Struct, frozen=True, kw_only=True):
    """What somebody says of a webhook."""

    url: str
    description: str | None = None
    is_enabled: bool = True


class Delivery(Struct, frozen=True, kw_only=True):
    """One piece of news for one webhook. `message_id` is in its body and its header; a delivery made anew has the
    same, so that the receiver knows it for a repetition."""

    id: int
    webhook_id: int
    message_id: UUID
    kind: str
    body: str
    state: DeliveryStatus
    attempts: int
    due_at: datetime
    created_at: datetime
    updated_at: datetime
    finished_at: datetime | None


class Attempt(Struct, frozen=True, kw_only=True):
    """How one attempt ended. `http_status` is None where no answer came, `error` where it was taken."""

    delivery_id: int
    number: int
    attempted_at: datetime
    http_status: int | None
    error: str | None
    answer: str
    milliseconds: int


class Claimed(Struct, frozen=True, kw_only=True):
    """A delivery that is ours to attempt, and what is needed for it. `attempts` counts this one."""

    id: int
    webhook_id: int
    message_id: UUID
    kind: str
    body: str
    attempts: int
    url: str
    nonce: bytes
    secret_sha256: bytes
    is_enabled: bool


class Outcome(Struct, frozen=True, kw_only=True):
    """What came of an attempt. `error` is None when the receiver took it; `is_lasting`: no other attempt can do
    better."""

    http_status: int | None = None
    error: str | None = None
    answer: str = ""
    milliseconds: int = 0
    is_lasting: bool = False

    @property
    def is_taken(self) -> bool:
        return self.error is None

    @property
    def is_gone(self) -> bool:
        return self.http_status == GONE


UNFINISHED = Outcome(error="Given up: too many attempts were cut off before they could end", is_lasting=True)
DISABLED = Outcome(error="The webhook is disabled or deleted", is_lasting=True)


def body_of(message_id: UUID, kind: str, now: datetime, account_id: int, payload: dict[str, Any]) -> str:
    """What a receiver gets: JSON, kept and sent as this very text, for the signature is over its bytes."""
    news = {"id": str(message_id), "kind": kind, "createdAt": iso(now), "accountId": account_id, "data": payload}
    return msgspec.json.encode(news).decode()


def answered(status: int, answer: bytes, milliseconds: int) -> Outcome:
    """What an answer means: 2xx takes the delivery, 410 ends it, everything else may change."""
    text = answer.decode("utf-8", "replace").replace("\0", "")[:LONGEST_ANSWER]
    outcome = Outcome(http_status=status, answer=text, milliseconds=milliseconds)
    if 200 <= status < 300:
        return outcome
    error = f"The receiver answered {status}"
    if 300 <= status < 400:
        error += "; redirects are not followed, so give the webhook the address that is meant"
    return msgspec.structs.replace(outcome, error=error, is_lasting=status == GONE)


def seconds_until_next(attempts: int) -> int | None:
    """How long to wait after so many attempts; None when a day of them is enough."""
    return WAITS[attempts - 1] if attempts < MOST_ATTEMPTS else None
