"""How long somebody waits who tries out passwords or codes.

Who is counted: an address tried from browsers that nobody knows, the network they are tried from, and by itself each
browser in which this person came in before. So whoever tries an address from elsewhere cannot keep its owner out."""

import hashlib
import hmac
import secrets
from datetime import timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from msgspec import Struct

from trustwright.errors import TooManyRequests

FORGOTTEN_AFTER = timedelta(days=1)
LONGEST_PAUSE = timedelta(minutes=15)
# Others come from the same network.
LONGEST_PAUSE_OF_NETWORK = timedelta(minutes=1)

# Attempts that need no pause.
FREE = 5
FREE_OF_NETWORK = 30
# How much of an IPv6 address is one line of one customer.
PREFIX = 64


class TooManyAttempts(TooManyRequests):
    """Somebody tries too often to come in."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(retry_after)
        wait = f"{retry_after} seconds" if retry_after < 120 else f"{retry_after // 60} minutes"
        self.message = f"There were too many attempts. Wait {wait}, then try again"


class Key(Struct, frozen=True):
    """What attempts are counted by, how many are free, and the longest wait behind another."""

    digest: bytes
    free: int = FREE
    longest: timedelta = LONGEST_PAUSE


def pause(attempts: int, key: Key) -> timedelta:
    """The wait behind so many attempts: none, then a second, and twice as long each time."""
    if attempts < key.free:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(attempts - key.free, 20)), key.longest)


def of_person(email: str) -> Key:
    """The address, in whatever case it is written."""
    return Key(_digest("address", email.strip().casefold()))


def of_network(ip: str) -> Key:
    """The network that an address is in; without one all share a key."""
    return Key(_digest("network", _network(ip)), FREE_OF_NETWORK, LONGEST_PAUSE_OF_NETWORK)


def of_browser(known: str) -> Key:
    """A browser that is known."""
    return Key(_digest("browser", known))


def of_user(account_id: int, user_id: int) -> Key:
    """Somebody whose password was right, or who is signed in."""
    return Key(_digest("user", f"{account_id}/{user_id}"))


def known_browser(secret_key: bytes, email: str) -> str:
    """What a browser keeps in which somebody came in by this address."""
    name = secrets.token_urlsafe(16)
    return f"{name}.{_signature(secret_key, email, name)}"


def is_known(secret_key: bytes, email: str, kept: str) -> bool:
    """Whether a browser was known for this address before."""
    name, _, signature = kept.partition(".")
    return hmac.compare_digest(_signature(secret_key, email, name).encode(), signature.encode("utf-8", "replace"))


def _signature(secret_key: bytes, email: str, name: str) -> str:
    text = f"known browser|{email.strip().casefold()}|{name}"
    return hmac.digest(secret_key, text.encode("utf-8", "replace"), "sha256").hex()


def _digest(kind: str, text: str) -> bytes:
    return hashlib.sha256(f"{kind}|{text}".encode("utf-8", "replace")).digest()


def _network(ip: str) -> str:
    try:
        address = ip_address(ip)
    except ValueError:
        return ""
    if isinstance(address, IPv6Address):
        return str(ip_network((address, PREFIX), strict=False))
    return str(address)
