"""What is done with trust centers: settings, documents, preapprovals."""

from trustwright.db import Tx
from trustwright.trust.model import Document, DocumentType, Preapproved, TrustCenter

# Deferred when a document that somebody may hold gets a new version; takes `document_id`.
TELL_HOLDERS = "access.tell_holders"


async def get_trust_center(tx: Tx, workspace_id: int) -> TrustCenter:
    """Raises Invalid: no such workspace in this account."""
    raise NotImplementedError


async def default_workspace(tx: Tx, workspace_id: int | None) -> int:
    """The workspace asked for, else the primary one. Raises Invalid for one that is not of this account."""
    raise NotImplementedError


async def requested_documents(
    tx: Tx, workspace_id: int, wanted: list[tuple[DocumentType, int]], *, listed_only: bool
) -> list[Document]:
    """The private documents of these types and ids, each once. Raises Invalid for an empty list, and for one that is
    unknown, public, or not offered now; with `listed_only` (visitors) for an unlisted one too, in the same words."""
    raise NotImplementedError


async def documents_by_id(tx: Tx, ids: set[int]) -> dict[int, Document]:
    """Those of the documents that were not deleted, in any workspace of the account."""
    raise NotImplementedError


async def preapproval(tx: Tx, workspace_id: int, email: str) -> Preapproved | None:
    """What lets a normalized address in without a reviewer: itself before its domain, which must match exactly."""
    raise NotImplementedError
