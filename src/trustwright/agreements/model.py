"""Agreements, envelopes in which they are signed, and acceptances."""

import hashlib
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from trustwright.errors import Conflict, NotFound, Problem


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


OPEN = (EnvelopeState.PREPARED, EnvelopeState.SENT)

OWN_PAGE = "OWN_PAGE"
OUTSIDE = "OUTSIDE"

CODE_LASTS = timedelta(minutes=10)
CODE_ATTEMPTS = 5
CODES_AN_HOUR = 5

# Days after which an envelope that is out is reminded of (trust-center 1.6, E3).
REMINDER_DAYS = (3, 7)


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
    signing_url: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it can still come to a signature, as far as is written down."""
        return self.state in OPEN


class Code(Struct, frozen=True, kw_only=True):
    """The last code that was mailed for an envelope, and how many were since `codes_since`."""

    code_sha256: bytes | None
    code_until: datetime | None
    code_attempts: int
    codes_sent: int
    codes_since: datetime | None


class Linked(Struct, frozen=True):
    """What a signing link opens."""

    account_id: int
    envelope_id: UUID


class Asker(Struct, frozen=True):
    """In whose name a signature is asked for: the trust center, and the addresses that keep its papers."""

    name: str
    legal_email: str
    security_emails: str
    contact_url: str


class Signing(Struct, frozen=True, kw_only=True):
    """How an envelope was signed: by whom, as far as a name was given, from where, and when."""

    name: str
    ip: str | None
    user_agent: str | None
    signed_at: datetime


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


class PaperOfPerson(Struct, frozen=True, kw_only=True):
    """An acceptance as people read it: of which version, and since when and why it stands no more."""

    id: int
    email: str
    name: str
    company: str
    method: Method
    accepted_at: datetime
    request_id: UUID | None
    signed_file_id: int | None
    version: int
    agreement: str
    superseded_at: datetime | None
    reason: str | None


class LinkUnknown(NotFound):
    """A token that opens nothing, whatever it looks like: always the same answer, so that guesses teach nothing."""

    sentence = (
        "This link opens nothing. Copy all of it from the newest mail, up to its last character: a newer link ends the "
        "older one."
    )


class LinkEnded(Problem):
    """The agreement was not signed in time, or is not asked for any more."""

    status = 410
    code = 10110
    name = "GoneException"
    sentence = "This link has ended. Ask the company that sent it for a new one."


class Settled(Conflict):
    """What was signed or declined stays so."""

    sentence = "This agreement was settled already; nothing was changed."


def hash_code(envelope_id: UUID, code: str) -> bytes:
    """What is kept of a code. With the envelope in it, a code never fits another envelope."""
    return hashlib.sha256(f"{envelope_id} {code}".encode("utf-8", "surrogateescape")).digest()


def reminders_due(now: datetime, sent_at: datetime) -> int:
    """How many reminders a signer should have had by now."""
    return sum(now >= sent_at + timedelta(days=days) for days in REMINDER_DAYS)


def day(moment: datetime) -> str:
    """A day as mails and pages name it, in UTC."""
    local = moment.astimezone(UTC)
    return f"{local.day} {local:%B %Y}"


def minute(moment: datetime) -> str:
    """A minute, as mails and pages name it."""
    return f"{day(moment)}, {moment.astimezone(UTC):%H:%M} UTC"


def addresses(text: str) -> list[str]:
    """The addresses of a list with commas, each once."""
    return list(dict.fromkeys(each.strip() for each in text.split(",") if each.strip()))
