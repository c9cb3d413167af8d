"""Company, workspaces, users and roles, version 2."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from msgspec import UNSET, Struct, UnsetType, field

from trustwright.accounts import actions, store
from trustwright.accounts.model import ENTITLEMENT_LABELS, ENTITLEMENT_TEXTS, Account, Entitlement, User, Workspace
from trustwright.accounts.permissions import Permission
from trustwright.accounts.roles import Right, Role, rights
from trustwright.db import Slice, Tx
from trustwright.errors import MalformedId, NotFound
from trustwright.http.lists import CursorPage, CursorQuery, NamedQuery, by_cursor
from trustwright.http.operations import DIGITS, Call, Operation, Version
from trustwright.http.wire import MAX_ID, Timestamp, Wire, iso, iso_or_none


class WorkspaceExpand(StrEnum):
    FRAMEWORKS = "frameworks"
    PERSONNEL_SCOPE = "personnelScope"


class UserExpand(StrEnum):
    """`personnel` fills no property (Q18)."""

    BACKGROUND_CHECKS = "backgroundChecks"
    DOCUMENTS = "documents"
    PERSONNEL = "personnel"
    IDENTITIES = "identities"
    ROLES = "roles"


class RoleExpand(StrEnum):
    PERMISSIONS = "permissions"


class WorkspacesQuery(NamedQuery, frozen=True):
    expand: list[WorkspaceExpand] = field(default_factory=list)


class UserQuery(Wire, frozen=True):
    expand: list[UserExpand] = field(default_factory=list)


class UsersQuery(CursorQuery, frozen=True):
    """The names are what the users' names begin with."""

    expand: list[UserExpand] = field(default_factory=list)
    first_name: str = ""
    last_name: str = ""


class RoleQuery(Wire, frozen=True):
    expand: list[RoleExpand] = field(default_factory=list)


class RolesQuery(CursorQuery, frozen=True):
    expand: list[RoleExpand] = field(default_factory=list)


class UserPath(Wire, frozen=True):
    """A number, or `email:<address>` (Q65)."""

    user_id: str


class RolePath(Wire, frozen=True):
    """A number, or `role:<NAME>` (Q65)."""

    role_id: str


class WorkspaceAnswer(Wire, frozen=True):
    id: int
    primary: bool
    name: str
    description: str | None
    created_at: Timestamp
    updated_at: Timestamp
    how_it_works: str | None
    url: str | None
    logo: str | None
    frameworks: list[dict[str, Any]] | UnsetType = UNSET
    scoped_personnel_count: int | UnsetType | None = UNSET

    @staticmethod
    def of(workspace: Workspace, expand: list[WorkspaceExpand]) -> "WorkspaceAnswer":
        return WorkspaceAnswer(
            id=workspace.id,
            primary=workspace.is_primary,
            name=workspace.name,
            description=workspace.description,
            created_at=iso(workspace.created_at),
            updated_at=iso(workspace.updated_at),
            how_it_works=workspace.how_it_works,
            url=workspace.url,
            logo=workspace.logo,
            frameworks=[] if WorkspaceExpand.FRAMEWORKS in expand else UNSET,
            scoped_personnel_count=None if WorkspaceExpand.PERSONNEL_SCOPE in expand else UNSET,
        )


class UserAnswer(Wire, frozen=True):
    id: int
    email: str
    first_name: str | None
    last_name: str | None
    created_at: Timestamp
    updated_at: Timestamp
    job_title: str | None
    avatar_url: str | None
    drata_terms_agreed_at: Timestamp | None
    roles: list[str] | UnsetType = UNSET
    background_checks: list[dict[str, Any]] | UnsetType = UNSET
    documents: list[dict[str, Any]] | UnsetType = UNSET
    identities: list[dict[str, Any]] | UnsetType = UNSET

    @staticmethod
    def of(user: User, expand: list[UserExpand]) -> "UserAnswer":
        return UserAnswer(
            id=user.id,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            created_at=iso(user.created_at),
            updated_at=iso(user.updated_at),
            job_title=user.job_title,
            avatar_url=user.avatar_url,
            drata_terms_agreed_at=iso_or_none(user.terms_agreed_at),
            roles=user.roles if UserExpand.ROLES in expand else UNSET,
            background_checks=[] if UserExpand.BACKGROUND_CHECKS in expand else UNSET,
            documents=[] if UserExpand.DOCUMENTS in expand else UNSET,
            identities=[] if UserExpand.IDENTITIES in expand else UNSET,
        )


