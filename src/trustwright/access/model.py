"""Grants, what they open, and the log of what was looked at."""

from datetime import datetime
from enum import StrEnum

from msgspec import Struct


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
    """What one person may see of one workspace, until when. `expired_at` is when the end was written down and told."""

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
