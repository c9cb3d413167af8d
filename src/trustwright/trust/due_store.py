"""SQL of the documents that end."""

from datetime import datetime

from msgspec import Struct

from trustwright.db import Tx
from trustwright.trust.model import DocumentType


class EndingDocument(Struct, frozen=True, kw_only=True):
    id: int
    type: DocumentType
    name: str
    expires_at: datetime


async def ending_documents(tx: Tx, workspace_id: int, until: datetime, limit: int) -> list[EndingDocument]:
    """The documents that end before then or have ended, those first that ended first."""
    return await tx.all(
        EndingDocument,
        """
        select id, type, name, expires_at from trust_documents
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            and expires_at is not null and expires_at <= %(until)s
        order by expires_at, id
        limit %(limit)s
        """,
        workspace_id=workspace_id,
        until=until,
        limit=limit,
    )
