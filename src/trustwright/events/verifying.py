"""Walks the chain of an account's events and says where it is broken."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from trustwright.db import Tx
from trustwright.events import chain, chain_store
from trustwright.events.chain import BrokenChain, Fault, Head, Kind, Link


async def intact_links(tx: Tx) -> AsyncGenerator[Link, None]:
    """Every link in its order, each hash computed anew. Raises BrokenChain at the first that does not fit, and at the
    end for an event that is not in the chain just once. `tx` must see one moment only."""
    before = Head()
    async with aclosing(chain_store.links(tx)) as links:
        async for link in links:
            if fault := chain.fault_of(before, link):
                raise BrokenChain(await _explained(tx, fault, before, link))
            yield link
            before = Head(link.position, link.hash)
    if stray := await chain_store.stray(tx):
        raise BrokenChain(chain.fault_of_stray(stray))


async def verify(tx: Tx, anchor: bytes | None = None) -> Head:
    """The head of a chain in which nothing was changed. `anchor`: the hash of a head of before, which must still be in
    it. Raises BrokenChain."""
    head, found = Head(), anchor in (None, chain.START)
    async with aclosing(intact_links(tx)) as links:
        async for link in links:
            head = Head(link.position, link.hash)
            found = found or link.hash == anchor
    if anchor is not None and not found:
        raise BrokenChain(chain.head_missing(anchor))
    return head


async def _explained(tx: Tx, fault: Fault, before: Head, link: Link) -> Fault:
    """The fault, or a better one where the event that belongs there stands elsewhere."""
    if fault.kind == Kind.CHANGED and (belongs := await chain_store.event_behind(tx, before.hash, link.hash)):
        return chain.reordered(before.position + 1, link.event_id, belongs)
    return fault
