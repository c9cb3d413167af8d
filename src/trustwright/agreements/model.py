"""Agreements, envelopes in which they are signed, and acceptances."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from msgspec import Struct


class Method(StrEnum):
    """CLICK: the box of the form. SIGNATURE: signed, on our page or with another provider."""

    CLICK = "CLICK"
    SIGNATURE = "SIGNATURE"


class EnvelopeState(StrEnum):
    """PREPARED: the provider was not reached yet. VOIDED: we took it back. FAILED: no provider took it."""

    PREPARED = "PREPARED"
    SENT = "SENT"
    SIGNED = "SIGNED"
    DECLINED = "DECLINED"
    EXPIRED = "EXPIRED"
    VOIDED = "VOIDED"
    FAILED = "FAILED"


class Nda(Struct, frozen=True, kw_only=True):
    """One version of a workspace's agreement. It is the current one while `removed_at` is None."""

    id: int
    workspace_id: int
    version: int
    file_id: int
    sha256: bytes
    name: str
    created_at: datetime
    removed_at: datetime | None


class Signer(Struct, frozen=True, kw_only=True):
    """Who is to agree, and for which request."""

    workspace_id: int
    request_id: UUID
    email: str
    name: str
    company: str


class Envelope(Struct, frozen=True, kw_only=True):
    """An agreement on its way to a signature; `id` is the tracking id of the API."""

    id: UUID
    workspace_id: int
    request_id: UUID
    nda_id: int
    email: str
    name: str
    company: str
    provider: str
    provider_reference: str | None
    state: EnvelopeState
    reason: str | None
    reminders: int
    expires_at: datetime
    created_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None


class Acceptance(Struct, frozen=True, kw_only=True):
    id: int
    workspace_id: int
    nda_id: int
    nda_sha256: bytes
    email: str
    name: str
    company: str
    request_id: UUID | None
    method: Method
    envelope_id: UUID | None
    signed_file_id: int | None
    signed_sha256: bytes | None
    ip: str | None
    user_agent: str | None
    accepted_at: datetime
