"""The chain of an account's events: what links them, and what can be wrong with it (docs/events.md)."""

import hashlib
from enum import StrEnum
from uuid import UUID

from msgspec import Struct

from trustwright.errors import Problem

# What stands before the first link.
START = bytes(32)


class Link(Struct, frozen=True):
    """One link, and its event as text; None where the event is gone."""

    position: int
    event_id: UUID
    hash: bytes
    text: str | None


class Head(Struct, frozen=True):
    """The last link of a chain, which stands for all before it. At position 0 there is no event yet."""

    position: int = 0
    hash: bytes = START


class Stray(Struct, frozen=True):
    """An event that the chain holds never, or more than once."""

    event_id: UUID
    links: int


class Kind(StrEnum):
    """What is wrong with a chain."""

    CHANGED = "changed"
    REMOVED = "removed"
    REORDERED = "reordered"
    INSERTED = "inserted"
    HEAD_MISSING = "head missing"


class Fault(Struct, frozen=True):
    """The first place of a chain that is not as it was written; `position` is None for what has no place in it."""

    kind: Kind
    message: str
    position: int | None = None
    event_id: UUID | None = None


class BrokenChain(Problem):
    """The events of an account are not as they were recorded; `fault` says where."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        super().__init__(fault.message)


def hash_of(before: bytes, text: str) -> bytes:
    """The 32 bytes of the link of an event behind the link with the hash `before`."""
    return hashlib.sha256(before + text.encode()).digest()


def fault_of(before: Head, link: Link) -> Fault | None:
    """What is wrong with the link that is found behind another one."""
    place = before.position + 1
    if link.position != place:
        return Fault(Kind.REMOVED, f"The link of position {place} was removed", place)
    if link.text is None:
        message = f"The event of position {place}, {link.event_id}, was removed"
        return Fault(Kind.REMOVED, message, place, link.event_id)
    if hash_of(before.hash, link.text) != link.hash:
        message = f"At position {place} event {link.event_id} or its link was changed, or one before it removed"
        return Fault(Kind.CHANGED, message, place, link.event_id)
    return None


def reordered(place: int, found: UUID, belongs: UUID) -> Fault:
    """The fault of a position whose hash is that of another event than the one found there."""
    message = f"At position {place} event {found} stands where event {belongs} was recorded"
    return Fault(Kind.REORDERED, message, place, found)


def fault_of_stray(event: Stray) -> Fault:
    """The fault of an event that has not just one link."""
    how = (
        "has no link: it was inserted past the chain, or its link was removed"
        if event.links == 0
        else "is linked twice"
    )
    return Fault(Kind.INSERTED, f"Event {event.event_id} {how}", None, event.event_id)


def head_missing(anchor: bytes) -> Fault:
    """The fault of a chain in which a head that was written down does not occur."""
    message = (
        f"The head {anchor.hex()} is not in this chain: events at its end were removed, or the chain was written anew"
    )
    return Fault(Kind.HEAD_MISSING, message)
