"""What is done with trust centers: settings, documents, preapprovals."""

from msgspec import structs

from trustwright.agreements.actions import current_nda, remove_nda
from trustwright.db import Database, Tx
from trustwright.errors import Invalid, NotFound
from trustwright.events.actions import record
from trustwright.events.model import EventType
from trustwright.files.actions import add_file
from trustwright.files.model import KeptFile
from trustwright.trust import store
from trustwright.trust.addresses import domain_name, domain_of, normalized
from trustwright.trust.changes import (
    DocumentChange,
    NewDocument,
    SettingsChange,
    changed_document,
    changed_settings,
    differences,
    document_name,
    may_be_private,
    require_stampable,
    told,
)
from trustwright.trust.model import (
    Document,
    DocumentType,
    Emblem,
    Host,
    Listed,
    Place,
    Preapproved,
    PreapprovedKind,
    TrustCenter,
    Visibility,
)

# Deferred when a document that somebody may hold gets a new version; takes `document_id`.
TELL_HOLDERS = "access.tell_holders"

MOST_PREAPPROVED = 1000
MOST_NAMED = 5
UPLOAD_NDA = "upload an NDA first (POST /trust-center/nda), or set flowType to NO_NDA_REQUIRED"

EMBLEMS = {
    Emblem.FAVICON: "favicon_file_id",
    Emblem.LOGO: "logo_file_id",
    Emblem.DARK_LOGO: "dark_logo_file_id",
}
EVENTS = {
    (PreapprovedKind.DOMAIN, True): EventType.PRE_APPROVED_DOMAIN_ADDED,
    (PreapprovedKind.DOMAIN, False): EventType.PRE_APPROVED_DOMAIN_REMOVED,
    (PreapprovedKind.ADDRESS, True): EventType.PRE_APPROVED_EMAIL_ADDED,
    (PreapprovedKind.ADDRESS, False): EventType.PRE_APPROVED_EMAIL_REMOVED,
}


async def published_place(database: Database, slug: str) -> Place | None:
    """Where the published trust center of a slug is, in whatever account: visitors come without one, hence without a
    transaction."""
    return await store.place_of_slug(database, slug)


async def host_of_domain(database: Database, domain: str) -> Host | None:
    """The published trust center of a host, in whatever account."""
    return await store.host_of_domain(database, domain)


async def indexed(database: Database) -> list[Listed]:
    """The published pages of all accounts that search engines may list."""
    return await store.indexed(database)


async def get_trust_center(tx: Tx, workspace_id: int, *, lock: bool = False) -> TrustCenter:
    """With `lock` nobody else changes the trust center or its documents until the transaction ends. Raises Invalid: no
    such workspace in this account."""
    found = await (store.get_trust_center_for_update if lock else store.get_trust_center)(tx, workspace_id)
    if found is None:
        raise _no_workspace(workspace_id)
    return found


async def default_workspace(tx: Tx, workspace_id: int | None) -> int:
    """The workspace asked for, else the primary one. Raises Invalid for one that is not of this account."""
    found = await store.workspace_or_primary(tx, workspace_id)
    if found is None:
        raise _no_workspace(workspace_id)
    return found


def _no_workspace(workspace_id: int | None) -> Invalid:
    return Invalid(f"workspaceId: no workspace {workspace_id} in this account")


async def update_settings(tx: Tx, workspace_id: int, change: SettingsChange) -> TrustCenter:
    """Sets what is given. Raises Invalid."""
    before = await get_trust_center(tx, workspace_id, lock=True)
    return await _save_settings(tx, before, changed_settings(before, change, tx.now))


async def store_emblem(tx: Tx, workspace_id: int, emblem: Emblem, kept: KeptFile) -> TrustCenter:
    """Puts a picture in the place of the last."""
    before = await get_trust_center(tx, workspace_id, lock=True)
    file = await add_file(tx, kept)
    return await _save_settings(tx, before, structs.replace(before, **{EMBLEMS[emblem]: file.id}))


async def _save_settings(tx: Tx, before: TrustCenter, changed: TrustCenter) -> TrustCenter:
    if changed == before:
        return before
    after = await store.update_trust_center(tx, changed)
    if after is None:
        if changed.domain != before.domain and changed.slug == before.slug:
            raise Invalid(f"domain: {changed.domain} belongs to another trust center")
        raise Invalid(f"slug: {changed.slug} is taken; choose another one")
    was, is_ = differences(before, changed)
    await record(
        tx,
        EventType.TRUST_PAGES_SAVED,
        f"Settings of the trust center changed: {', '.join(is_)}",
        target={"kind": "trust center", "id": before.workspace_id},
        before=was,
        after=is_,
        workspace_id=before.workspace_id,
    )
    return after


