"""SQL of trust centers, their documents, and who is preapproved."""

from psycopg.errors import UniqueViolation
from psycopg.types.json import Jsonb

from trustwright.db import Database, Tx
from trustwright.trust.changes import NewDocument
from trustwright.trust.model import (
    Document,
    DocumentType,
    Host,
    Listed,
    Place,
    Preapproved,
    PreapprovedKind,
    TrustCenter,
    Visibility,
)

TRUST_CENTER = ", ".join(TrustCenter.__struct_fields__)
DOCUMENT = ", ".join(Document.__struct_fields__)
PREAPPROVED = ", ".join(Preapproved.__struct_fields__)

# What an update sets; the rest is who the row is.
SETTINGS = ", ".join(
    name for name in TrustCenter.__struct_fields__ if name not in ("workspace_id", "created_at", "updated_at")
)


async def place_of_slug(database: Database, slug: str) -> Place | None:
    """Where the published trust center of a slug is, in whatever account."""
    return await database.lookup(
        Place, "select account_id, workspace_id from trust_center_of_slug(%(slug)s)", slug=slug
    )


async def host_of_domain(database: Database, domain: str) -> Host | None:
    """The published trust center of a host, in whatever account."""
    return await database.lookup(
        Host, "select account_id, workspace_id, slug from trust_center_of_domain(%(domain)s)", domain=domain
    )


async def indexed(database: Database) -> list[Listed]:
    """The published pages of all accounts that search engines may list."""
    return await database.lookup_all(Listed, "select slug, updated_at from indexed_trust_centers()")


async def workspace_or_primary(tx: Tx, workspace_id: int | None) -> int | None:
    """The id of a workspace of the account if it is one, of the primary one for None."""
    found: int | None = await tx.value(
        """
        select id from workspaces
        where account_id = %(account_id)s
            and case when %(workspace_id)s::bigint is null then is_primary else id = %(workspace_id)s::bigint end
        """,
        workspace_id=workspace_id,
    )
    return found


async def get_trust_center(tx: Tx, workspace_id: int) -> TrustCenter | None:
    """The trust center of a workspace."""
    return await tx.one(
        TrustCenter,
        f"""
        select {TRUST_CENTER} from trust_centers
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        """,
        workspace_id=workspace_id,
    )


async def get_trust_center_for_update(tx: Tx, workspace_id: int) -> TrustCenter | None:
    """The trust center of a workspace, of which nobody else changes anything until the transaction ends."""
    return await tx.one(
        TrustCenter,
        f"""
        select {TRUST_CENTER} from trust_centers
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        for no key update
        """,
        workspace_id=workspace_id,
    )


async def update_trust_center(tx: Tx, trust_center: TrustCenter) -> TrustCenter | None:
    """Sets all settings of a trust center; None, and the transaction can only end, when its slug or its
    domain is taken."""
    try:
        return await tx.only(
            TrustCenter,
            f"""
            update trust_centers
            set ({SETTINGS}) = (select {SETTINGS} from jsonb_populate_record(null::trust_centers, %(values)s)),
                updated_at = %(now)s
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
            returning {TRUST_CENTER}
            """,
            workspace_id=trust_center.workspace_id,
            values=Jsonb(trust_center),
            now=tx.now,
        )
    except UniqueViolation:
        return None


async def insert_document(
    tx: Tx, workspace_id: int, new: NewDocument, visibility: Visibility, file_id: int, stamp_fault: str | None
) -> Document:
    """Adds a document at its first version."""
    return await tx.only(
        Document,
        f"""
        insert into trust_documents (account_id, workspace_id, type, name, visibility, mode, is_published, needs_review,
            file_id, stamp_fault, expires_at, created_at, updated_at)
        values (%(account_id)s, %(workspace_id)s, %(type)s, %(name)s, %(visibility)s, %(mode)s, %(is_published)s,
            %(needs_review)s, %(file_id)s, %(stamp_fault)s, %(expires_at)s, %(now)s, %(now)s)
        returning {DOCUMENT}
        """,
        workspace_id=workspace_id,
        type=new.type.value,
        name=new.name,
        visibility=visibility.value,
        mode=new.mode.value,
        is_published=new.is_published,
        needs_review=new.needs_review,
        file_id=file_id,
        stamp_fault=stamp_fault,
        expires_at=new.expires_at,
        now=tx.now,
    )


async def insert_version(tx: Tx, document: Document) -> None:
    """Writes down the version that a document has now, and who brought it."""
    await tx.run(
        """
        insert into trust_document_versions (account_id, document_id, version, file_id, user_id, created_at)
        values (%(account_id)s, %(document_id)s, %(version)s, %(file_id)s, %(user_id)s, %(now)s)
        """,
        document_id=document.id,
        version=document.version,
        file_id=document.file_id,
        user_id=tx.who.user_id,
        now=tx.now,
    )


