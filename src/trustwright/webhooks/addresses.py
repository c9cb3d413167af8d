"""Which addresses news may go to: how a URL must be written, and which hosts are out of reach.

A server that sends what others tell it to where others tell it to would be their way into its own network. So no
address that is not everybody's is connected to, unless a setting allows its network."""

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import SplitResult, urlsplit

import idna
from msgspec import Struct

from trustwright.errors import Invalid
from trustwright.webhooks.model import LONGEST_URL

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# All that is given out for hosts on the internet (RFC 4291, 2.4). Python calls much of the rest global.
GLOBAL_UNICAST = IPv6Network("2000::/3")
NAT64 = IPv6Network("64:ff9b::/96")

LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
VISIBLE = re.compile(r"[!-~]*")
PORTS = {"http": 80, "https": 443}
# What Python reads out of a URL and what a receiver's log shows must be one and the same.
CONFUSING = re.compile(r"[\x00-\x20\x7f-\xa0\\]")


class Target(Struct, frozen=True):
    """A URL in its parts. `host` is a name in ASCII or an address, without brackets; `path` has the query."""

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """What the header Host says (RFC 9110, 7.2)."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        """The URL without its path, which is a secret with some receivers."""
        return f"{self.scheme}://{self.authority}"


def require_target(url: str, *, is_http_allowed: bool) -> Target:
    """The parts of a URL that news may be sent to. Raises Invalid."""
    if len(url) > LONGEST_URL or CONFUSING.search(url):
        raise Invalid(f"url: must have at most {LONGEST_URL} characters, and no spaces, control characters or \\")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Invalid("url: cannot be read; write it as https://host:port/path") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise Invalid("url: must begin with https:// and name a host")
    if parts.scheme == "http" and not is_http_allowed:
        raise Invalid("url: must begin with https://; TRUSTWRIGHT_WEBHOOK_HTTP=true on the server allows http://")
    if "@" in parts.netloc:
        raise Invalid("url: must not hold a user name or a password; check the signature instead")
    if parts.fragment or port == 0:
        raise Invalid("url: must have neither a fragment (#...) nor port 0")
    return Target(parts.scheme, _host(parts), port or PORTS[parts.scheme], _path(parts))


def _path(parts: SplitResult) -> str:
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    if not VISIBLE.fullmatch(path):
        raise Invalid("url: write other letters than ASCII in its path as %XX")
    return path


def _host(parts: SplitResult) -> str:
    """Raises Invalid. Other letters than ASCII become what DNS knows (RFC 5890)."""
    host = parts.hostname or ""
    if "[" in parts.netloc:
        if "%" in host or _parsed(host) is None:
            raise Invalid(f"url: [{host}] is no IPv6 address")
        return host
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError as error:
        raise Invalid(f"url: {host!r} cannot be the name of a host") from error
    name = name.removesuffix(".")
    if len(name) > 253 or not all(LABEL.fullmatch(label) for label in name.split(".")):
        raise Invalid(f"url: {host!r} cannot be the name of a host")
    return name


def networks_of(text: str) -> tuple[Network, ...]:
    """Networks with commas between, such as `10.0.0.0/8,fd00::/8`. Raises ValueError."""
    return tuple(ip_network(each.strip(), strict=False) for each in text.split(",") if each.strip())


def is_reachable(text: str, allowed: tuple[Network, ...]) -> bool:
    """Whether news may go to an address, in each form that it has: everybody's, or in a network that is allowed."""
    address = _parsed(text)
    if address is None:
        return False
    inner = _embedded(address)
    if any(address in network or inner in network for network in allowed):
        return True
    return _is_public(inner)


def _parsed(text: str) -> Address | None:
    try:
        return ip_address(text)
    except ValueError:
        return None


def _embedded(address: Address) -> Address:
    """The IPv4 address that a host or a gateway makes of an IPv6 address: mapped (RFC 4291), 6to4 (RFC 3056), NAT64
    (RFC 6052). An address in none of these forms itself."""
    if isinstance(address, IPv4Address):
        return address
    if address in NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def _is_public(address: Address) -> bool:
    if not address.is_global or address.is_multicast:
        return False
    return isinstance(address, IPv4Address) or address in GLOBAL_UNICAST
