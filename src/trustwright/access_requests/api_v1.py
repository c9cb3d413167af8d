"""Requests for access, version 1, and the table that stands for a CRM."""

from functools import partial
from uuid import UUID

from trustwright.access_requests import actions, directory, store
from trustwright.access_requests.model import AccessRequest
from trustwright.access_requests.wire import (
    ApprovalBody,
    Approved,
    CrmAccountBody,
    CrmAccounts,
    Denied,
    NewRequestBody,
    RequestAnswer,
    RequestDetails,
    RequestedDocumentAnswer,
    RequestPath,
    RequestQuery,
    RequestsQuery,
    Revoked,
    Sent,
)
from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.agreements.actions import signed_file
from trustwright.db import Tx
from trustwright.errors import NotFound
from trustwright.files.actions import files_by_id
from trustwright.http.lists import NumberedPage, SortDirection, numbered
from trustwright.http.operations import Call, Operation, Version
from trustwright.trust.actions import default_workspace
from trustwright.trust.wire import WorkspaceQuery


async def list_requests(call: Call, filters: RequestsQuery) -> NumberedPage[RequestAnswer]:
    """Lists requests for access of all workspaces; those that wait for a decision only with `status=PENDING` (Q52)."""
    async with call.read() as tx:
        return await numbered(
            filters,
            partial(store.page, tx, status=filters.status, q=filters.q),
            partial(store.count, tx, filters.status, filters.q),
            RequestAnswer.of,
            descending=filters.sort_dir is SortDirection.DESC,
        )


async def create_request(call: Call, body: NewRequestBody) -> RequestAnswer:
    """Asks for documents in somebody's name."""
    async with call.begin() as tx:
        workspace_id = await default_workspace(tx, None)
        new = body.request(body.flow_type)
        return RequestAnswer.of(await actions.submit(tx, workspace_id, new, call.settings, is_public=False))


async def get_request(call: Call, path: RequestPath, filters: RequestQuery) -> RequestDetails:
    """Shows a request with its documents and its history."""
    async with call.read() as tx:
        request = await actions.get_request(tx, path.id)
        if request.workspace_id != filters.workspace_id:
            raise NotFound(f"No access request {path.id} in workspace {filters.workspace_id}")
        return await _details(call, tx, request)


async def _details(call: Call, tx: Tx, request: AccessRequest) -> RequestDetails:
    documents = await store.documents_of(tx, request.id)
    nda_id = await signed_file(tx, request.tracking_id) if request.tracking_id else None
    ids = {document.file_id for document in documents} | {nda_id}
    files = await files_by_id(tx, {file_id for file_id in ids if file_id is not None})
    links = {file_id: call.link_to(file) for file_id, file in files.items()}
    return RequestDetails.of(
        request,
        [RequestedDocumentAnswer.of(document, links.get(document.file_id or 0, "")) for document in documents],
        await store.statuses_of(tx, request.id),
        links.get(nda_id or 0),
    )


async def approve_request(call: Call, path: RequestPath, body: ApprovalBody) -> Approved:
    """Approves a request, or moves the end of what was approved."""
    async with call.begin() as tx:
        request = await actions.approve(tx, path.id, body.approval(), call.settings)
        return _approved(request.tracking_id)


def _approved(tracking_id: UUID | None) -> Approved:
    return Approved(is_approved=True, tracking_id=str(tracking_id)) if tracking_id else Approved(is_approved=True)


async def deny_request(call: Call, path: RequestPath) -> Denied:
    """Denies a request that opened nothing yet."""
    async with call.begin() as tx:
        await actions.deny(tx, path.id, call.settings)
        return Denied(is_denied=True)


async def revoke_request(call: Call, path: RequestPath) -> Revoked:
    """Ends what a request opened, at once."""
    async with call.begin() as tx:
        await actions.revoke(tx, path.id, call.settings)
        return Revoked(is_revoked=True)


async def resend_request(call: Call, path: RequestPath) -> Sent:
    """Mails a fresh link to the documents, after which the older ones end, or to the agreement that is to be signed."""
    async with call.begin() as tx:
        await actions.resend(tx, path.id, call.settings)
        return Sent(is_sent=True)


async def get_crm_accounts(call: Call, filters: WorkspaceQuery) -> CrmAccounts:
    """Shows the table that is asked under SALESFORCE_CRM."""
    async with call.read() as tx:
        accounts = await store.crm_accounts(tx, await default_workspace(tx, filters.workspace_id))
        return CrmAccounts(accounts=[CrmAccountBody.of(account) for account in accounts])


async def replace_crm_accounts(call: Call, filters: WorkspaceQuery, body: CrmAccounts) -> CrmAccounts:
    """Replaces the table that is asked under SALESFORCE_CRM."""
    accounts = [account.account() for account in body.accounts]
    async with call.begin() as tx:
        workspace_id = await default_workspace(tx, filters.workspace_id)
        kept = await directory.replace_accounts(tx, workspace_id, accounts)
        return CrmAccounts(accounts=[CrmAccountBody.of(account) for account in kept])


operation = partial(Operation, version=Version.V1, errors=(400,))
read = partial(operation, method="GET", entitlement=Entitlement.TRUST_CENTER_ESSENTIALS)
decide = partial(
    operation,
    method="PUT",
    entitlement=Entitlement.TRUST_CENTER,
    permissions=(Permission.TRUST_CENTER_PUT_REQUEST_APPROVE,),
)

operations = [
    read(
        path="/trust-center/requests",
        handler=list_requests,
        permissions=(Permission.TRUST_CENTER_GET_REQUESTS,),
    ),
    operation(
        method="POST",
        path="/trust-center/requests",
        handler=create_request,
        permissions=(Permission.TRUST_CENTER_POST_REQUEST,),
        entitlement=Entitlement.TRUST_CENTER,
        success=(201,),
    ),
    read(
        path="/trust-center/requests/{id}",
        handler=get_request,
        permissions=(Permission.TRUST_CENTER_GET_REQUEST,),
    ),
    decide(path="/trust-center/requests/{id}/approve", handler=approve_request),
    operation(
        method="PUT",
        path="/trust-center/requests/{id}/deny",
        handler=deny_request,
        permissions=(Permission.TRUST_CENTER_PUT_REQUEST_DENY,),
        entitlement=Entitlement.TRUST_CENTER,
    ),
    decide(path="/trust-center/requests/{id}/revoke", handler=revoke_request, extension=True),
    decide(path="/trust-center/requests/{id}/resend", handler=resend_request, extension=True),
    read(
        path="/trust-center/accounts",
        handler=get_crm_accounts,
        permissions=(Permission.TRUST_CENTER_GET_PRIVATE_ACCESS,),
        extension=True,
    ),
    operation(
        method="PUT",
        path="/trust-center/accounts",
        handler=replace_crm_accounts,
        permissions=(Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS,),
        entitlement=Entitlement.TRUST_CENTER,
        extension=True,
    ),
]
