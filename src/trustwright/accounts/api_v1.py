"""Company, workspaces and users, version 1."""

from typing import Annotated, Any

from msgspec import Meta, field

from trustwright.accounts import actions, store
from trustwright.accounts.api_v2 import EntitlementAnswer, SecurityReportAnswer
from trustwright.accounts.model import Account, Workspace
from trustwright.accounts.permissions import Permission
from trustwright.accounts.roles import Role
from trustwright.accounts.store import Search
from trustwright.http.lists import NumberedPage, PageQuery, numbered
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.people import UserAnswer
from trustwright.http.wire import Id, Timestamp, Wire, iso


class WorkspacesQuery(PageQuery, frozen=True):
    q: str = ""


class UsersQuery(PageQuery, frozen=True):
    q: str = ""
    roles: list[Role] = field(default_factory=list)
    exclude_user_ids: Annotated[list[Id], Meta(max_length=500)] = field(default_factory=list)
    exclude_roles: Annotated[list[Role], Meta(max_length=300)] = field(default_factory=list)
    include_user_ids: Annotated[list[Id], Meta(max_length=300)] = field(default_factory=list)


class UserPath(Wire, frozen=True):
    id: Id


class EmailPath(Wire, frozen=True):
    email: str


class WorkspaceAnswer(Wire, frozen=True):
    """Texts that are not set are empty: version 1 knows no null here."""

    id: int
    name: str
    description: str
    how_it_works: str
    url: str
    logo: str
    primary: bool
    frameworks: list[dict[str, Any]]

    @staticmethod
    def of(workspace: Workspace) -> "WorkspaceAnswer":
        return WorkspaceAnswer(
            id=workspace.id,
            name=workspace.name,
            description=workspace.description or "",
            how_it_works=workspace.how_it_works or "",
            url=workspace.url or "",
            logo=workspace.logo or "",
            primary=workspace.is_primary,
            frameworks=[],
        )


class CompanyAnswer(Wire, frozen=True):
    """What is not kept here is empty, as far as the contract allows: null, else "", 0 or []."""

    account_id: str
    domain: str
    name: str
    legal_name: str
    description: str
    logo_url: str
    workspaces: list[WorkspaceAnswer]
    created_at: Timestamp
    updated_at: Timestamp
    entitlements: list[EntitlementAnswer]
    language: str
    connections: list[dict[str, Any]]
    frameworks: list[dict[str, Any]]
    year: int = 0
    phone_number: str = ""
    address: str = ""
    privacy_url: str = ""
    terms_url: str = ""
    support_url: str = ""
    jobs_url: str = ""
    security_email: str = ""
    security_training: str | None = None
    hipaa_training: str | None = None
    background_check: str | None = None
    security_report: SecurityReportAnswer = SecurityReportAnswer()
    admin_onboarded_at: Timestamp | None = None
    renewal_period_start_date: Timestamp | None = None
    security_training_link: str = ""
    hipaa_training_link: str = ""
    agent_enabled: bool = False
    manual_upload_enabled: bool = False
    drata_support_access: dict[str, Any] | None = None

    @staticmethod
    def of(account: Account, workspaces: list[Workspace]) -> "CompanyAnswer":
        return CompanyAnswer(
            account_id=str(account.account_id),
            domain=account.domain,
            name=account.name,
            legal_name=account.legal_name or "",
            description=account.description or "",
            logo_url=account.logo_url or "",
            workspaces=[WorkspaceAnswer.of(workspace) for workspace in workspaces],
            created_at=iso(account.created_at),
            updated_at=iso(account.updated_at),
            entitlements=EntitlementAnswer.all_of(account),
            language=account.language,
            connections=[],
            frameworks=[],
        )


async def list_users(call: Call, filters: UsersQuery) -> NumberedPage[UserAnswer]:
    """Lists the active users; `q` is looked for in name and address."""
    search = Search(
        q=filters.q,
        roles=[role.value for role in filters.roles],
        exclude_roles=[role.value for role in filters.exclude_roles],
        exclude_ids=filters.exclude_user_ids,
        include_ids=filters.include_user_ids,
    )
    async with call.read() as tx:
        return await numbered(
            filters,
            lambda part: store.search_users(tx, part, search),
            lambda: store.count_found_users(tx, search),
            UserAnswer.of,
        )


async def get_user(call: Call, path: UserPath) -> UserAnswer:
    """Shows a user."""
    async with call.read() as tx:
        return UserAnswer.of(await actions.get_user(tx, path.id))


async def get_user_by_email(call: Call, path: EmailPath) -> UserAnswer:
    """Shows the user of an address, in any case of letters."""
    async with call.read() as tx:
        return UserAnswer.of(await actions.get_user_by_email(tx, path.email))


async def list_workspaces(call: Call, filters: WorkspacesQuery) -> NumberedPage[WorkspaceAnswer]:
    """Lists the workspaces of the account; `q` is looked for in the name."""
    async with call.read() as tx:
        return await numbered(
            filters,
            lambda part: store.page_workspaces_named(tx, part, filters.q),
            lambda: store.count_workspaces_named(tx, filters.q),
            WorkspaceAnswer.of,
        )


async def get_company(call: Call) -> CompanyAnswer:
    """Shows the company whose account this is."""
    async with call.read() as tx:
        return CompanyAnswer.of(await actions.get_account(tx), await store.all_workspaces(tx))


operations = [
    Operation(
        version=Version.V1,
        method="GET",
        path="/users",
        handler=list_users,
        permissions=(Permission.USERS_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V1,
        method="GET",
        path="/users/{id}",
        handler=get_user,
        permissions=(Permission.USER_GET,),
        errors=(400,),
    ),
    Operation(
        version=Version.V1,
        method="GET",
        path="/users/{email}/email",
        handler=get_user_by_email,
        permissions=(Permission.USER_GET,),
    ),
    Operation(
        version=Version.V1,
        method="GET",
        path="/workspaces",
        handler=list_workspaces,
        permissions=(Permission.WORKSPACES_GET,),
        errors=(400, 404),
    ),
    Operation(
        version=Version.V1,
        method="GET",
        path="/company/info",
        handler=get_company,
        permissions=(Permission.COMPANY_SETTINGS_GET_INFO,),
        errors=(400, 404),
    ),
]
