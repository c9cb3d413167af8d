"""Documents of the trust center, in the console."""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, date, datetime, time, timedelta
from functools import partial

from msgspec import UNSET, Struct, UnsetType

from trustwright.access.actions import some_holders
from trustwright.access.stamping import unstampable
from trustwright.accounts.actions import users_by_id
from trustwright.accounts.model import Entitlement
from trustwright.agreements.actions import current_nda
from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_TRUST_CENTER, TRUST_CENTER
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Invalid, NotFound
from trustwright.files.actions import get_file
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.files.names import extension
from trustwright.http.csv_files import cell
from trustwright.times import iso
from trustwright.trust import actions, documents_store
from trustwright.trust.changes import DocumentChange, NewDocument, may_be_private
from trustwright.trust.model import Document, DocumentType, Mode, Visibility

DOCUMENTS = "/trust-center/documents"
DOCUMENT = f"{DOCUMENTS}/{{type}}/{{document_id}}"
SORTS = {"name": "name", "changed": "updated_at"}
COLUMNS = ["name", "type", "visibility", "use", "published", "always reviewed", "version", "valid until", "changed"]
MOST_HOLDERS = 6

TYPES = {
    DocumentType.SECURITY_REPORT: "Security reports",
    DocumentType.COMPLIANCE: "Compliance",
    DocumentType.POLICY: "Policies",
}
VISIBILITIES = {
    Visibility.PUBLIC: ("Public", "green"),
    Visibility.ON_REQUEST: ("Private", "blue"),
    Visibility.UNLISTED: ("Unlisted", "secondary"),
}
MODES = {
    Mode.DOWNLOAD: "View and download, stamped with the reader's address",
    Mode.VIEW: "View only, in the browser",
    Mode.ORIGINAL: "View and download, without a stamp",
}


class UploadForm(Struct, frozen=True, kw_only=True):
    """A new document with its file."""

    name: str = ""
    type: str = ""
    visibility: str = ""
    mode: str = ""
    is_published: str | None = None
    needs_review: str | None = None
    expires: str = ""
    file: Upload | None = None


class VersionForm(Struct, frozen=True, kw_only=True):
    """A new file for a document."""

    revision: str = ""
    file: Upload | None = None


def editor(visit: Visit) -> bool:
    """Whether the visitor may change the trust center, and the account's plan has it."""
    return visit.may(EDIT_TRUST_CENTER) and visit.signed_in.entitled(Entitlement.TRUST_CENTER)


async def list_documents(visit: Visit) -> Answer:
    """The documents of the workspace, all or those of one type."""
    type_ = _type(visit) if "type" in visit.request.path_params else None
    listing = Listing(visit, SORTS, filters=("visibility",))
    if listing.wants_csv:
        return csv_file("documents", COLUMNS, _lines(visit, listing, type_))
    visibility = listing.choice("visibility", Visibility)
    async with visit.read() as tx:
        found = await documents_store.page(tx, listing.slice, visit.workspace_id, type_, visibility, listing.q)
        now = tx.now
    values = {
        "listing": listing,
        "shown": listing.of(found),
        "tabs": [(DOCUMENTS, "All"), *((f"{DOCUMENTS}/{type_}", title) for type_, title in TYPES.items())],
        "now": now,
        "last_day": last_day,
    }
    return visit.page("trust_documents", values | _said(visit))


async def _lines(visit: Visit, listing: Listing, type_: DocumentType | None) -> AsyncGenerator[list[str], None]:
    visibility = listing.choice("visibility", Visibility)
    fetch = partial(documents_store.page, workspace_id=visit.workspace_id, type_=type_, visibility=visibility)
    async with visit.read() as tx:
        async for document in everything(listing, lambda part: fetch(tx, part, q=listing.q)):
            yield _line(document)


def _line(document: Document) -> list[str]:
    said = [
        document.name,
        document.type,
        VISIBILITIES[document.visibility][0],
        document.mode,
        document.is_published,
        document.needs_review,
        document.version,
    ]
    end = last_day(document.expires_at)
    return [*map(cell, said), end.isoformat() if end else "", iso(document.updated_at)]


