"""Documents of vendors and of their reviews, in the console."""

from collections.abc import AsyncGenerator
from functools import partial

from litestar.response.streaming import ASGIStreamingResponse
from msgspec import Struct

from trustwright.console.forms import Form
from trustwright.console.listing import Listing, csv_file, everything
from trustwright.console.navigation import EDIT_VENDORS, VENDORS
from trustwright.console.visits import Answer, Button, FormPage, Page, Visit
from trustwright.db import Tx
from trustwright.errors import Conflict, Invalid
from trustwright.files.actions import get_file, record_download
from trustwright.files.model import DOCUMENT_EXTENSIONS, StoredFile, Upload
from trustwright.files.outgoing import headers_of, held_back
from trustwright.http.csv_files import cell
from trustwright.reviews import actions, list_store
from trustwright.reviews.model import DocumentType, VendorDocument
from trustwright.vendors.actions import get_vendor

SORTS = {"-added": "created_at", "name": "name"}
COLUMNS = ["id", "name", "type", "review id", "added"]
ACCEPT = ",".join(f".{extension}" for extension in DOCUMENT_EXTENSIONS)
PDF = "application/pdf"

# A document is read in our own viewer; whatever it holds, a browser that opens it alone lets it do nothing.
SHOWN = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-store",
    "Referrer-Policy": "no-referrer",
}


class NewDocument(Struct, frozen=True, kw_only=True):
    """The form of a document. `review`: the number of the review that it belongs to, or nothing."""

    file: Upload
    type: str = ""
    review: str = ""


async def list_documents(visit: Visit) -> Answer:
    """The documents of a vendor and of its reviews."""
    vendor_id = visit.id("vendor_id")
    listing = Listing(visit, SORTS, filters=("type",))
    if listing.wants_csv:
        return csv_file("documents", COLUMNS, _lines(visit, vendor_id))
    async with visit.read() as tx:
        vendor = await get_vendor(tx, vendor_id)
        type_ = listing.choice("type", DocumentType)
        shown = listing.of(await list_store.page_documents(tx, listing.slice, vendor_id, listing.q, type_))
    values = {"vendor": vendor, "listing": listing, "shown": shown}
    return visit.page("document_list", values | {"may_edit": visit.may(EDIT_VENDORS)})


async def _lines(visit: Visit, vendor_id: int) -> AsyncGenerator[list[str], None]:
    listing = Listing(visit, SORTS, filters=("type",))
    async with visit.read() as tx:
        vendor = await get_vendor(tx, vendor_id)
        type_ = listing.choice("type", DocumentType)
        fetch = partial(list_store.page_documents, tx, vendor_id=vendor.id, q=listing.q, type_=type_)
        async for document in everything(listing, fetch):
            said = [document.id, document.name, document.type, document.review_id, document.created_at]
            yield [cell(each) for each in said]


async def show_upload(visit: Visit, form: Form) -> Answer:
    """The form of a document to be."""
    async with visit.read() as tx:
        vendor = await get_vendor(tx, visit.id("vendor_id"))
        reviews = await actions.newest_reviews(tx, vendor.id, 50)
    values = {"vendor": vendor, "form": form, "reviews": [(review.id, review.name) for review in reviews]}
    asked = visit.text("review")
    return visit.page("document_new", values | {"accept": ACCEPT, "review": asked})


async def upload_document(visit: Visit, form: Form) -> Answer:
    """Adds a document to a vendor, or to one of its reviews."""
    vendor_id, review_id = visit.id("vendor_id"), form.number("review")
    type_ = form.choice("type", DocumentType)
    if type_ is None:
        raise Invalid("type: choose what the document is")
    async with visit.keeping([form.files.file], DOCUMENT_EXTENSIONS) as (kept,), visit.begin() as tx:
        document = await actions.upload_document(tx, vendor_id, kept, type_, review_id)
    back = f"/vendors/{vendor_id}" if review_id is None else f"/vendors/{vendor_id}/reviews/{review_id}"
    return visit.see_other(back, f"{document.name} was added")


async def _file(tx: Tx, visit: Visit) -> tuple[VendorDocument, StoredFile]:
    """Raises NotFound, and Conflict for a file that the virus scanner holds back."""
    document = await actions.get_document(tx, visit.id("vendor_id"), visit.id("document_id"))
    file = await get_file(tx, document.file_id)
    if reason := held_back(file, require_scan=visit.settings.require_scan):
        raise Conflict(reason)
    return document, file


async def download(visit: Visit) -> Answer:
    """On to a link that is signed for the file."""
    async with visit.read() as tx:
        _, file = await _file(tx, visit)
    return visit.see_other(visit.link_to(file))


async def content(visit: Visit) -> Answer:
    """The file itself, for our viewer. Whoever reads a document is known to have had it."""
    async with visit.read() as tx:
        _, file = await _file(tx, visit)
    stream = await visit.storage.get(visit.who().account_id, file.sha256)
    async with visit.begin() as tx:
        await record_download(tx, file)
    headers = headers_of(file, attached=file.content_type != PDF)
    return ASGIStreamingResponse(iterator=stream, headers={**SHOWN, **headers})


DOCUMENTS = "/vendors/{vendor_id}/documents"

PAGES: list[Page | FormPage | Button] = [
    Page(path=DOCUMENTS, show=list_documents, right=VENDORS),
    FormPage(path=f"{DOCUMENTS}/new", show=show_upload, submit=upload_document, right=EDIT_VENDORS, files=NewDocument),
    Page(path=f"{DOCUMENTS}/{{document_id}}/download", show=download, right=VENDORS),
    Page(path=f"{DOCUMENTS}/{{document_id}}/content", show=content, right=VENDORS),
]
