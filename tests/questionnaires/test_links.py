"""Links, how often they may be used, and when somebody is reminded of one."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from trustwright.questionnaires.limiter import WINDOW, Limiter
from trustwright.questionnaires.model import (
    NoPublicUrl,
    TooManyRequests,
    hash_token,
    link_of,
    new_token,
    reminded_before,
)


def test_a_token_has_256_bits_and_fits_a_fragment() -> None:
    tokens = {new_token() for _ in range(100)}

    assert len(tokens) == 100
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{43}", token) for token in tokens)


def test_a_token_that_is_no_text_at_all_has_a_hash_too() -> None:
    assert len({hash_token(""), hash_token("\udcff"), hash_token("é")}) == 3


@pytest.mark.parametrize("base", ["https://trust.acme.test", "https://trust.acme.test/"])
def test_the_token_stands_in_the_fragment(base: str) -> None:
    assert link_of(base, "abc") == "https://trust.acme.test/q#abc"


def test_a_process_that_does_not_know_its_address_makes_no_link() -> None:
    with pytest.raises(NoPublicUrl, match="TRUSTWRIGHT_PUBLIC_URL"):
        link_of("", "abc")


def test_a_key_may_make_so_many_requests_and_no_more() -> None:
    limiter = Limiter(3)
    for _ in range(3):
        limiter.admit("a", 10)

    with pytest.raises(TooManyRequests) as refused:
        limiter.admit("a", 10)

    assert refused.value.retry_after == 50
    limiter.admit("b", 10)


def test_the_next_minute_begins_anew() -> None:
    limiter = Limiter(1)
    limiter.admit("a", WINDOW - 0.1)
    with pytest.raises(TooManyRequests) as refused:
        limiter.admit("a", WINDOW - 0.1)

    assert refused.value.retry_after == 1
    limiter.admit("a", WINDOW)


def test_what_is_counted_is_forgotten_with_its_minute() -> None:
    limiter = Limiter(1)
    for number in range(1000):
        limiter.admit(str(number), 1)
    limiter.admit("a", WINDOW + 1)

    assert len(limiter._counts) == 1


SIX = datetime(2025, 7, 15, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("last", "is_due"),
    [
        (datetime(2025, 7, 8, 0, tzinfo=UTC), True),
        (datetime(2025, 7, 8, 23, 59, tzinfo=UTC), True),
        (datetime(2025, 7, 9, 0, tzinfo=UTC), False),
        (SIX - timedelta(days=30), True),
        (SIX, False),
    ],
)
def test_days_are_counted_by_dates(last: datetime, is_due: bool) -> None:
    assert (last < reminded_before(SIX, 7)) is is_due


def test_the_dates_are_those_of_utc() -> None:
    elsewhere = SIX.astimezone(timezone(timedelta(hours=-11)))

    assert reminded_before(elsewhere, 7) == reminded_before(SIX, 7)