def _said(visit: Visit) -> dict[str, object]:
    return {"visibilities": VISIBILITIES, "modes": MODES, "types": TYPES, "may_edit": editor(visit)}


def last_day(end: datetime | None) -> date | None:
    """The last day on which a document is offered, in UTC."""
    return None if end is None else (end.astimezone(UTC) - timedelta(microseconds=1)).date()


def end_of(day: date | None) -> datetime | None:
    """When a document that is offered until a day is no longer offered."""
    return None if day is None else datetime.combine(day, time(), UTC) + timedelta(days=1)


def _type(visit: Visit) -> DocumentType:
    """The type in the path. Raises NotFound."""
    text = visit.request.path_params["type"]
    if text not in list(DocumentType):
        raise NotFound("There is no such kind of document")
    return DocumentType(text)


async def find(visit: Visit, tx: Tx) -> Document:
    """The document of the path, in the workspace that is looked at. Raises NotFound."""
    type_, document_id = _type(visit), visit.id("document_id")
    document = (await actions.documents_by_id(tx, {document_id})).get(document_id)
    if document is None or document.type is not type_ or document.workspace_id != visit.workspace_id:
        raise NotFound("There is no such document in this workspace")
    return document


async def show_upload(visit: Visit, form: Form) -> Answer:
    """A file, and what may be done with it."""
    async with visit.read() as tx:
        values = {"form": form, "may_be_private": await _may_lock(visit, tx)}
    return visit.page("trust_document_new", values | _said(visit))


async def _may_lock(visit: Visit, tx: Tx) -> bool:
    """Whether a document can be made private here, so that nobody is offered what would be refused."""
    center = await actions.get_trust_center(tx, visit.workspace_id)
    return may_be_private(center.flow_type, has_nda=await current_nda(tx, visit.workspace_id) is not None)


async def upload(visit: Visit, form: Form) -> Answer:
    """Adds a document."""
    new = NewDocument(
        name=form.text("name"),
        type=_chosen_type(form),
        visibility=form.choice("visibility", Visibility),
        mode=form.choice("mode", Mode) or Mode.DOWNLOAD,
        is_published=form.flag("is_published"),
        needs_review=form.flag("needs_review"),
        expires_at=end_of(form.day("expires")),
    )
    file = sent_file(form)
    async with visit.keeping([file], DOCUMENT_EXTENSIONS) as (kept,):
        fault = await stamp_fault(file)
        async with visit.begin() as tx:
            document = await actions.store_document(tx, visit.workspace_id, new, kept, fault)
    return visit.see_other(_path(document), f"{document.name} was added.")


def _path(document: Document) -> str:
    return f"{DOCUMENTS}/{document.type}/{document.id}"


def _chosen_type(form: Form) -> DocumentType:
    type_ = form.choice("type", DocumentType)
    if type_ is None:
        raise Invalid("type: choose what kind of document it is")
    return type_


def sent_file(form: Form) -> Upload:
    """The file of a form. Raises Invalid when none was chosen."""
    file: Upload | None = form.files.file
    if file is None:
        raise Invalid("file: choose a file")
    return file


async def stamp_fault(file: Upload) -> str | None:
    """Why a PDF cannot be stamped; None for one that can, and for what is no PDF."""
    return await asyncio.to_thread(unstampable, file.path) if extension(file.name) == "pdf" else None


async def show_document(visit: Visit, form: Form | None = None) -> Answer:
    """A document, its versions, and who can open it; with a form, why something could not be done."""
    async with visit.read() as tx:
        document = await find(visit, tx)
        versions = await documents_store.versions(tx, document.id)
        values = {
            "form": form or Form(),
            "document": document,
            "versions": versions,
            "users": await users_by_id(tx, {each.user_id for each in versions if each.user_id}),
            "holders": await some_holders(tx, document.id, MOST_HOLDERS),
            "most_holders": MOST_HOLDERS - 1,
            "now": tx.now,
            "last_day": last_day(document.expires_at),
            "path": _path(document),
            "revision": iso(document.updated_at),
        }
    return visit.page("trust_document", values | _said(visit))


