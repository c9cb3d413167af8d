"""Sends a delivery to its receiver, who may be anybody, anywhere, and as slow or as false as can be.

A name is resolved once, every address that it has is checked, and the connection goes to one of those very addresses:
a name that leads elsewhere a moment later leads nobody into the network of this server."""

import asyncio
import socket
import ssl
import time
from collections.abc import Awaitable, Callable, Iterable
from functools import cache
from importlib.metadata import version
from ipaddress import ip_address

import httpcore
import httpx
import structlog
from msgspec import Struct

from trustwright.db import Database
from trustwright.errors import Invalid
from trustwright.http.secret import secret_key
from trustwright.jobs import as_scheduler
from trustwright.settings import InvalidSetting, Settings
from trustwright.webhooks import actions
from trustwright.webhooks.addresses import Network, Target, is_reachable, networks_of, require_target
from trustwright.webhooks.model import Claimed, Outcome, answered
from trustwright.webhooks.signing import fingerprint, secret_of, signature

log = structlog.get_logger()

# Ten in all; connecting is a part of answering.
SECONDS_TO_CONNECT = 5.0
SECONDS_TO_ANSWER = 8.0
SECONDS_TO_FINISH = 2.0
SECONDS_TO_RESOLVE = 2.0
MOST_OF_ANSWER = 4096
# Each gets its share of the time to connect, so there must not be many.
MOST_ADDRESSES = 4

OUT_OF_REACH = (
    "the host has an address that is not public; TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS on the server can allow its"
    " network"
)
OTHER_KEY = (
    "The secret key of the server is another one than when the secret was made; give it back, or renew the secret"
)

Resolver = Callable[[str, int], Awaitable[list[str]]]


class OutOfReach(RuntimeError):
    """A host has an address that news must not go to."""


async def resolved(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system finds them. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(address[0]) for *_, address in found))


@cache
def trusted() -> ssl.SSLContext:
    """Whom TLS trusts: SSL_CERT_FILE or SSL_CERT_DIR where they are set, else the authorities of the web."""
    return httpx.create_ssl_context()


class Reach(Struct, frozen=True, kw_only=True):
    """How far deliveries go: the private networks that they may enter, whether they may go without TLS, who finds the
    addresses of a host, whom TLS trusts, and how many seconds a connection, the head of the answer, and its rest may
    take."""

    networks: tuple[Network, ...] = ()
    is_http_allowed: bool = False
    to_connect: float = SECONDS_TO_CONNECT
    to_answer: float = SECONDS_TO_ANSWER
    to_finish: float = SECONDS_TO_FINISH
    resolve: Resolver = resolved
    trust: Callable[[], ssl.SSLContext] = trusted


def reach_of(settings: Settings) -> Reach:
    """How far the settings let deliveries go. Raises InvalidSetting."""
    try:
        networks = networks_of(settings.webhook_private_networks)
    except ValueError as error:
        raise InvalidSetting(
            f"TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS must be networks with commas between: {error}"
        ) from error
    return Reach(networks=networks, is_http_allowed=settings.webhook_http)


async def require_reachable(url: str, reach: Reach) -> None:
    """Raises Invalid for a URL that no delivery will go to. A name that does not resolve now may do so later, and is
    looked at again then."""
    target = require_target(url, is_http_allowed=reach.is_http_allowed)
    try:
        async with asyncio.timeout(SECONDS_TO_RESOLVE):
            await checked_addresses(target.host, target.port, reach)
    except OutOfReach as error:
        raise Invalid(f"url: {error}") from error
    except OSError:  # a TimeoutError is one too
        log.info("host of a webhook not found", host=target.host)


async def checked_addresses(host: str, port: int, reach: Reach) -> list[str]:
    """All addresses of a host. Raises OutOfReach if news must not go to one of them, and OSError without any."""
    addresses = [host] if _is_address(host) else await reach.resolve(host, port)
    if not addresses:
        raise OSError(f"{host} has no address")
    if not all(is_reachable(address, reach.networks) for address in addresses):
        log.warning("webhook out of reach", host=host, addresses=addresses)
        raise OutOfReach(OUT_OF_REACH)
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


