"""Company, workspaces, users and roles, version 2."""

from trustwright.accounts import store
from trustwright.accounts.model import Workspace
from trustwright.accounts.permissions import Permission
from trustwright.http.lists import CursorPage, CursorQuery, NamedSort, by_cursor
from trustwright.http.operations import Call, Operation, Version
from trustwright.http.wire import Timestamp, Wire, iso


class WorkspacesQuery(CursorQuery, frozen=True):
    sort: NamedSort = NamedSort.CREATED_AT  # type: ignore[assignment]


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

    @staticmethod
    def of(workspace: Workspace) -> "WorkspaceAnswer":
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
        )


async def list_workspaces(call: Call, filters: WorkspacesQuery) -> CursorPage[WorkspaceAnswer]:
    """Lists the workspaces of the account."""
    async with call.read() as tx:
        return await by_cursor(
            filters,
            "workspaces",
            lambda part: store.page_workspaces(tx, part),
            lambda: store.count_workspaces(tx),
            WorkspaceAnswer.of,
        )


operations = [
    Operation(
        version=Version.V2,
        method="GET",
        path="/workspaces",
        handler=list_workspaces,
        permissions=(Permission.WORKSPACES_GET,),
        errors=(400,),
    ),
]