async def show_edit(visit: Visit, form: Form) -> Answer:
    """What can be changed of a document."""
    async with visit.read() as tx:
        document = await find(visit, tx)
        may_lock = await _may_lock(visit, tx)
    values = {
        "form": form,
        "document": document,
        "path": _path(document),
        "last_day": last_day(document.expires_at),
        "may_be_private": may_lock or document.visibility is not Visibility.PUBLIC,
        "revision": iso(document.updated_at),
    }
    return visit.page("trust_document_edit", values | _said(visit))


async def edit(visit: Visit, form: Form) -> Answer:
    """Saves what was changed."""
    async with visit.begin() as tx:
        document = await _held(visit, tx, form)
        change = DocumentChange(
            name=form.text("name"),
            visibility=form.choice("visibility", Visibility) or UNSET,
            mode=form.choice("mode", Mode) or UNSET,
            is_published=form.flag("is_published"),
            needs_review=form.flag("needs_review"),
            expires_at=_end(document, form.day("expires")),
        )
        after = await actions.change_document(tx, document.type, document.id, change)
    return visit.see_other(_path(after), "Saved.")


def _end(document: Document, day: date | None) -> datetime | UnsetType | None:
    """The end that was typed; one that is shown as it was is not changed, though it may fall within a day."""
    return UNSET if day == last_day(document.expires_at) else end_of(day)


async def _held(visit: Visit, tx: Tx, form: Form) -> Document:
    """The document, which nobody else changes meanwhile, as it was when the form was opened. Raises Conflict."""
    await find(visit, tx)
    await actions.get_trust_center(tx, visit.workspace_id, lock=True)
    document = await find(visit, tx)
    form.require_unchanged(document.updated_at, "this document")
    return document


async def add_version(visit: Visit, form: Form) -> Answer:
    """Replaces the file; whoever holds the document is told."""
    async with visit.read() as tx:
        await find(visit, tx)
    file = sent_file(form)
    async with visit.keeping([file], DOCUMENT_EXTENSIONS) as (kept,):
        fault = await stamp_fault(file)
        async with visit.begin() as tx:
            document = await _held(visit, tx, form)
            after = await actions.add_version(tx, document.type, document.id, kept, fault)
    return visit.see_other(_path(after), f"Version {after.version} is in place.")


async def delete(visit: Visit, form: Form) -> Answer:
    """Takes a document away, from the page and from whoever holds it."""
    async with visit.begin() as tx:
        document = await _held(visit, tx, form)
        await actions.delete_document(tx, document.type, document.id)
    return visit.see_other(DOCUMENTS, f"{document.name} was deleted.")


async def download_version(visit: Visit) -> Answer:
    """The file of one version, without a stamp."""
    async with visit.read() as tx:
        document = await find(visit, tx)
        file_id = await documents_store.file_of_version(tx, document.id, visit.id("version"))
        if file_id is None:
            raise NotFound("This document has no such version")
        file = await get_file(tx, file_id)
    return visit.see_other(visit.link_to(file))


look = partial(Page, right=TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)
change = partial(FormPage, right=EDIT_TRUST_CENTER, entitlement=Entitlement.TRUST_CENTER)

PAGES: list[Page | FormPage | Button] = [
    look(path=DOCUMENTS, show=list_documents),
    change(path=f"{DOCUMENTS}/new", show=show_upload, submit=upload, files=UploadForm),
    look(path=f"{DOCUMENTS}/{{type}}", show=list_documents),
    look(path=DOCUMENT, show=show_document),
    change(path=f"{DOCUMENT}/edit", show=show_edit, submit=edit),
    change(path=f"{DOCUMENT}/versions", show=show_document, submit=add_version, files=VersionForm),
    look(path=f"{DOCUMENT}/versions/{{version}}", show=download_version),
    change(path=f"{DOCUMENT}/delete", show=show_document, submit=delete),
]