async def attempt(
    database: Database, settings: Settings, account_id: int, delivery_id: int, reach: Reach | None = None
) -> int | None:
    """Tries to send a delivery; the seconds until the next attempt, if there must be one.

    The delivery is leased in one transaction and settled in another, so that no connection of the database waits for
    the receiver. Killed in between, the lease runs out and another attempt follows: a receiver may get a delivery
    twice, and knows it by its id."""
    who = as_scheduler(account_id)
    async with database.begin(who) as tx:
        claimed = await actions.claim_delivery(tx, delivery_id)
    if claimed is None:
        return None
    secret = secret_of(secret_key(settings), account_id, claimed.nonce)
    if fingerprint(secret) == claimed.secret_sha256:
        outcome = await send(claimed, secret, reach or reach_of(settings))
    else:
        outcome = Outcome(error=OTHER_KEY)
    if outcome.error is not None:
        log.warning("webhook not taken", account_id=account_id, delivery_id=delivery_id, reason=outcome.error)
    async with database.begin(who) as tx:
        return await actions.settle(tx, claimed, outcome)


async def send(claimed: Claimed, secret: str, reach: Reach) -> Outcome:
    """One request to the receiver, and what came of it."""
    started = time.monotonic()
    try:
        target = require_target(claimed.url, is_http_allowed=reach.is_http_allowed)
        status, answer = await post(target, claimed, secret, reach)
    except (OutOfReach, Invalid) as error:
        return Outcome(error=f"Not sent: {error}", is_lasting=True, milliseconds=_since(started))
    except httpcore.ConnectTimeout:
        return Outcome(error=f"No connection within {reach.to_connect:g} seconds", milliseconds=_since(started))
    except (TimeoutError, httpcore.TimeoutException):
        return Outcome(error=f"No answer within {reach.to_answer:g} seconds", milliseconds=_since(started))
    except (OSError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        return Outcome(error=_said_by(error), milliseconds=_since(started))
    return answered(status, answer, _since(started))


async def post(target: Target, claimed: Claimed, secret: str, reach: Reach) -> tuple[int, bytes]:
    """Status and begin of the answer. Raises OutOfReach, OSError and httpcore's errors. Neither redirects nor proxies
    of the environment are followed."""
    body = claimed.body.encode()
    host = target.host.encode()
    url = httpcore.URL(scheme=target.scheme.encode(), host=host, port=target.port, target=target.path.encode())
    async with httpcore.AsyncHTTPConnection(
        url.origin,
        ssl_context=reach.trust() if target.scheme == "https" else None,
        network_backend=CheckedBackend(reach),
    ) as connection:
        request = httpcore.Request(
            "POST",
            url,
            headers=headers(target, claimed, secret, body, int(time.time())),
            content=body,
            extensions={"timeout": {"connect": reach.to_connect}},
        )
        async with asyncio.timeout(reach.to_answer):
            response = await connection.handle_async_request(request)
        return response.status, await begin_of(response, reach.to_finish)


def headers(target: Target, claimed: Claimed, secret: str, body: bytes, now: int) -> list[tuple[bytes, bytes]]:
    """The header of a delivery; `now` in seconds since 1970."""
    fields = {
        "Host": target.authority,
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        "User-Agent": f"Trustwright/{version('trustwright')}",
        "Trustwright-Event": claimed.kind,
        "Trustwright-Delivery": str(claimed.message_id),
        "Trustwright-Timestamp": str(now),
        "Trustwright-Signature": signature(secret, now, body),
    }
    return [(name.encode(), value.encode()) for name, value in fields.items()]


async def begin_of(response: httpcore.Response, seconds: float) -> bytes:
    """What an answer begins with. One that breaks off or never ends has said with its status what matters."""
    read = b""
    try:
        async with asyncio.timeout(seconds):
            async for part in response.aiter_stream():
                read += part
                if len(read) >= MOST_OF_ANSWER:
                    break
    except (TimeoutError, httpcore.NetworkError, httpcore.ProtocolError) as error:
        log.info("answer to a webhook broke off", reason=_said_by(error))
    finally:
        await response.aclose()
    return read[:MOST_OF_ANSWER]


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)


def _said_by(error: Exception) -> str:
    """An error as a line that the database can keep."""
    text = f"{type(error).__name__}: {error}".removesuffix(": ")
    return " ".join(text.encode("utf-8", "replace").decode().replace("\0", "").split())[:500]
