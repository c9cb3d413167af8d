"""Who is mailed the updates of a page, and the links by which they say so and change their mind."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta

from msgspec import Struct

from trustwright.links import address

PURPOSE = b"trustwright subscription\0"

# What is older was published for the record, and is no news.
NEWS = timedelta(days=3)
UNCONFIRMED_KEPT = timedelta(days=30)


class Subscriber(Struct, frozen=True, kw_only=True):
    """`email` is None after the end: nobody is kept who does not want to be."""

    id: int
    workspace_id: int
    email: str | None
    created_at: datetime
    confirmed_at: datetime | None
    ended_at: datetime | None

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None and self.ended_at is None


def link(public_url: str, secret: bytes, account_id: int, subscriber_id: int) -> str:
    """The address of a subscription, which only its mails tell. It holds for as long as the subscription, and nothing
    of it is kept."""
    return address(
        public_url, f"/subscriptions/{account_id}/{subscriber_id}/{token(secret, account_id, subscriber_id)}"
    )


def token(secret: bytes, account_id: int, subscriber_id: int) -> str:
    """What stands at the end of the link."""
    claim = f"{account_id}/{subscriber_id}".encode()
    return base64.urlsafe_b64encode(hmac.new(secret, PURPOSE + claim, hashlib.sha256).digest()).decode().rstrip("=")


def is_genuine(secret: bytes, account_id: int, subscriber_id: int, presented: str) -> bool:
    """Whether a link was made by us."""
    return hmac.compare_digest(token(secret, account_id, subscriber_id).encode(), presented.encode())
