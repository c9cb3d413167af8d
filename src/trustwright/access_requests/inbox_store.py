"""SQL of the lists of requests for access of one workspace, as people read them."""

from collections.abc import AsyncGenerator

from msgspec.structs import replace

from trustwright.access_requests.model import CustomerLine, ListedRequest, Status
from trustwright.access_requests.store import REQUEST
from trustwright.db import Slice, Tx

LISTED = f"""
    select {REQUEST}, array(
            select d.name from access_request_documents a
            join trust_documents d on d.account_id = a.account_id and d.id = a.document_id
            where a.account_id = r.account_id and a.access_request_id = r.id
            order by d.name
        ) as documents
    from access_requests r
    where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
"""
OF_STATUS = " and r.status = %(status)s"
FOUND = """ and r.id = any (array(select access_requests_of_workspace_like(%(workspace_id)s::integer,
    lower(%(pattern)s), trigrams(%(account_id)s, lower(%(q)s)), %(status)s, %(sorted)s, %(descending)s, %(most)s,
    %(skipped)s)))"""

CUSTOMERS = """
    select id, domain, email, name, relationship_ok, nda_on_file from crm_accounts
    where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        and position(lower(%(q)s) in lower(name || ' ' || coalesce(email, '') || ' ' || coalesce(domain, ''))) > 0
"""


async def page(tx: Tx, part: Slice, workspace_id: int, status: Status | None, q: str) -> list[ListedRequest]:
    """A page of the requests of a workspace, of one status or of all, that contain `q`."""
    if not q:
        sql = LISTED + (OF_STATUS if status else "")
        return await tx.page(ListedRequest, sql, part, key="r.id", workspace_id=workspace_id, status=status)
    values = _sought(part, workspace_id, status, q)
    return await tx.page(ListedRequest, LISTED + FOUND, replace(part, offset=0), key="r.id", **values)


def stream(
    tx: Tx, part: Slice, workspace_id: int, status: Status | None, q: str
) -> AsyncGenerator[ListedRequest, None]:
    """All of them, in the order of `part`. Close it before its transaction ends."""
    direction = "desc" if part.descending else "asc"
    narrowed = FOUND if q else OF_STATUS if status else ""
    values = {**_sought(part, workspace_id, status, q), "most": None, "skipped": 0}
    text = f"{LISTED}{narrowed} order by {part.column} {direction}, r.id {direction}"
    return tx.stream(ListedRequest, text, **values)


async def customers(tx: Tx, part: Slice, workspace_id: int, q: str) -> list[CustomerLine]:
    """A page of the customers of a workspace whose name, address or domain contains `q`."""
    return await tx.page(CustomerLine, CUSTOMERS, part, workspace_id=workspace_id, q=q)


def all_customers(tx: Tx, part: Slice, workspace_id: int, q: str) -> AsyncGenerator[CustomerLine, None]:
    """All of them, in the order of `part`. Close it before its transaction ends."""
    direction = "desc" if part.descending else "asc"
    text = f"{CUSTOMERS} order by {part.column} {direction}, id {direction}"
    return tx.stream(CustomerLine, text, workspace_id=workspace_id, q=q)


def _sought(part: Slice, workspace_id: int, status: Status | None, q: str) -> dict[str, object]:
    literal = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {
        "workspace_id": workspace_id,
        "status": status.value if status else None,
        "q": q,
        "pattern": f"%{literal}%",
        "sorted": part.column.removeprefix("r."),
        "descending": part.descending,
        "most": part.limit,
        "skipped": part.offset,
    }
