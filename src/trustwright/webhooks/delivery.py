"""Sends a delivery to its receiver, who may be anybody, anywhere, and as slow or as false as can be."""

import asyncio
import time
from importlib.metadata import version

import httpcore
import structlog

from trustwright.db import Database
from trustwright.errors import Invalid
from trustwright.http.reach import CheckedBackend, OutOfReach, Reach, checked_addresses
from trustwright.http.secret import secret_key
from trustwright.jobs import as_scheduler
from trustwright.settings import InvalidSetting, Settings
from trustwright.webhooks import actions
from trustwright.webhooks.addresses import Target, networks_of, require_target
from trustwright.webhooks.model import Claimed, Outcome, answered
from trustwright.webhooks.signing import fingerprint, secret_of, signature

log = structlog.get_logger()

SECONDS_TO_RESOLVE = 2.0
MOST_OF_ANSWER = 4096

SETTING = "TRUSTWRIGHT_WEBHOOK_PRIVATE_NETWORKS"

OTHER_KEY = (
    "The secret key of the server is another one than when the secret was made; give it back, or renew the secret"
)


def reach_of(settings: Settings) -> Reach:
    """How far the settings let deliveries go. Raises InvalidSetting."""
    try:
        networks = networks_of(settings.webhook_private_networks)
    except ValueError as error:
        raise InvalidSetting(f"{SETTING} must be networks with commas between: {error}") from error
    return Reach(setting=SETTING, networks=networks, is_http_allowed=settings.webhook_http)


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