class EntitlementAnswer(Wire, frozen=True):
    name: str
    description: str
    type: str
    feature_id: int | None = None
    metadata: dict[str, Any] = field(default_factory=dict)

    @staticmethod
    def all_of(account: Account) -> "list[EntitlementAnswer]":
        return [
            EntitlementAnswer(name=ENTITLEMENT_LABELS[held], description=ENTITLEMENT_TEXTS[held], type=held.value)
            for held in Entitlement
            if held in account.entitled_to
        ]


class SecurityReportAnswer(Wire, frozen=True):
    """Of the security report, which is not made here, that nobody sees it."""

    visibility: str = "ALL"
    sharing: bool = False
    share_token: str | None = None


class CompanyAnswer(Wire, frozen=True):
    """What is not kept here is null. The contract dropped some of it, and older clients look for it."""

    account_id: str
    domain: str
    name: str
    legal_name: str | None
    description: str | None
    logo_url: str | None
    created_at: Timestamp
    updated_at: Timestamp
    entitlements: list[EntitlementAnswer]
    language: str
    year: int | None = None
    phone_number: str | None = None
    address: str | None = None
    privacy_url: str | None = None
    terms_url: str | None = None
    support_url: str | None = None
    jobs_url: str | None = None
    security_email: str | None = None
    security_training: str | None = None
    hipaa_training: str | None = None
    background_check: str | None = None
    security_report: SecurityReportAnswer = SecurityReportAnswer()
    admin_onboarded_at: Timestamp | None = None
    renewal_period_start_date: Timestamp | None = None
    security_training_link: str | None = None
    hipaa_training_link: str | None = None
    agent_enabled: bool = False
    manual_upload_enabled: bool = False
    drata_support_access: dict[str, Any] | None = None

    @staticmethod
    def of(account: Account) -> "CompanyAnswer":
        return CompanyAnswer(
            account_id=str(account.account_id),
            domain=account.domain,
            name=account.name,
            legal_name=account.legal_name,
            description=account.description,
            logo_url=account.logo_url,
            created_at=iso(account.created_at),
            updated_at=iso(account.updated_at),
            entitlements=EntitlementAnswer.all_of(account),
            language=account.language,
        )


class HeldRole(Struct, frozen=True):
    """A role as a row of a list. Roles are the same everywhere, so in an account they date from its beginning."""

    id: int
    role: Role
    created_at: datetime
    updated_at: datetime


class RoleAnswer(Wire, frozen=True):
    id: int
    role: Role
    created_at: Timestamp
    updated_at: Timestamp
    permissions: list[Right] | UnsetType = UNSET

    @staticmethod
    def of(held: HeldRole, expand: list[RoleExpand]) -> "RoleAnswer":
        return RoleAnswer(
            id=held.id,
            role=held.role,
            created_at=iso(held.created_at),
            updated_at=iso(held.updated_at),
            permissions=rights(held.role) if RoleExpand.PERMISSIONS in expand else UNSET,
        )


async def list_workspaces(call: Call, filters: WorkspacesQuery) -> CursorPage[WorkspaceAnswer]:
    """Lists the workspaces of the account."""
    async with call.read() as tx:
        return await by_cursor(
            filters,
            "workspaces",
            lambda part: store.page_workspaces(tx, part),
            lambda: store.count_workspaces(tx),
            lambda workspace: WorkspaceAnswer.of(workspace, filters.expand),
        )


async def list_users(call: Call, filters: UsersQuery) -> CursorPage[UserAnswer]:
    """Lists the active users."""
    async with call.read() as tx:
        return await _users(tx, filters, None)


