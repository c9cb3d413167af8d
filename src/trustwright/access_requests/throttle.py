"""How often the public form takes a request from one network address, and for one mailbox."""

import time

from trustwright.db import Database, Who
from trustwright.errors import NotFound, TooManyRequests
from trustwright.events.actions import record
from trustwright.events.model import EventType, Source
from trustwright.http.limiter import AddressLimiter, Limiter
from trustwright.trust.actions import published_place
from trustwright.trust.model import Place

SUBMIT = "POST /trust/{slug}/requests"

requests_of_address = AddressLimiter(10)
requests_of_email = Limiter(5)
denials_of_address = AddressLimiter(1)


async def admit_address(database: Database, slug: str, ip: str) -> None:
    """Raises TooManyRequests."""
    try:
        requests_of_address.admit(ip, time.time())
    except TooManyRequests:
        place = await published_place(database, slug)
        if place is not None:
            await _record_denial(database, place, ip)
        raise


async def admit_email(database: Database, place: Place, ip: str, email: str) -> None:
    """`email` is normalized. Raises TooManyRequests."""
    try:
        requests_of_email.admit(f"{place.account_id}/{place.workspace_id}/{email}", time.time())
    except TooManyRequests:
        await _record_denial(database, place, ip)
        raise


async def _record_denial(database: Database, place: Place, ip: str) -> None:
    """Once a minute and address: a flood must not flood the events too."""
    if not _is_first_denial(ip):
        return
    async with database.begin(who_asks(place)) as tx:
        await record(
            tx,
            EventType.TRUST_CENTER_INGRESS_DENIED,
            f"Too many requests for access from {ip}",
            target={"kind": "visitor", "id": ip},
            after={"reason": "too many requests"},
            workspace_id=place.workspace_id,
        )


def _is_first_denial(ip: str) -> bool:
    try:
        denials_of_address.admit(ip, time.time())
    except TooManyRequests:
        return False
    return True


async def place_of(database: Database, slug: str) -> Place:
    """The published trust center of a slug. Raises NotFound."""
    place = await published_place(database, slug)
    if place is None:
        raise nothing()
    return place


def who_asks(place: Place) -> Who:
    """A visitor, who has no name here."""
    return Who(account_id=place.account_id, source=Source.APP, request=SUBMIT)


def nothing() -> NotFound:
    return NotFound("There is no such page")
