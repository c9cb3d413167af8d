"""Rates, and the rule by which calls are counted against them.

The rule is the generic cell rate algorithm (ITU-T I.371): each call takes a place on a line of its name's own, as long
as its rate makes it. A call passes when its place ends no later than one period from now. So a rate of 500/60 lets 500
calls pass at once, and then one each 0.12 seconds. All that is kept of a name is where its line ends."""

import re
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct

SECOND = 1_000_000  # microseconds, which count exactly

RATE = re.compile(r"([1-9][0-9]{0,8})/([1-9][0-9]{0,4})")

# How much of an IPv6 address is one line of one customer.
PREFIX = 64


class BadRate(ValueError):
    """A rate cannot be read; the message says how it is written."""


class Rate(Struct, frozen=True):
    """So many calls in so many seconds."""

    calls: int
    seconds: int

    @property
    def period(self) -> int:
        """In microseconds."""
        return self.seconds * SECOND

    @property
    def gap(self) -> int:
        """What one call takes of the period, in microseconds."""
        return max(1, self.period // self.calls)


def rate_of(text: str) -> Rate | None:
    """The rate of `500/60`; none for an empty text. Raises BadRate."""
    if not text:
        return None
    found = RATE.fullmatch(text)
    if found is None:
        raise BadRate(f"must be calls/seconds such as 500/60, not {text!r}")
    return Rate(int(found[1]), int(found[2]))


def placed(busy_until: int, now: int, rate: Rate) -> tuple[int, int]:
    """Until when a line is taken after a call, and how long the call has to wait: zero when it passed, or else the line
    stays as it was. All in microseconds."""
    end = max(busy_until, now) + rate.gap
    wait = end - rate.period - now
    return (busy_until, wait) if wait > 0 else (end, 0)


def whole_seconds(wait: int) -> int:
    """What Retry-After says: after that many seconds the wait is over."""
    return max(1, -(-wait // SECOND))


def of_key(key_id: int) -> str:
    """The name by which the calls of an API key are counted."""
    return f"key {key_id}"


def of_address(ip: str) -> str:
    """The name by which the calls of an address are counted; what has none shares one."""
    try:
        address = ip_address(ip)
    except ValueError:
        return "address"
    if isinstance(address, IPv6Address):
        mapped = address.ipv4_mapped
        return f"address {mapped or ip_network((int(address), PREFIX), strict=False)}"
    return f"address {address}"
