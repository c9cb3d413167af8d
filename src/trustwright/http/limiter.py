"""How many requests a link, or an address that presents links nobody made, may send."""

from trustwright.errors import TooManyRequests
from trustwright.limits.model import of_address

WINDOW = 60


class Limiter:
    """Counts by key in windows of a minute, in the memory of one process. What it counts is forgotten with each window,
    so it holds no more than a minute's worth of keys."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._window = 0
        self._counts: dict[bytes | str, int] = {}

    def admit(self, key: bytes | str, now: float) -> None:
        """`now` in seconds. Raises TooManyRequests."""
        window = int(now // WINDOW)
        if window != self._window:
            self._window, self._counts = window, {}
        count = self._counts.get(key, 0) + 1
        self._counts[key] = count
        if count > self._most:
            raise TooManyRequests(retry_after=max(1, round((window + 1) * WINDOW - now)))


class AddressLimiter(Limiter):
    """By address. One customer's IPv6 addresses, of which each has very many, count as one."""

    def admit(self, key: bytes | str, now: float) -> None:
        super().admit(of_address(str(key)), now)
