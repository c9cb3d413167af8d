"""What is done with requests for access."""

from uuid import UUID

from trustwright.access.model import Grant
from trustwright.access_requests.model import AccessRequest, Approval, NewRequest
from trustwright.db import Tx
from trustwright.settings import Settings


async def submit(
    tx: Tx,
    workspace_id: int,
    new: NewRequest,
    settings: Settings,
    *,
    is_public: bool,
    ip: str | None = None,
    user_agent: str | None = None,
) -> AccessRequest:
    """Takes a request in, merged into the one of the same person that waits already, and approves it by itself where
    a rule says so. Raises Invalid."""
    raise NotImplementedError


async def get_request(tx: Tx, request_id: UUID, *, lock: bool = False) -> AccessRequest:
    """Raises NotFound."""
    raise NotImplementedError


async def approve(tx: Tx, request_id: UUID, approval: Approval, settings: Settings) -> AccessRequest:
    """Raises NotFound, Invalid (the table of states)."""
    raise NotImplementedError


async def deny(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Raises NotFound, Invalid (the table of states)."""
    raise NotImplementedError


async def revoke(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Raises NotFound, Invalid (the table of states)."""
    raise NotImplementedError


async def resend(tx: Tx, request_id: UUID, settings: Settings) -> AccessRequest:
    """Mails a fresh link: to the documents, or to the agreement that waits to be signed. Raises NotFound, Invalid,
    TooManyRequests."""
    raise NotImplementedError


async def signature_sent(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """Another provider took the envelope over."""
    raise NotImplementedError


async def signature_failed(tx: Tx, tracking_id: UUID, reason: str, settings: Settings) -> None:
    """No provider took it, after all attempts: PROCESS_ERROR."""
    raise NotImplementedError


async def signature_completed(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """NDA_SIGNED, then the documents: FILES_SENT."""
    raise NotImplementedError


async def signature_declined(tx: Tx, tracking_id: UUID, reason: str, settings: Settings) -> None:
    """The signer declined, or the provider voided the envelope: DENIED."""
    raise NotImplementedError


async def signature_expired(tx: Tx, tracking_id: UUID, settings: Settings) -> None:
    """The signing window closed: NDA_EXPIRED."""
    raise NotImplementedError


async def ask_for_more_time(tx: Tx, grant: Grant, settings: Settings) -> AccessRequest:
    """A renewal: a PENDING request for what the grant opens; a second one changes nothing."""
    raise NotImplementedError