async def get_document_for_update(tx: Tx, type_: DocumentType, document_id: int) -> Document | None:
    """A document that nobody else changes until the transaction ends."""
    return await tx.one(
        Document,
        f"""
        select {DOCUMENT} from trust_documents
        where account_id = %(account_id)s and id = %(document_id)s and type = %(type)s and deleted_at is null
        for no key update
        """,
        document_id=document_id,
        type=type_.value,
    )


async def documents_by_id(tx: Tx, ids: list[int]) -> list[Document]:
    """Those of the ids that are documents and were not deleted."""
    return await tx.all(
        Document,
        f"""
        select {DOCUMENT} from trust_documents
        where account_id = %(account_id)s and id = any (%(ids)s::bigint[]) and deleted_at is null
        """,
        ids=ids,
    )


async def documents_of_workspace(tx: Tx, workspace_id: int) -> list[Document]:
    """All documents of a workspace, by type and age."""
    return await tx.all(
        Document,
        f"""
        select {DOCUMENT} from trust_documents
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
        order by type, id
        """,
        workspace_id=workspace_id,
    )


async def private_documents(tx: Tx, workspace_id: int | None, q: str) -> list[Document]:
    """The documents that are not public, of one workspace or of all, whose names contain a text in any case."""
    return await tx.all(
        Document,
        f"""
        select {DOCUMENT} from trust_documents
        where account_id = %(account_id)s and deleted_at is null and visibility <> 'PUBLIC'
            and (%(workspace_id)s::bigint is null or workspace_id = %(workspace_id)s::bigint)
            and position(lower(%(q)s) in lower(name)) > 0
        order by id
        """,
        workspace_id=workspace_id,
        q=q,
    )


async def update_document(tx: Tx, document: Document) -> Document:
    """Sets all that can change of a document."""
    return await tx.only(
        Document,
        f"""
        update trust_documents
        set name = %(name)s, visibility = %(visibility)s, mode = %(mode)s, is_published = %(is_published)s,
            needs_review = %(needs_review)s, version = %(version)s, file_id = %(file_id)s,
            stamp_fault = %(stamp_fault)s, expires_at = %(expires_at)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(document_id)s
        returning {DOCUMENT}
        """,
        document_id=document.id,
        name=document.name,
        visibility=document.visibility.value,
        mode=document.mode.value,
        is_published=document.is_published,
        needs_review=document.needs_review,
        version=document.version,
        file_id=document.file_id,
        stamp_fault=document.stamp_fault,
        expires_at=document.expires_at,
        now=tx.now,
    )


async def delete_document(tx: Tx, document_id: int) -> None:
    """Marks a document as deleted; its versions stay."""
    await tx.run(
        """
        update trust_documents set deleted_at = %(now)s, updated_at = %(now)s
        where account_id = %(account_id)s and id = %(document_id)s
        """,
        document_id=document_id,
        now=tx.now,
    )


async def active_preapproved(tx: Tx, workspace_id: int) -> list[Preapproved]:
    """The domains and addresses of a workspace that are preapproved now, the oldest first."""
    return await tx.all(
        Preapproved,
        f"""
        select {PREAPPROVED} from preapproved
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
        order by id
        """,
        workspace_id=workspace_id,
    )


async def preapproval(tx: Tx, workspace_id: int, email: str, domain: str) -> Preapproved | None:
    """The entry that lets an address in: its own before that of its domain."""
    return await tx.one(
        Preapproved,
        f"""
        select {PREAPPROVED} from preapproved
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and deleted_at is null
            and ((kind = 'ADDRESS' and name = %(email)s) or (kind = 'DOMAIN' and name = %(domain)s))
        order by kind
        limit 1
        """,
        workspace_id=workspace_id,
        email=email,
        domain=domain,
    )


async def insert_preapproved(tx: Tx, workspace_id: int, kind: PreapprovedKind, name: str) -> Preapproved:
    """Adds a domain or an address."""
    return await tx.only(
        Preapproved,
        f"""
        insert into preapproved (account_id, workspace_id, kind, name, created_at)
        values (%(account_id)s, %(workspace_id)s, %(added_kind)s, %(name)s, %(now)s)
        returning {PREAPPROVED}
        """,
        workspace_id=workspace_id,
        added_kind=kind.value,
        name=name,
        now=tx.now,
    )


async def delete_preapproved(tx: Tx, preapproved_id: int) -> None:
    """Ends an entry; it stays, with its day."""
    await tx.run(
        "update preapproved set deleted_at = %(now)s where account_id = %(account_id)s and id = %(preapproved_id)s",
        preapproved_id=preapproved_id,
        now=tx.now,
    )