async def store_document(
    tx: Tx, workspace_id: int, new: NewDocument, kept: KeptFile, stamp_fault: str | None
) -> Document:
    """Adds a document. `stamp_fault` is what `access.stamping.unstampable` says of the file, None for one that is no
    PDF. Without a visibility it is private where it may be, else public. Raises Invalid."""
    trust_center = await get_trust_center(tx, workspace_id, lock=True)
    new = structs.replace(new, name=document_name(new.name))
    may_lock = await _may_lock(tx, trust_center)
    visibility = new.visibility or (Visibility.ON_REQUEST if may_lock else Visibility.PUBLIC)
    if visibility is not Visibility.PUBLIC and not may_lock:
        raise Invalid(f"isPublic: a private document needs an NDA in force; {UPLOAD_NDA}")
    file = await add_file(tx, kept)
    document = await store.insert_document(tx, workspace_id, new, visibility, file.id, stamp_fault)
    require_stampable(document)
    await store.insert_version(tx, document)
    await _record_document(tx, document, "added", None, told(document))
    return document


async def _may_lock(tx: Tx, trust_center: TrustCenter) -> bool:
    flow, workspace_id = trust_center.flow_type, trust_center.workspace_id
    return may_be_private(flow, has_nda=await current_nda(tx, workspace_id) is not None)


async def add_version(
    tx: Tx, type_: DocumentType, document_id: int, kept: KeptFile, stamp_fault: str | None
) -> Document:
    """Puts a file in the place of the last, which stays on record, and tells who holds the document. `stamp_fault` as
    in `store_document`. Raises NotFound, Invalid."""
    before = await _document(tx, type_, document_id)
    file = await add_file(tx, kept)
    changed = structs.replace(before, version=before.version + 1, file_id=file.id, stamp_fault=stamp_fault)
    require_stampable(changed)
    after = await store.update_document(tx, changed)
    await store.insert_version(tx, after)
    await _record_document(tx, after, f"got version {after.version}", *differences(before, changed))
    await tx.defer(TELL_HOLDERS, document_id=after.id)
    return after


async def change_document(tx: Tx, type_: DocumentType, document_id: int, change: DocumentChange) -> Document:
    """Sets what is given. Raises NotFound, Invalid."""
    before = await _document(tx, type_, document_id)
    after = changed_document(before, change)
    if after == before:
        return before
    if before.visibility is Visibility.PUBLIC and after.visibility is not Visibility.PUBLIC:
        await _require_lockable(tx, after)
    require_stampable(after)
    saved = await store.update_document(tx, after)
    await _record_document(tx, saved, "changed", *differences(before, after))
    return saved


async def _require_lockable(tx: Tx, document: Document) -> None:
    if not await _may_lock(tx, await get_trust_center(tx, document.workspace_id)):
        raise Invalid(f"isPublic: a private document needs an NDA in force; {UPLOAD_NDA}")


async def delete_document(tx: Tx, type_: DocumentType, document_id: int) -> None:
    """Takes a document away, from the page and from who holds it. Raises NotFound."""
    document = await _document(tx, type_, document_id)
    await store.delete_document(tx, document_id)
    await _record_document(tx, document, "deleted", told(document), None)


async def _document(tx: Tx, type_: DocumentType, document_id: int) -> Document:
    """The document to change. Its trust center is locked before it, in the order of all who lock both."""
    seen = (await documents_by_id(tx, {document_id})).get(document_id)
    if seen:
        await get_trust_center(tx, seen.workspace_id, lock=True)
    document = await store.get_document_for_update(tx, type_, document_id)
    if document is None:
        raise NotFound(f"No document {document_id} of type {type_} in this account")
    return document


async def _record_document(tx: Tx, document: Document, what: str, before: object, after: object) -> None:
    await record(
        tx,
        EventType.TRUST_CONTENT_SAVED,
        f"Document {document.name} {what}",
        target={"kind": "trust document", "id": document.id, "type": document.type, "name": document.name},
        before=before,
        after=after,
        workspace_id=document.workspace_id,
    )


async def requested_documents(
    tx: Tx, workspace_id: int, wanted: list[tuple[DocumentType, int]], *, listed_only: bool
) -> list[Document]:
    """The private documents of these types and ids, each once. Raises Invalid for an empty list, and for one that is
    unknown, public, or not offered now; with `listed_only` (visitors) for an unlisted one too, in the same words."""
    if not wanted:
        raise Invalid("documents: name at least one private document")
    asked_for = {Visibility.ON_REQUEST} if listed_only else {Visibility.ON_REQUEST, Visibility.UNLISTED}
    found = await documents_by_id(tx, {id_ for _, id_ in wanted})
    for type_, id_ in wanted:
        document = found.get(id_)
        if (
            document is None
            or (document.workspace_id, document.type) != (workspace_id, type_)
            or document.visibility not in asked_for
            or not document.is_offered(tx.now)
        ):
            raise Invalid(f"documents: no private document {id_} of type {type_} can be asked for")
    return [found[id_] for id_ in dict.fromkeys(id_ for _, id_ in wanted)]


