"""When those are told again who let a request wait, and those whose access is about to end."""

from datetime import datetime, timedelta

from trustwright.access.model import Grant

# After so many business days without a decision (trust-center 1.7).
NAGS = (2, 5)
# So many days before the end.
NOTICES = (14, 3)
NOT_TOLD_AGAIN_FOR = timedelta(hours=1)
SATURDAY = 5


def business_days(since: datetime, now: datetime) -> int:
    """Whole days from one moment to another that do not end on a Saturday or Sunday, in UTC."""
    days = (now - since) // timedelta(days=1)
    weeks, rest = divmod(max(days, 0), 7)
    return weeks * 5 + sum((since + timedelta(days=each)).weekday() < SATURDAY for each in range(1, rest + 1))


def nags_due(since: datetime, now: datetime) -> int:
    """How many times the team should have been told of a request by now."""
    waited = business_days(since, now)
    return sum(waited >= days for days in NAGS)


def may_tell_team(told_at: datetime | None, now: datetime) -> bool:
    """Whether the team may be told of more documents in a request that it knows of (trust-center 1.8)."""
    return told_at is None or now - told_at >= NOT_TOLD_AGAIN_FOR


def notice_due(grant: Grant, now: datetime) -> int | None:
    """The notice that it is time for: the latest whose day has come. Access that was never to last that long ends
    without it."""
    if grant.expires_at is None:
        return None
    left, whole = grant.expires_at - now, grant.expires_at - grant.created_at
    return min((days for days in NOTICES if left <= timedelta(days=days) < whole), default=None)
