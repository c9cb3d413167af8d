"""The time that somebody asks a report for in a browser, and the steps in which its chart counts."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.trust_reports.model import Span, span

USUAL = 90  # days
MOST_DAYS, MOST_WEEKS = 31, 400


class Step(StrEnum):
    """As the database names them."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Period(Struct, frozen=True):
    """From the first day to the last, both included, in UTC. `fault`: why it is not the one that was asked for."""

    first: date
    last: date
    fault: str = ""

    @property
    def span(self) -> Span:
        return span(_midnight(self.first), _midnight(self.last + timedelta(days=1)))

    @property
    def step(self) -> Step:
        """What a bar of a chart stands for."""
        days = (self.last - self.first).days
        return Step.DAY if days < MOST_DAYS else Step.WEEK if days < MOST_WEEKS else Step.MONTH


class Bar(Struct, frozen=True):
    """The requests that were made in one step, and how many of them were approved so far."""

    begins: date
    requests: int
    approved: int


def until(last: date, days: int) -> Period:
    """So many days, of which this is the last."""
    return Period(last - timedelta(days=days - 1), last)


def period(first: str, last: str, today: date) -> Period:
    """The days that were asked for; the usual ones where none or no good ones were."""
    if not first and not last:
        return until(today, USUAL)
    try:
        ends = date.fromisoformat(last) if last else today
        asked = Period(date.fromisoformat(first) if first else ends - timedelta(days=USUAL - 1), ends)
        if asked.last < asked.first:
            raise Invalid("The last day must not be before the first")
        span(*(_midnight(day) for day in (asked.first, asked.last)))
        return asked
    except Invalid as problem:
        fault = problem.message.partition(": ")[2] or problem.message
        return Period(*_usual(today), fault[:1].upper() + fault[1:])
    except (ValueError, OverflowError):
        return Period(*_usual(today), "Give days like 2027-01-31")


def _usual(today: date) -> tuple[date, date]:
    usual = until(today, USUAL)
    return usual.first, usual.last


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)
