"""Trust centers, version 1: settings, private access, the NDA. Their documents have a table of their own."""

import asyncio
from functools import partial

from trustwright.accounts.model import Entitlement
from trustwright.accounts.permissions import Permission
from trustwright.agreements.actions import current_nda, store_nda
from trustwright.agreements.sealing import require_sealable
from trustwright.db import Tx
from trustwright.files.actions import files_by_id, get_file
from trustwright.http.operations import Call, Operation, Version
from trustwright.trust import actions
from trustwright.trust.model import TrustCenter
from trustwright.trust.wire import (
    CompanyInfo,
    LogoForm,
    NamedFile,
    NdaAnswer,
    NdaForm,
    PreapprovedAddresses,
    PrivateAccess,
    PrivateAccessChange,
    SettingsAnswer,
    SettingsBody,
    WorkspaceQuery,
)

PICTURES = ["png", "jpg", "jpeg", "gif"]


async def get_private_access(call: Call, filters: WorkspaceQuery) -> PrivateAccess:
    """Shows how requests are answered, and which domains and addresses are preapproved."""
    async with call.read() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        trust_center = await actions.get_trust_center(tx, workspace_id)
        return PrivateAccess.of(trust_center, await actions.active_preapproved(tx, workspace_id))


async def change_private_access(call: Call, filters: WorkspaceQuery, body: PrivateAccessChange) -> CompanyInfo:
    """Sets the security contacts, removes the NDA, and replaces the preapproved domains."""
    async with call.begin() as tx:
        trust_center = await actions.change_private_access(
            tx,
            await actions.default_workspace(tx, filters.workspace_id),
            security_emails=body.contacts,
            remove_nda=body.remove_nda,
            domains=body.domains,
        )
        return await _company_info(call, tx, trust_center)


async def replace_addresses(call: Call, filters: WorkspaceQuery, body: PreapprovedAddresses) -> PrivateAccess:
    """Replaces the preapproved addresses."""
    async with call.begin() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        entries = await actions.replace_addresses(tx, workspace_id, body.emails)
        return PrivateAccess.of(await actions.get_trust_center(tx, workspace_id), entries)


async def get_settings(call: Call, filters: WorkspaceQuery) -> SettingsAnswer:
    """Shows the settings of a trust center."""
    async with call.read() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        return SettingsAnswer.of(await actions.get_trust_center(tx, workspace_id))


async def change_settings(call: Call, filters: WorkspaceQuery, body: SettingsBody) -> SettingsAnswer:
    """Changes the settings that are sent."""
    async with call.begin() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        return SettingsAnswer.of(await actions.update_settings(tx, workspace_id, body.change()))


async def upload_nda(call: Call, filters: WorkspaceQuery, form: NdaForm) -> NdaAnswer:
    """Puts a new version of the NDA in force."""
    async with call.keeping([form.file], ["pdf"]) as (kept,):
        await asyncio.to_thread(require_sealable, form.file.path)
        async with call.begin() as tx:
            nda = await store_nda(tx, await actions.default_workspace(tx, filters.workspace_id), kept)
            return NdaAnswer.of(nda, call.link_to(await get_file(tx, nda.file_id)))


async def upload_logo(call: Call, filters: WorkspaceQuery, form: LogoForm) -> CompanyInfo:
    """Replaces the logo, its variant for dark backgrounds, or the favicon."""
    async with call.keeping([form.file], PICTURES) as (kept,), call.begin() as tx:
        workspace_id = await actions.default_workspace(tx, filters.workspace_id)
        return await _company_info(call, tx, await actions.store_emblem(tx, workspace_id, form.kind, kept))


async def _company_info(call: Call, tx: Tx, trust_center: TrustCenter) -> CompanyInfo:
    nda = await current_nda(tx, trust_center.workspace_id)
    return CompanyInfo.of(
        trust_center,
        favicon=await _named(call, tx, trust_center.favicon_file_id),
        nda=await _named(call, tx, nda.file_id if nda else None),
    )


async def _named(call: Call, tx: Tx, file_id: int | None) -> NamedFile:
    file = (await files_by_id(tx, {file_id} if file_id else set())).get(file_id or 0)
    return NamedFile(file.name, call.link_to(file)) if file else NamedFile()


read = partial(
    Operation,
    version=Version.V1,
    method="GET",
    permissions=(Permission.TRUST_CENTER_GET_PRIVATE_ACCESS,),
    entitlement=Entitlement.TRUST_CENTER_ESSENTIALS,
    errors=(400,),
)
write = partial(
    Operation,
    version=Version.V1,
    permissions=(Permission.TRUST_CENTER_PUT_PRIVATE_ACCESS,),
    entitlement=Entitlement.TRUST_CENTER,
)

operations = [
    read(path="/trust-center/private-access", handler=get_private_access),
    write(
        method="PUT",
        path="/trust-center/company-info/private-access",
        handler=change_private_access,
    ),
    read(path="/trust-center/settings", handler=get_settings, extension=True),
    write(
        method="PUT",
        path="/trust-center/settings",
        handler=change_settings,
        errors=(400,),
        extension=True,
    ),
    write(
        method="PUT",
        path="/trust-center/preapproved-email-addresses",
        handler=replace_addresses,
        errors=(400,),
        extension=True,
    ),
    write(
        method="POST",
        path="/trust-center/nda",
        handler=upload_nda,
        success=(201,),
        errors=(400, 413, 503),
        extension=True,
    ),
    write(
        method="POST",
        path="/trust-center/logo",
        handler=upload_logo,
        errors=(400, 413, 503),
        extension=True,
    ),
]
