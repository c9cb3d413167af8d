"""Documents of trust centers, version 1."""

import asyncio
from functools import partial

from trustwright.access.stamping import unstampable
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.db import Tx
from trustwright.files.actions import files_by_id
from trustwright.files.model import DOCUMENT_EXTENSIONS, Upload
from trustwright.files.names import extension
from trustwright.http.operations import Call, Operation, Version
from trustwright.trust import actions
from trustwright.trust.model import Document
from trustwright.trust.wire import (
    DocumentAnswer,
    DocumentBody,
    DocumentForm,
    DocumentPath,
    Documents,
    ManagedDocument,
    PrivateDocuments,
    PrivateDocumentsQuery,
    VersionForm,
    WorkspaceQuery,
)


async def list_private_documents(call: Call, filters: PrivateDocumentsQuery) -> PrivateDocuments:
    """Lists the documents that are not public."""
    async with call.read() as tx:
        if filters.workspace_id is not None:
            await actions.get_trust_center(tx, filters.workspace_id)
        documents = await actions.private_documents(tx, filters.workspace_id, filters.q)
        links = await _links(call, tx, documents)
    return PrivateDocuments([DocumentAnswer.of(document, links) for document in documents])


async def list_documents(call: Call, filters: WorkspaceQuery) -> Documents:
    """Lists all documents of a trust center, with what its managers may set of them."""
    async with call.read() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        documents = await actions.documents_of_workspace(tx, workspace_id)
        links = await _links(call, tx, documents)
    return Documents([ManagedDocument.of(document, links) for document in documents])


async def upload_document(call: Call, filters: WorkspaceQuery, form: DocumentForm) -> DocumentAnswer:
    """Adds a document to a trust center."""
    async with call.keeping([form.file], DOCUMENT_EXTENSIONS) as (kept,):
        fault = await _stamp_fault(form.file)
        async with call.begin() as tx:
            workspace_id = await actions.default_workspace(tx, filters.workspace_id)
            document = await actions.store_document(tx, workspace_id, form.new(), kept, fault)
            return DocumentAnswer.of(document, await _links(call, tx, [document]))


async def upload_version(call: Call, path: DocumentPath, form: VersionForm) -> ManagedDocument:
    """Replaces the file of a document; whoever holds it is told."""
    async with call.keeping([form.file], DOCUMENT_EXTENSIONS) as (kept,):
        fault = await _stamp_fault(form.file)
        async with call.begin() as tx:
            document = await actions.add_version(tx, path.type, path.id, kept, fault)
            return ManagedDocument.of(document, await _links(call, tx, [document]))


async def change_document(call: Call, path: DocumentPath, body: DocumentBody) -> ManagedDocument:
    """Changes what is sent of a document."""
    change = body.change()
    async with call.begin() as tx:
        document = await actions.change_document(tx, path.type, path.id, change)
        return ManagedDocument.of(document, await _links(call, tx, [document]))


async def delete_document(call: Call, path: DocumentPath) -> None:
    """Takes a document away, from the page and from whoever holds it."""
    async with call.begin() as tx:
        await actions.delete_document(tx, path.type, path.id)


async def _stamp_fault(upload: Upload) -> str | None:
    """Asked of every PDF, public or not: it may become private later, without its file being sent again."""
    return await asyncio.to_thread(unstampable, upload.path) if extension(upload.name) == "pdf" else None


async def _links(call: Call, tx: Tx, documents: list[Document]) -> dict[int, str]:
    files = await files_by_id(tx, {document.file_id for document in documents})
    return {file_id: call.link_to(file) for file_id, file in files.items()}


DOCUMENTS = "/trust-center/documents"
DOCUMENT = f"{DOCUMENTS}/{{type}}/{{id}}"

read = partial(
    Operation,
    version=Version.V1,
    method="GET",
    permissions=(Permission.TRUST_CENTER_GET_PRIVATE_DOCUMENTS,),
    entitlement=Entitlement.TRUST_CENTER_ESSENTIALS,
)
write = partial(
    Operation,
    version=Version.V1,
    permissions=(Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS,),
    entitlement=Entitlement.TRUST_CENTER,
    extension=True,
)

operations = [
    read(path="/trust-center/private-documents", handler=list_private_documents),
    read(path=DOCUMENTS, handler=list_documents, errors=(400,), extension=True),
    write(method="POST", path=DOCUMENTS, handler=upload_document, success=(201,), errors=(400, 413, 503)),
    write(
        method="POST",
        path=f"{DOCUMENT}/versions",
        handler=upload_version,
        success=(201,),
        errors=(400, 413, 503),
    ),
    write(method="PUT", path=DOCUMENT, handler=change_document, errors=(400,)),
    write(method="DELETE", path=DOCUMENT, handler=delete_document, success=(204,), errors=(400,)),
]
