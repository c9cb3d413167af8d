"""SQL of the documents of a trust center and of who is preapproved, as people read them."""

from trustwright.db import Slice, Tx
from trustwright.trust.model import Document, DocumentType, DocumentVersion, Preapproved, PreapprovedKind, Visibility
from trustwright.trust.store import DOCUMENT, PREAPPROVED


async def page(
    tx: Tx, part: Slice, workspace_id: int, type_: DocumentType | None, visibility: Visibility | None, q: str
) -> list[Document]:
    """A page of the documents of a workspace, of a type and a visibility or of all, whose names contain `q`."""
    return await tx.page(
        Document,
        f"""
        select {DOCUMENT} from trust_documents
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            and (%(type)s::text is null or type = %(type)s)
            and (%(visibility)s::text is null or visibility = %(visibility)s)
            and position(lower(%(q)s) in lower(name)) > 0
        """,
        part,
        workspace_id=workspace_id,
        type=type_.value if type_ else None,
        visibility=visibility.value if visibility else None,
        q=q,
    )


async def versions(tx: Tx, document_id: int) -> list[DocumentVersion]:
    """The files that a document has had, the newest first."""
    return await tx.all(
        DocumentVersion,
        """
        select v.version, v.file_id, f.name as file_name, f.size, v.user_id, v.created_at
        from trust_document_versions v
        join files f on f.account_id = v.account_id and f.id = v.file_id
        where v.account_id = %(account_id)s and v.document_id = %(document_id)s
        order by v.version desc
        """,
        document_id=document_id,
    )


async def file_of_version(tx: Tx, document_id: int, version: int) -> int | None:
    """The file of one version of a document."""
    found: int | None = await tx.value(
        """
        select file_id from trust_document_versions
        where account_id = %(account_id)s and document_id = %(document_id)s and version = %(version)s
        """,
        document_id=document_id,
        version=version,
    )
    return found


async def preapproved(
    tx: Tx, part: Slice, workspace_id: int, kind: PreapprovedKind | None, q: str
) -> list[Preapproved]:
    """A page of who is preapproved now, domains and addresses or one of them, whose name contains `q`."""
    return await tx.page(
        Preapproved,
        f"""
        select {PREAPPROVED} from preapproved
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            and (%(wanted)s::text is null or kind = %(wanted)s) and position(lower(%(q)s) in lower(name)) > 0
        """,
        part,
        workspace_id=workspace_id,
        wanted=kind.value if kind else None,
        q=q,
    )
