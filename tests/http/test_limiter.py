"""How often somebody may knock."""

import pytest

from trustwright.errors import TooManyRequests
from trustwright.http.limiter import WINDOW, AddressLimiter, Limiter


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


def test_all_ipv6_addresses_of_one_line_count_together() -> None:
    limiter = AddressLimiter(1)
    limiter.admit("2001:db8:0:1::1", 10)

    with pytest.raises(TooManyRequests):
        limiter.admit("2001:db8:0:1:ffff::9", 10)
    limiter.admit("2001:db8:0:2::1", 10)
    limiter.admit("192.0.2.1", 10)
    limiter.admit("192.0.2.2", 10)
