"""A folder becomes the trust center of a workspace, in one transaction."""

from typing import Any

from msgspec import UNSET, Struct, UnsetType, structs

from trustwright.agreements.actions import current_nda, store_nda
from trustwright.db import Tx
from trustwright.errors import Invalid
from trustwright.files.actions import get_file
from trustwright.files.model import KeptFile
from trustwright.trust.actions import (
    active_preapproved,
    add_version,
    change_document,
    change_private_access,
    delete_document,
    documents_of_workspace,
    get_trust_center,
    replace_addresses,
    store_document,
    store_emblem,
    update_settings,
)
from trustwright.trust.changes import DocumentChange, NewDocument
from trustwright.trust.model import Document, DocumentType, Emblem, Mode, Visibility
from trustwright.trust_page.actions import replace_controls, replace_items
from trustwright.trust_page.folder import DocumentLine, Folder, FrameworkLine, at, content_of
from trustwright.trust_page.model import (
    Content,
    DocumentRef,
    Faq,
    Framework,
    Kind,
    Link,
    NewItem,
    Replaced,
    Subprocessor,
    Update,
)
from trustwright.trust_page.page import picture_file

Key = tuple[DocumentType, str]
Lines = list[NewItem] | UnsetType


class Brought(Struct, frozen=True, kw_only=True):
    """A file of the folder, kept; `stamp_fault` as `trust.actions.store_document` has it."""

    kept: KeptFile
    stamp_fault: str | None


class Import(Struct, frozen=True, kw_only=True):
    """What is imported: what the folder says, and its files by their paths in it. With `prunes` documents that it does
    not name are deleted."""

    folder: Folder
    files: dict[str, Brought]
    prunes: bool


async def bring_in(tx: Tx, workspace_id: int, new: Import) -> Replaced:
    """Makes a trust center what the folder says, and tells what became of each thing that it names. What is the same
    already stays untouched. Raises Invalid with the place of what is wrong."""
    done = Replaced(added=[], changed=[], unchanged=[], removed=[])
    await get_trust_center(tx, workspace_id, lock=True)
    await _nda(tx, workspace_id, new, done)
    await _settings(tx, workspace_id, new, done)
    await _preapproved(tx, workspace_id, new, done)
    await _documents(tx, workspace_id, new, done)
    if new.folder.controls is not UNSET:
        with at("controls"):
            _add(done, "control", await replace_controls(tx, workspace_id, new.folder.controls))
    documents = {_key(each): each for each in reversed(await documents_of_workspace(tx, workspace_id))}
    for kind, lines in _sections(new.folder, documents).items():
        if lines is not UNSET:
            with at(kind.lower()):
                _add(done, kind.lower(), await replace_items(tx, workspace_id, kind, lines))
    return done


async def _nda(tx: Tx, workspace_id: int, new: Import, done: Replaced) -> None:
    if new.folder.nda is UNSET:
        return
    kept = new.files[new.folder.nda].kept
    before = await current_nda(tx, workspace_id)
    if before is not None and before.sha256 == kept.sha256:
        done.unchanged.append("nda")
        return
    with at("nda"):
        await store_nda(tx, workspace_id, kept)
    (done.changed if before else done.added).append("nda")


async def _settings(tx: Tx, workspace_id: int, new: Import, done: Replaced) -> None:
    center = await get_trust_center(tx, workspace_id)
    if new.folder.settings is not UNSET:
        with at("settings"):
            after = await update_settings(tx, workspace_id, new.folder.settings)
        (done.unchanged if after == center else done.changed).append("settings")
    if new.folder.branding is UNSET:
        return
    branding = new.folder.branding
    files = {Emblem.FAVICON: branding.favicon, Emblem.LOGO: branding.logo, Emblem.DARK_LOGO: branding.dark_logo}
    for emblem, path in files.items():
        if path is None:
            continue
        kept, file_id = new.files[path].kept, picture_file(center, emblem)
        if file_id is not None and (await get_file(tx, file_id)).sha256 == kept.sha256:
            done.unchanged.append(emblem.value)
        else:
            await store_emblem(tx, workspace_id, emblem, kept)
            (done.added if file_id is None else done.changed).append(emblem.value)