async def get_user(call: Call, path: UserPath, filters: UserQuery) -> UserAnswer:
    """Shows a user, by number or as `email:<address>`."""
    reference = _reference("userId", path.user_id, "email:")
    async with call.read() as tx:
        find = (
            actions.get_user(tx, reference) if isinstance(reference, int) else actions.get_user_by_email(tx, reference)
        )
        return UserAnswer.of(await find, filters.expand)


async def get_company(call: Call) -> CompanyAnswer:
    """Shows the company whose account this is."""
    async with call.read() as tx:
        return CompanyAnswer.of(await actions.get_account(tx))


async def list_roles(call: Call, filters: RolesQuery) -> CursorPage[RoleAnswer]:
    """Lists the roles that people can have."""
    async with call.read() as tx:
        account = await actions.get_account(tx)
    rows = [_held(role, account) for role in Role]

    async def fetch(part: Slice) -> list[HeldRole]:
        return _slice_of_roles(rows, part)

    async def count() -> int:
        return len(rows)

    return await by_cursor(filters, "roles", fetch, count, lambda held: RoleAnswer.of(held, filters.expand))


async def get_role(call: Call, path: RolePath, filters: RoleQuery) -> RoleAnswer:
    """Shows a role, by number or as `role:<NAME>`."""
    role = _role(path)
    async with call.read() as tx:
        return RoleAnswer.of(_held(role, await actions.get_account(tx)), filters.expand)


async def list_users_of_role(call: Call, path: RolePath, filters: UsersQuery) -> CursorPage[UserAnswer]:
    """Lists the active users who have a role."""
    role = _role(path)
    async with call.read() as tx:
        return await _users(tx, filters, role)


async def _users(tx: Tx, filters: UsersQuery, role: Role | None) -> CursorPage[UserAnswer]:
    return await by_cursor(
        filters,
        ["users", role],
        lambda part: store.page_users(tx, part, filters.first_name, filters.last_name, role),
        lambda: store.count_users(tx, filters.first_name, filters.last_name, role),
        lambda user: UserAnswer.of(user, filters.expand),
    )


def _reference(name: str, text: str, prefix: str) -> int | str:
    """The number, or what stands behind the prefix (Q65). Raises MalformedId."""
    if text.startswith(prefix):
        return text.removeprefix(prefix)
    if DIGITS.fullmatch(text) and 1 <= int(text) <= MAX_ID:
        return int(text)
    raise MalformedId(f"{name}: must be a number or begin with {prefix}")


def _role(path: RolePath) -> Role:
    """Raises MalformedId, NotFound."""
    reference = _reference("roleId", path.role_id, "role:")
    for role in Role:
        if reference in (role.id, role.value):
            return role
    raise NotFound(f"No role {reference}; GET /public/v2/roles lists them")


def _held(role: Role, account: Account) -> HeldRole:
    return HeldRole(role.id, role, account.created_at, account.created_at)


def _slice_of_roles(rows: list[HeldRole], part: Slice) -> list[HeldRole]:
    """All have the same dates, so their numbers alone order them."""
    last = part.after[1] if part.after else None
    if part.descending:
        return [row for row in reversed(rows) if last is None or row.id < last][: part.limit]
    return [row for row in rows if last is None or row.id > last][: part.limit]


operations = [
    Operation(
        version=Version.V2,
        method="GET",
        path="/workspaces",
        handler=list_workspaces,
        permissions=(Permission.WORKSPACES_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/users",
        handler=list_users,
        permissions=(Permission.USERS_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/users/{userId}",
        handler=get_user,
        permissions=(Permission.USER_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/company",
        handler=get_company,
        permissions=(Permission.COMPANY_SETTINGS_GET_INFO,),
        errors=(400, 404),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/roles",
        handler=list_roles,
        permissions=(Permission.ROLES_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/roles/{roleId}",
        handler=get_role,
        permissions=(Permission.ROLE_GET,),
        errors=(400, 404),
    ),
    Operation(
        version=Version.V2,
        method="GET",
        path="/roles/{roleId}/users",
        handler=list_users_of_role,
        permissions=(Permission.USERS_GET,),
        errors=(400, 404),
    ),
]
