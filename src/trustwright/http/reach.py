"""Requests of ours to hosts that others have named.

A name is resolved once, every address that it has is checked, and the connection goes to one of those very addresses:
a name that leads elsewhere a moment later leads nobody into the network of this server."""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from ipaddress import ip_address

import httpcore
import httpx
import structlog
from msgspec import Struct

from trustwright.webhooks.addresses import Network, is_reachable

log = structlog.get_logger()

# Ten in all; connecting is a part of answering.
SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 8.0
SECONDS_TO_FINISH = 2.0
# Each gets its share of the time to connect, so there must not be many.
MOST_ADDRESSES = 4

Resolver = Callable[[str, int], Awaitable[list[str]]]


class OutOfReach(RuntimeError):
    """A host has an address that nothing of ours may go to."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def trusted() -> ssl.SSLContext:
    """Whom TLS trusts: SSL_CERT_FILE or SSL_CERT_DIR where they are set, else the authorities of the web."""
    return httpx.create_ssl_context()


class Reach(Struct, frozen=True, kw_only=True):
    """How far requests of ours go: the private networks that they may enter and the setting that names these, whether
    they may go without TLS, who finds the addresses of a host, whom TLS trusts, and how many seconds a connection, the
    head of the answer, and its rest may take."""

    setting: str
    networks: tuple[Network, ...] = ()
    is_http_allowed: bool = False
    to_connect: float = SECONDS_TO_CONNECT
    to_answer: float = SECONDS_TO_ANSWER
    to_finish: float = SECONDS_TO_FINISH
    resolve: Resolver = resolved
    trust: Callable[[], ssl.SSLContext] = trusted


async def checked_addresses(host: str, port: int, reach: Reach) -> list[str]:
    """All addresses of a host. Raises OutOfReach if nothing may go to one of them, and OSError without any."""
    addresses = [host] if _is_address(host) else await reach.resolve(host, port)
    if not addresses:
        raise OSError(f"{host} has no address")
    if not all(is_reachable(address, reach.networks) for address in addresses):
        log.warning("host out of reach", host=host, addresses=addresses)
        cure = f"{reach.setting} on the server can allow its network"
        raise OutOfReach(f"the host has an address that is not public; {cure}")
    return addresses


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


class CheckedBackend(httpcore.AsyncNetworkBackend):
    """Connects to hosts within reach, and to the very addresses that were checked."""

    def __init__(self, reach: Reach) -> None:
        self._reach = reach
        self._plain = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """Raises OutOfReach, OSError, and httpcore's ConnectError and ConnectTimeout."""
        until = time.monotonic() + self._reach.to_connect
        try:
            async with asyncio.timeout(self._reach.to_connect):
                addresses = (await checked_addresses(host, port, self._reach))[:MOST_ADDRESSES]
        except TimeoutError as error:
            raise httpcore.ConnectTimeout(f"{host} does not resolve") from error
        last: Exception | None = None
        for place, address in enumerate(addresses):
            share = (until - time.monotonic()) / (len(addresses) - place)
            try:
                return await self._plain.connect_tcp(address, port, max(share, 0), local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last or OSError(f"{host} has no address")
