"""What is done with agreements."""

from uuid import UUID

from trustwright.agreements.model import Acceptance, Envelope, Nda, Signer
from trustwright.db import Tx
from trustwright.files.model import KeptFile
from trustwright.settings import Settings


async def current_nda(tx: Tx, workspace_id: int) -> Nda | None:
    """The agreement in force; None when the workspace has none."""
    raise NotImplementedError


async def store_nda(tx: Tx, workspace_id: int, kept: KeptFile) -> Nda:
    """Puts a new version in force, in place of the last, and records NDA_UPLOADED. What was accepted before stays on
    record, and asks everyone anew. Raises Invalid for a file that is no PDF, or one that cannot be sealed."""
    raise NotImplementedError


async def remove_nda(tx: Tx, workspace_id: int) -> bool:
    """Takes the agreement out of force and records NDA_DELETED; False when there is none. The caller has looked
    whether it may be missed."""
    raise NotImplementedError


async def accept_by_click(tx: Tx, nda: Nda, signer: Signer, ip: str | None, user_agent: str | None) -> Acceptance:
    """Keeps for good that somebody ticked the box."""
    raise NotImplementedError


async def standing_signature(tx: Tx, workspace_id: int, email: str) -> Acceptance | None:
    """The last signature of this person under the agreement in force, unless it was superseded."""
    raise NotImplementedError


async def ask_for_signature(tx: Tx, nda: Nda, signer: Signer, window_days: int, settings: Settings) -> Envelope:
    """Makes an envelope. On our own page it is SENT at once, with mail E3; with another provider it is PREPARED and a
    job hands it over, which then reports by `access_requests.actions.signature_sent` or `signature_failed`."""
    raise NotImplementedError


async def send_again(tx: Tx, envelope_id: UUID, settings: Settings) -> None:
    """Mails the signing link of an envelope that is SENT once more (a new token; the old link ends)."""
    raise NotImplementedError


async def void(tx: Tx, envelope_id: UUID, reason: str) -> None:
    """Takes back an envelope that is not settled yet; no error for one that is."""
    raise NotImplementedError


async def get_envelope(tx: Tx, envelope_id: UUID) -> Envelope:
    """Raises NotFound."""
    raise NotImplementedError


async def signed_file(tx: Tx, envelope_id: UUID) -> int | None:
    """The file id of the sealed copy, else that of the agreement that waits for the signature."""
    raise NotImplementedError


async def supersede(tx: Tx, workspace_id: int, email: str, reason: str) -> None:
    """Ends the standing of a person's acceptances, as when access is revoked; they stay on record."""
    raise NotImplementedError
