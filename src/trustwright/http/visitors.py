"""Who a visitor of a public page is, as far as the network tells."""

from ipaddress import ip_address, ip_network
from typing import Any

from litestar import Request
from msgspec import Struct

from trustwright.settings import Settings

LONGEST_AGENT = 500


class Visitor(Struct, frozen=True):
    """Address and browser of a request; empty where the network does not tell."""

    ip: str
    user_agent: str


def visitor_of(request: Request[Any, Any, Any]) -> Visitor:
    """The visitor behind the proxies that the settings trust."""
    agent = request.headers.get("user-agent", "")[:LONGEST_AGENT].replace("\0", "")
    return Visitor(ip=address_of(request, request.app.state.settings), user_agent=agent)


def address_of(request: Request[Any, Any, Any], settings: Settings) -> str:
    """The address of the visitor behind the proxies that the settings trust; empty where the network does not tell."""
    peer = request.client.host if request.client else ""
    return client_of(peer, request.headers.get("x-forwarded-for", ""), settings.trusted_proxies)


def client_of(peer: str, forwarded: str, trusted: str) -> str:
    """The last address that no trusted proxy has: whatever stands before it, anybody may have written.

    `trusted` names networks, with commas between; `forwarded` is X-Forwarded-For, whose last entry is the newest."""
    networks = [ip_network(each.strip()) for each in trusted.split(",") if each.strip()]
    client = peer
    for entry in reversed(["", *forwarded.split(",")]):
        address = _parsed(client)
        if address is None or not any(address in network for network in networks) or _parsed(entry.strip()) is None:
            return client
        client = entry.strip()
    return client


def _parsed(text: str) -> Any:
    try:
        return ip_address(text)
    except ValueError:
        return None
