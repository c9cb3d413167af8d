"""Grants, what they open, and the log of what was looked at."""

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar
from uuid import UUID

from msgspec import Struct

from trustwright.errors import InvalidKey, Problem

LINK_LASTS = timedelta(days=30)
SESSION_LASTS = timedelta(hours=12)
CODE_LASTS = timedelta(minutes=10)

LINKS_AN_HOUR = 10
CODES_AN_HOUR = 5
CODE_ATTEMPTS = 5

HOUR = timedelta(hours=1)


class Action(StrEnum):
    """PAGE_VIEW: the public page. OPEN: a grant, by its link. VIEW and DOWNLOAD: a document."""

    PAGE_VIEW = "PAGE_VIEW"
    OPEN = "OPEN"
    VIEW = "VIEW"
    DOWNLOAD = "DOWNLOAD"


class Person(Struct, frozen=True, kw_only=True):
    """Whose grant it is; the address is normalized."""

    email: str
    name: str
    company: str


class Grant(Struct, frozen=True, kw_only=True):
    """What one person may see of one workspace, until when. `expired_at` is when the end was written down."""

    id: int
    workspace_id: int
    email: str
    name: str
    company: str
    asks_on_new_device: bool
    expires_at: datetime | None
    revoked_at: datetime | None
    expired_at: datetime | None
    created_at: datetime
    updated_at: datetime

    def is_live(self, now: datetime) -> bool:
        """Whether it opens anything; asked at every read, whatever the timers have done."""
        over = self.expires_at is not None and self.expires_at <= now
        return not over and self.revoked_at is None and self.expired_at is None


class Tokened(Struct, frozen=True):
    """Whose grant a link or a session belongs to."""

    account_id: int
    grant_id: int


class Link(Struct, frozen=True):
    expires_at: datetime
    revoked_at: datetime | None

    def is_live(self, now: datetime) -> bool:
        return self.revoked_at is None and self.expires_at > now


class Device(Struct, frozen=True, kw_only=True):
    """A browser. It is known once a code, or being the first, has let it in."""

    code_sha256: bytes | None
    code_until: datetime | None
    code_attempts: int
    codes_sent: int
    codes_since: datetime | None
    known_at: datetime | None


class Given(Struct, frozen=True, kw_only=True):
    """A document under a grant, and the last request for which it was given."""

    document_id: int
    request_id: UUID


class Visit(Struct, frozen=True, kw_only=True):
    """One line of the access log; `action` is the name of one."""

    workspace_id: int
    action: str
    document_id: int | None
    version: int | None
    grant_id: int | None
    request_id: UUID | None
    email: str | None
    visitor: str
    ip: str | None
    user_agent: str | None


class LoggedVisit(Struct, frozen=True, kw_only=True):
    """A line of the access log as people read it; `document` is its name now."""

    action: Action
    created_at: datetime
    document: str | None
    version: int | None
    ip: str | None
    user_agent: str | None


class NoSession(InvalidKey):
    """A visitor without a session, or with one that is over."""

    sentence = "Your visit is over, or has not begun in this browser. Open the link in your mail again."


class AccessOver(Problem):
    """A link or a grant that opens nothing any more."""

    status: ClassVar[int] = 410
    code: ClassVar[int] = 10110
    name: ClassVar[str] = "GoneException"
    sentence = "It is too old, a newer one took its place, or your access has ended."

    def __init__(self, slug: str | None = None) -> None:
        super().__init__()
        self.slug = slug


class NotShown(Problem):
    """A document that a visitor may not have in this way; the message says why."""

    status: ClassVar[int] = 403
    code: ClassVar[int] = 10020
    name: ClassVar[str] = "ForbiddenException"
    sentence = "This document can be viewed, and not downloaded"


class HeldBack(Problem):
    """A document that cannot go out now; the message says why."""

    status: ClassVar[int] = 409
    code: ClassVar[int] = 10050
    name: ClassVar[str] = "ConflictException"


def link_end(grant: Grant, now: datetime) -> datetime:
    """Until when a new link opens a grant: a month, and never longer than the grant lasts."""
    end = now + LINK_LASTS
    return end if grant.expires_at is None else min(end, grant.expires_at)


def visitor_hash(account_id: int, day: str, ip: str, user_agent: str) -> str:
    """Tells visitors of one day apart, the same in every process. `day` is an ISO date."""
    told = "\0".join((str(account_id), day, ip, user_agent))
    return hashlib.sha256(told.encode("utf-8", "surrogateescape")).hexdigest()


def masked(email: str) -> str:
    """`b***@initech.test`: enough to know one's own address by, and too little to learn another's."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}***@{domain}"


def shown_day(moment: datetime) -> str:
    """`3 March 2027, 14:05 UTC`."""
    return f"{moment.day} {moment:%B %Y, %H:%M} UTC"
