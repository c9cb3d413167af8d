"""What goes between us and another provider of signatures: JSON, signed with a secret that both know."""

import base64
import binascii
import hashlib
import hmac
import re
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import Meta, Struct

from trustwright.agreements.model import Envelope, Nda
from trustwright.errors import Invalid, InvalidKey

HEADER = "X-Signature"
# How far a signature's clock may be from ours, in seconds, before and after.
WINDOW = 300
SIGNATURE = re.compile(r"t=(\d{1,12}),v1=([0-9a-f]{64})")

Short = Annotated[str, Meta(max_length=255)]
Long = Annotated[str, Meta(max_length=2000)]


class HandOver(Struct, frozen=True, kw_only=True, rename="camel"):
    """An envelope as we hand it over. `document` is the PDF in base64, `document_sha256` its hash in hexadecimal."""

    tracking_id: UUID
    email: str
    name: str
    company: str
    document_name: str
    document_sha256: str
    document: str
    callback_url: str
    expires_at: datetime


class Taken(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a provider answers. Without a signing URL it writes to the signer itself."""

    reference: Annotated[str, Meta(min_length=1, max_length=255)]
    signing_url: Annotated[str, Meta(max_length=2000, pattern="^https?://[^\\s]+$")] | None = None


class CallbackEvent(StrEnum):
    COMPLETED = "completed"
    DECLINED = "declined"
    VOIDED = "voided"
    EXPIRED = "expired"


class Callback(Struct, frozen=True, kw_only=True, rename="camel"):
    """What a provider tells of an envelope. `document` is the signed PDF in base64."""

    tracking_id: UUID
    reference: Short
    event: CallbackEvent
    reason: Long | None = None
    document: str | None = None
    signed_at: datetime | None = None


class Forged(InvalidKey):
    """A callback that nobody signed who has the secret, or that was signed too long ago."""

    sentence = "X-Signature: sign the body with the shared secret, at the time of sending"


def hand_over(envelope: Envelope, nda: Nda, document: bytes, callback_url: str) -> bytes:
    """The body that asks a provider for a signature."""
    return msgspec.json.encode(
        HandOver(
            tracking_id=envelope.id,
            email=envelope.email,
            name=envelope.name,
            company=envelope.company,
            document_name=nda.name,
            document_sha256=nda.sha256.hex(),
            document=base64.b64encode(document).decode(),
            callback_url=callback_url,
            expires_at=envelope.expires_at,
        )
    )


def signature(secret: str, body: bytes, now: int) -> str:
    """The header that proves who sent a body, and when; `now` in seconds since 1970."""
    return f"t={now},v1={_mac(secret, str(now), body)}"


def require_recent(secret: str, header: str, now: int) -> tuple[str, str]:
    """The moment and the hash of a header that may prove something, before its body is read. Raises Forged. Without a
    secret nothing is genuine: anybody could sign with an empty one."""
    given = SIGNATURE.fullmatch(header.strip())
    if not secret or given is None or abs(now - int(given[1])) > WINDOW:
        raise Forged
    return given[1], given[2]


def require_genuine(secret: str, header: str, body: bytes, now: int) -> None:
    """Raises Forged."""
    moment, mac = require_recent(secret, header, now)
    if not hmac.compare_digest(mac, _mac(secret, moment, body)):
        raise Forged


def _mac(secret: str, moment: str, body: bytes) -> str:
    return hmac.new(
        secret.encode("utf-8", "surrogateescape"), moment.encode() + b"." + body, hashlib.sha256
    ).hexdigest()


def document_of(callback: Callback) -> bytes | None:
    """The signed PDF. Raises Invalid when that is no base64."""
    if not callback.document:
        return None
    try:
        return base64.b64decode(callback.document, validate=True)
    except (ValueError, binascii.Error) as error:
        raise Invalid("document: must be the signed PDF in base64") from error


def signed_at(callback: Callback, now: datetime) -> datetime:
    """When it was signed: never later than now, whatever the other clock says."""
    if callback.signed_at is None:
        return now
    given = callback.signed_at if callback.signed_at.tzinfo else callback.signed_at.replace(tzinfo=UTC)
    return min(given, now)
