"""Documents of vendors, version 2."""

from enum import StrEnum
from functools import partial

from trustwright.accounts.permissions import Permission
from trustwright.files.actions import files_by_id, get_file
from trustwright.files.model import DOCUMENT_EXTENSIONS
from trustwright.http.lists import CursorPage, NamedQuery, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Id, Wire
from trustwright.reviews import actions, store
from trustwright.reviews.bodies import NewDocument
from trustwright.reviews.model import DocumentType, VendorDocument
from trustwright.reviews.wire import DocumentAnswer
from trustwright.vendors.actions import get_vendor


class DocumentExpand(StrEnum):
    DOWNLOAD_URL = "downloadUrl"


class DocumentsPath(Wire, frozen=True):
    vendor_id: Id


class DocumentPath(DocumentsPath, frozen=True):
    document_id: Id


class DocumentsQuery(NamedQuery, frozen=True):
    type: DocumentType | None = None
    expand: frozenset[DocumentExpand] = frozenset()


async def list_documents(call: Call, path: DocumentsPath, filters: DocumentsQuery) -> CursorPage[DocumentAnswer]:
    """Lists the documents of a vendor and of its reviews."""
    async with call.read() as tx:
        vendor = await get_vendor(tx, path.vendor_id)
        page = await by_cursor(
            filters,
            ["documents", vendor.id],
            partial(store.page_documents, tx, vendor_id=vendor.id, type_=filters.type),
            partial(store.count_documents, tx, vendor.id, filters.type),
            _same,
        )
        wanted = {document.file_id for document in page.data} if filters.expand else set[int]()
        links = {file_id: call.link_to(file) for file_id, file in (await files_by_id(tx, wanted)).items()}
    data = [DocumentAnswer.of(document, links.get(document.file_id)) for document in page.data]
    return CursorPage(data=data, pagination=page.pagination)


async def upload_document(call: Call, path: DocumentsPath, form: NewDocument) -> DocumentAnswer:
    """Adds a file to a vendor, or to one of its security reviews."""
    async with call.keeping([form.file], DOCUMENT_EXTENSIONS) as (kept,), call.begin() as tx:
        document = await actions.upload_document(tx, path.vendor_id, kept, form.type, form.security_review_id)
        return DocumentAnswer.of(document, None)


async def get_document(call: Call, path: DocumentPath) -> DocumentAnswer:
    """Gets one document of a vendor, with the address of its file."""
    async with call.read() as tx:
        document = await actions.get_document(tx, path.vendor_id, path.document_id)
        return DocumentAnswer.of(document, call.link_to(await get_file(tx, document.file_id)))


def _same(document: VendorDocument) -> VendorDocument:
    return document


DOCUMENTS = "/vendors/{vendorId}/documents"

operation = partial(Operation, version=Version.V2)

operations = [
    operation(
        method="GET",
        path=DOCUMENTS,
        handler=list_documents,
        permissions=(Permission.VENDORS_GET,),
        errors=(400, 404),
    ),
    operation(
        method="POST",
        path=DOCUMENTS,
        handler=upload_document,
        permissions=(Permission.VENDORS_POST_DOCUMENT,),
        success=(201,),
        errors=(400, 413, 503),
    ),
    operation(
        method="GET",
        path=f"{DOCUMENTS}/{{documentId}}",
        handler=get_document,
        permissions=(Permission.VENDORS_GET_VENDOR,),
        errors=(404,),
    ),
]
