"""What is done with grants, links and visitors."""

from datetime import datetime
from uuid import UUID

from trustwright.access.model import Action, Grant, Person
from trustwright.db import Tx


async def live_grant(tx: Tx, workspace_id: int, email: str) -> Grant | None:
    """The grant that this person holds now, locked until the transaction ends."""
    raise NotImplementedError


async def held_before(tx: Tx, workspace_id: int, email: str) -> bool:
    """Whether this person ever held one."""
    raise NotImplementedError


async def get_grant(tx: Tx, grant_id: int) -> Grant:
    """Raises NotFound."""
    raise NotImplementedError


async def granted_documents(tx: Tx, grant_id: int) -> set[int]:
    """Ids of the documents that it opens, whether they are offered at the moment or not."""
    raise NotImplementedError


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
    under a new one that ends then."""
    raise NotImplementedError


async def extend(tx: Tx, grant: Grant, expires_at: datetime | None) -> Grant:
    """Moves the end of a live grant, for all that it opens."""
    raise NotImplementedError


async def revoke(tx: Tx, grant_id: int, request_id: UUID) -> bool:
    """Takes back what a grant opens for one request. When nothing is left the grant is revoked, and its links and
    sessions end at once; returns whether that is so."""
    raise NotImplementedError


async def new_link(tx: Tx, grant: Grant, public_url: str, *, rotate: bool) -> str:
    """The address of a new link; with `rotate` the older ones end. Raises TooManyRequests after ten in an hour."""
    raise NotImplementedError


async def ended_grants(tx: Tx) -> list[Grant]:
    """Grants whose end has passed and was not written down yet, each marked as expired now and locked."""
    raise NotImplementedError


async def ending_grants(tx: Tx, after: datetime, until: datetime) -> list[Grant]:
    """Live grants that end in that time."""
    raise NotImplementedError


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
    """Writes a line of the access log."""
    raise NotImplementedError