async def _preapproved(tx: Tx, workspace_id: int, new: Import, done: Replaced) -> None:
    if new.folder.preapproved is UNSET:
        return
    before = {each.name for each in await active_preapproved(tx, workspace_id)}
    if (domains := new.folder.preapproved.domains) is not None:
        with at("preapproved.domains"):
            await change_private_access(tx, workspace_id, domains=domains)
    if (addresses := new.folder.preapproved.addresses) is not None:
        with at("preapproved.addresses"):
            await replace_addresses(tx, workspace_id, addresses)
    after = {each.name for each in await active_preapproved(tx, workspace_id)}
    done.added.extend(f"preapproved {name}" for name in sorted(after - before))
    done.removed.extend(f"preapproved {name}" for name in sorted(before - after))
    done.unchanged.extend(f"preapproved {name}" for name in sorted(after & before))


async def _documents(tx: Tx, workspace_id: int, new: Import, done: Replaced) -> None:
    if new.folder.documents is UNSET:
        return
    # Of two of the same type and name the older one is meant.
    before = {_key(each): each for each in reversed(await documents_of_workspace(tx, workspace_id))}
    kept = set()
    for place, line in enumerate(new.folder.documents):
        brought, known = new.files[line.file], before.get((line.type, line.name.strip()))
        with at(f"documents[{place}]"):
            if known is None:
                wanted = NewDocument(**_of_document(line), type=line.type)
                await store_document(tx, workspace_id, wanted, brought.kept, brought.stamp_fault)
                done.added.append(_named(line))
            else:
                kept.add(known.id)
                is_new = await _update(tx, known, line, brought)
                (done.changed if is_new else done.unchanged).append(_named(line))
    if new.prunes:
        for document in before.values():
            if document.id not in kept:
                await delete_document(tx, document.type, document.id)
                done.removed.append(_named(document))


async def _update(tx: Tx, known: Document, line: DocumentLine, brought: Brought) -> bool:
    """Whether anything of a document that is there already was different."""
    fields = _of_document(line)
    change = DocumentChange(**{**fields, "visibility": line.visibility or UNSET})
    is_other = (await get_file(tx, known.file_id)).sha256 != brought.kept.sha256
    # Where the old file could not be stamped it must be replaced first, where the new one cannot, it must come last.
    is_lax = line.mode is Mode.ORIGINAL or line.visibility is Visibility.PUBLIC
    if is_other and not is_lax:
        await add_version(tx, known.type, known.id, brought.kept, brought.stamp_fault)
    saved = await change_document(tx, known.type, known.id, change)
    if is_other and is_lax:
        await add_version(tx, known.type, known.id, brought.kept, brought.stamp_fault)
    return is_other or structs.replace(saved, updated_at=known.updated_at) != known


def _of_document(line: DocumentLine) -> dict[str, Any]:
    return {
        "name": line.name,
        "visibility": line.visibility,
        "mode": line.mode,
        "is_published": line.is_published,
        "needs_review": line.needs_review,
        "expires_at": line.expires_at,
    }


def _sections(folder: Folder, documents: dict[Key, Document]) -> dict[Kind, Lines]:
    """The entries of each section that the folder names. Raises Invalid."""
    return {
        Kind.SUBPROCESSOR: _items(Subprocessor, folder.subprocessors),
        Kind.UPDATE: _items(Update, folder.updates),
        Kind.FAQ: _items(Faq, folder.faq),
        Kind.LINK: _items(Link, folder.links),
        Kind.FRAMEWORK: _frameworks(folder.frameworks, documents),
    }


def _items(kind: type[Content], lines: object) -> Lines:
    if not isinstance(lines, list):
        return UNSET
    return [NewItem(content=content_of(kind, line), is_published=line.is_published) for line in lines]


def _frameworks(lines: list[FrameworkLine] | UnsetType, documents: dict[Key, Document]) -> Lines:
    if lines is UNSET:
        return UNSET
    found = []
    for place, line in enumerate(lines):
        fields = structs.asdict(line)
        is_published = fields.pop("is_published")
        if line.document:
            document = documents.get((line.document.type, line.document.name.strip()))
            if document is None:
                raise Invalid(
                    f"frameworks[{place}].document: no {line.document.type} document {line.document.name!r}; name it "
                    "in documents, or leave it out here"
                )
            fields["document"] = DocumentRef(type=document.type, id=document.id)
        found.append(NewItem(content=Framework(**fields), is_published=is_published))
    return found


def _key(document: Document) -> Key:
    return document.type, document.name


def _named(document: Document | DocumentLine) -> str:
    return f"document {document.type} {document.name.strip()}"


def _add(done: Replaced, what: str, part: Replaced) -> None:
    for name in done.__struct_fields__:
        getattr(done, name).extend(f"{what} {key}" for key in getattr(part, name))