async def documents_by_id(tx: Tx, ids: set[int]) -> dict[int, Document]:
    """Those of the documents that were not deleted, in any workspace of the account."""
    return {document.id: document for document in await store.documents_by_id(tx, list(ids))} if ids else {}


async def documents_of_workspace(tx: Tx, workspace_id: int) -> list[Document]:
    """All documents of a workspace, public or not, published or not, by type and age."""
    return await store.documents_of_workspace(tx, workspace_id)


async def private_documents(tx: Tx, workspace_id: int | None, q: str) -> list[Document]:
    """The documents that are not public, of one workspace or of all, whose names contain `q` in any case (Q54)."""
    return await store.private_documents(tx, workspace_id, q)


async def active_preapproved(tx: Tx, workspace_id: int) -> list[Preapproved]:
    """Domains and addresses whose requests need no reviewer now, the oldest first."""
    return await store.active_preapproved(tx, workspace_id)


async def preapproval(tx: Tx, workspace_id: int, email: str) -> Preapproved | None:
    """What lets a normalized address in without a reviewer: itself before its domain, which must match exactly."""
    return await store.preapproval(tx, workspace_id, email, domain_of(email))


async def change_private_access(
    tx: Tx,
    workspace_id: int,
    *,
    security_emails: str | None = None,
    remove_nda: bool = False,
    domains: list[str] | None = None,
) -> TrustCenter:
    """Sets who is told of requests, takes the agreement out of force, and replaces the set of preapproved domains;
    None leaves as it is (Q59). Raises Invalid."""
    before = await get_trust_center(tx, workspace_id, lock=True)
    if domains is not None:
        names = [domain_name(domain) for domain in domains]
        await _replace_preapproved(tx, workspace_id, PreapprovedKind.DOMAIN, names)
    if remove_nda:
        await _remove_nda(tx, before)
    if security_emails is None:
        return before
    changed = changed_settings(before, SettingsChange(security_emails=security_emails), tx.now)
    return await _save_settings(tx, before, changed)


async def _remove_nda(tx: Tx, trust_center: TrustCenter) -> None:
    """No error when there is none. Raises Invalid while private documents need it (trust-center 3)."""
    workspace_id = trust_center.workspace_id
    if await current_nda(tx, workspace_id) is None:
        return
    held = await store.private_documents(tx, workspace_id, "")
    if held and not may_be_private(trust_center.flow_type, has_nda=False):
        names = ", ".join(document.name for document in held[:MOST_NAMED])
        more = f" and {len(held) - MOST_NAMED} more" if len(held) > MOST_NAMED else ""
        raise Invalid(
            f"removeNda: private documents need the NDA: {names}{more}. Make them public or delete them, or set "
            "flowType to NO_NDA_REQUIRED"
        )
    await remove_nda(tx, workspace_id)


async def replace_addresses(tx: Tx, workspace_id: int, emails: list[str]) -> list[Preapproved]:
    """Replaces the set of preapproved addresses, and returns all that is preapproved now. Raises Invalid."""
    await get_trust_center(tx, workspace_id, lock=True)
    names = [normalized(email) for email in emails]
    await _replace_preapproved(tx, workspace_id, PreapprovedKind.ADDRESS, names)
    return await active_preapproved(tx, workspace_id)


async def _replace_preapproved(tx: Tx, workspace_id: int, kind: PreapprovedKind, names: list[str]) -> None:
    """Under the lock of the trust center, so that two such sets do not mix."""
    wanted = dict.fromkeys(names)
    if len(wanted) > MOST_PREAPPROVED:
        raise Invalid(f"Not more than {MOST_PREAPPROVED} can be preapproved")
    standing = {each.name: each for each in await active_preapproved(tx, workspace_id) if each.kind is kind}
    for name in standing.keys() - wanted.keys():
        await store.delete_preapproved(tx, standing[name].id)
        await _record_preapproved(tx, workspace_id, standing[name], is_new=False)
    for name in wanted:
        if name not in standing:
            added = await store.insert_preapproved(tx, workspace_id, kind, name)
            await _record_preapproved(tx, workspace_id, added, is_new=True)


async def _record_preapproved(tx: Tx, workspace_id: int, entry: Preapproved, *, is_new: bool) -> None:
    told_of = {"name": entry.name}
    await record(
        tx,
        EVENTS[entry.kind, is_new],
        f"{entry.name} is {'now' if is_new else 'no longer'} preapproved",
        target={"kind": f"preapproved {entry.kind.lower()}", "id": entry.id},
        before=None if is_new else told_of,
        after=told_of if is_new else None,
        workspace_id=workspace_id,
    )
