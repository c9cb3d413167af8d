"""Links, how often they may be used, and when somebody is reminded of one."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest

from trustwright.links import NoPublicUrl, hash_token, new_token
from trustwright.questionnaires.model import link_of, reminded_before


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
