"""What is done with grants and links, and the access log."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from trustwright.access import log_store, store
from trustwright.access.model import (
    HOUR,
    LINKS_AN_HOUR,
    Action,
    Given,
    Grant,
    LoggedVisit,
    Person,
    Visit,
    link_end,
    visitor_hash,
)
from trustwright.db import Tx
from trustwright.errors import NotFound, TooManyRequests
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.links import address, hash_token, new_token


async def live_grant(tx: Tx, workspace_id: int, email: str) -> Grant | None:
    """The grant that this person holds now, locked until the transaction ends."""
    return await store.live_grant(tx, workspace_id, email)


async def held_before(tx: Tx, workspace_id: int, email: str) -> bool:
    """Whether this person ever held one."""
    return await store.holds_or_held(tx, workspace_id, email)


async def get_grant(tx: Tx, grant_id: int) -> Grant:
    """Raises NotFound."""
    return _found(await store.get_grant(tx, grant_id), grant_id)


def _found(grant: Grant | None, grant_id: int) -> Grant:
    if grant is None:
        raise NotFound(f"No grant {grant_id}")
    return grant


async def granted_documents(tx: Tx, grant_id: int) -> set[int]:
    """Ids of the documents that it opens, whether they are offered at the moment or not."""
    return set(await documents_given(tx, grant_id))


async def documents_given(tx: Tx, grant_id: int) -> dict[int, Given]:
    """The same with the requests they were given for, by their ids."""
    return {given.document_id: given for given in await store.given_documents(tx, grant_id)}


async def give(
    tx: Tx,
    workspace_id: int,
    person: Person,
    document_ids: list[int],
    request_id: UUID,
    expires_at: datetime | None,
    *,
    asks_on_new_device: bool,
    moves_end: bool,
) -> Grant:
    """Opens documents for a person: under the live grant, whose end moves to `expires_at` only with `moves_end`, or
    under a new one that ends then. A live grant comes to ask new browsers for a code, and never ceases to."""
    held = await store.live_grant(tx, workspace_id, person.email)
    if held is None:
        if ended := await store.write_down_end(tx, workspace_id, person.email):
            await _record_end(tx, ended)
        made = await store.insert_grant(tx, workspace_id, person, asks_on_new_device, expires_at)
        # Where none was made, another request of the same person was granted first, and has just been committed.
        held = None if made else await store.live_grant(tx, workspace_id, person.email)
    else:
        made = None
    grant = made or _found(held, 0)
    before = await _shown(tx, grant) if held else None
    if held:
        end = expires_at if moves_end else held.expires_at
        grant = await store.update_grant(tx, held.id, held.asks_on_new_device or asks_on_new_device, end)
    await store.add_documents(tx, grant.id, document_ids, request_id)
    what = f"{person.email} was given access to {len(set(document_ids))} documents"
    await _record(tx, grant, what, before, await _shown(tx, grant))
    return grant


async def extend(tx: Tx, grant: Grant, expires_at: datetime | None) -> Grant:
    """Moves the end of a live grant, for all that it opens. Raises NotFound for one that is over."""
    current = _found(await store.get_grant(tx, grant.id, lock=True), grant.id)
    if not current.is_live(tx.now):
        raise NotFound(f"Grant {grant.id} is over")
    before = await _shown(tx, current)
    extended = await store.update_grant(tx, current.id, current.asks_on_new_device, expires_at)
    await _record(tx, extended, f"The access of {grant.email} got a new end", before, await _shown(tx, extended))
    return extended


async def revoke(tx: Tx, grant_id: int, request_id: UUID) -> bool:
    """Takes back what a grant opens for one request. When nothing is left the grant is revoked, and its links and
    sessions end at once; returns whether that is so."""
    grant = _found(await store.get_grant(tx, grant_id, lock=True), grant_id)
    before = await _shown(tx, grant)
    taken = await store.take_documents(tx, grant_id, request_id)
    left = await store.given_documents(tx, grant_id)
    if not left:
        await store.revoke_grant(tx, grant_id)
        await store.revoke_links(tx, grant_id)
        await store.delete_sessions(tx, grant_id)
    if taken or not (left or grant.revoked_at):
        after = await _shown(tx, _found(await store.get_grant(tx, grant_id), grant_id))
        await _record(tx, grant, f"Access of {grant.email} was taken back", before, after)
    return not left


async def new_link(tx: Tx, grant: Grant, public_url: str, *, rotate: bool) -> str:
    """The address of a new link; with `rotate` the older ones end. Raises TooManyRequests after ten in an hour."""
    # Two at once must not both be the tenth.
    await store.get_grant(tx, grant.id, lock=True)
    if wait := await _seconds_until_link(tx, grant):
        raise TooManyRequests(retry_after=wait)
    if rotate:
        await store.revoke_links(tx, grant.id)
    token, end = new_token(), link_end(grant, tx.now)
    link = address(public_url, f"/access/{token}")
    await store.insert_link(tx, grant.id, hash_token(token), end)
    what = f"A link for {grant.email} was made" + (", and the older ones ended" if rotate else "")
    await _record(tx, grant, what, None, {"linkExpiresAt": end.isoformat(), "olderLinksEnded": rotate})
    return link


async def new_link_if_allowed(tx: Tx, grant: Grant, public_url: str) -> str | None:
    """A link beside the older ones; None where that would be one too many in this hour."""
    return None if await _seconds_until_link(tx, grant) else await new_link(tx, grant, public_url, rotate=False)


async def _seconds_until_link(tx: Tx, grant: Grant) -> int:
    """How long until another link may be made; 0 when one may be now."""
    times = await store.link_times(tx, grant.id, tx.now - HOUR)
    if len(times) < LINKS_AN_HOUR:
        return 0
    return max(1, round((times[LINKS_AN_HOUR - 1] + HOUR - tx.now).total_seconds()))


async def ended_grants(tx: Tx) -> list[Grant]:
    """Grants whose end has passed and was not told of yet, each marked as expired now and locked. One of them may
    have been followed by another grant of the same person."""
    ended = await store.write_down_ends(tx)
    for grant in ended:
        # One that another grant followed has its event already.
        if grant.expired_at == tx.now:
            await _record_end(tx, grant)
    return ended


async def ending_grants(tx: Tx, after: datetime, until: datetime) -> list[Grant]:
    """Live grants that end in that time: later than `after`, and not later than `until`."""
    return await store.ending_grants(tx, after, until)


async def holders(tx: Tx, document_id: int) -> list[Grant]:
    """Live grants that open a document."""
    return await store.holders(tx, document_id)


async def some_holders(tx: Tx, document_id: int, most: int) -> list[str]:
    """The addresses of some of those who can open a document now."""
    return await log_store.some_holders(tx, document_id, most)


async def last_visits(tx: Tx, grant_id: int, most: int) -> list[LoggedVisit]:
    """What was opened, viewed and downloaded under a grant, the last first."""
    return await log_store.last_visits(tx, grant_id, most)


async def note(
    tx: Tx,
    workspace_id: int,
    action: Action,
    *,
    ip: str,
    user_agent: str,
    email: str | None = None,
    document_id: int | None = None,
    version: int | None = None,
    grant_id: int | None = None,
    request_id: UUID | None = None,
) -> None:
    """Writes a line of the access log. Where somebody with a grant comes from is kept; of others only a hash that
    changes each day."""
    day = tx.now.astimezone(UTC).date().isoformat()
    visit = Visit(
        workspace_id=workspace_id,
        action=action.value,
        document_id=document_id,
        version=version,
        grant_id=grant_id,
        request_id=request_id,
        email=email,
        visitor=visitor_hash(tx.account_id, day, ip, user_agent),
        ip=ip if grant_id is not None else None,
        user_agent=user_agent if grant_id is not None else None,
    )
    await store.insert_visit(tx, visit)


async def clean_up(tx: Tx) -> int:
    """Removes the sessions that are over; how many."""
    return await store.delete_old_sessions(tx)


async def _shown(tx: Tx, grant: Grant) -> dict[str, Any]:
    """A grant as events keep it."""
    return {
        "expiresAt": _iso(grant.expires_at),
        "revokedAt": _iso(grant.revoked_at),
        "asksOnNewDevice": grant.asks_on_new_device,
        "documentIds": sorted(await granted_documents(tx, grant.id)),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


async def _record_end(tx: Tx, grant: Grant) -> None:
    ended = {"expiredAt": _iso(grant.expired_at), "expiresAt": _iso(grant.expires_at)}
    await _record(tx, grant, f"The access of {grant.email} expired", ended | {"expiredAt": None}, ended)


async def _record(tx: Tx, grant: Grant, what: str, before: object, after: object) -> None:
    await record(
        tx,
        EventType.REQUEST_STATUS_CHANGED,
        what,
        target={"kind": "grant", "id": grant.id, "email": grant.email},
        before=before,
        after=after,
        workspace_id=grant.workspace_id,
    )
