"""SQL of requests for access, their history, and the table that stands for a CRM."""

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import Struct
from msgspec.structs import replace
from psycopg.types.json import Jsonb

from trustwright.access_requests.model import AccessRequest, CrmAccount, RequestedDocument, Status, StatusChange
from trustwright.db import Slice, Tx

STORED = tuple(name for name in AccessRequest.__struct_fields__ if name != "grant_expires_at")
REQUEST = f"""{", ".join(f"r.{name}" for name in STORED)}, (
        select g.expires_at from grants g where g.account_id = r.account_id and g.id = r.grant_id
    ) as grant_expires_at"""

GIVEN = tuple(name for name in STORED if name not in ("id", "request_id", "created_at", "updated_at"))
SETTINGS = ", ".join(f"{name} = %({name})s" for name in GIVEN)

LISTED = f"select {REQUEST} from access_requests r where r.account_id = %(account_id)s"
DECIDED = " and r.status <> 'PENDING'"
OF_STATUS = " and r.status = %(status)s"
SOUGHT = "lower(%(pattern)s), trigrams(%(account_id)s, lower(%(q)s)), %(status)s"
FOUND = f" and r.id = any (array(select access_requests_like({SOUGHT}, %(descending)s, %(most)s, %(skipped)s)))"


class Address(Struct, frozen=True):
    email: str


class Found(Struct, frozen=True):
    id: int


async def lock_person(tx: Tx, key: str) -> None:
    """Has all that is done for one person of one workspace happen one after the other."""
    await tx.run("select pg_advisory_xact_lock(hashtextextended(%(key)s, 0))", key=key)


async def insert(tx: Tx, request: AccessRequest) -> AccessRequest:
    """Adds a request; its id and request id are made here."""
    names = ", ".join(GIVEN)
    values = ", ".join(f"%({name})s" for name in GIVEN)
    return await tx.only(
        AccessRequest,
        f"""
        insert into access_requests as r (account_id, {names}, created_at, updated_at)
        values (%(account_id)s, {values}, %(now)s, %(now)s)
        returning {REQUEST}
        """,
        now=tx.now,
        **_values(request),
    )


async def save(tx: Tx, request: AccessRequest) -> AccessRequest:
    """Saves what may change of a request."""
    return await tx.only(
        AccessRequest,
        f"""
        update access_requests r set {SETTINGS}, updated_at = %(now)s
        where r.account_id = %(account_id)s and r.id = %(id)s
        returning {REQUEST}
        """,
        id=request.id,
        now=tx.now,
        **_values(request),
    )


def _values(request: AccessRequest) -> dict[str, Any]:
    return {name: getattr(request, name) for name in GIVEN}


async def get(tx: Tx, request_id: UUID, *, lock: bool = False) -> AccessRequest | None:
    """One request; locked until the transaction ends where `lock` says so."""
    text = f"{LISTED} and r.request_id = %(request_id)s {'for update of r' if lock else ''}"
    return await tx.one(AccessRequest, text, request_id=request_id)


async def id_of_tracking(tx: Tx, tracking_id: UUID) -> UUID | None:
    """The request id of the request whose present envelope this is."""
    found: UUID | None = await tx.value(
        "select request_id from access_requests where account_id = %(account_id)s and tracking_id = %(tracking_id)s",
        tracking_id=tracking_id,
    )
    return found


async def pending_of(tx: Tx, workspace_id: int, email: str) -> AccessRequest | None:
    """The request of a person that waits for a reviewer, locked."""
    return await tx.one(
        AccessRequest,
        f"""
        select {REQUEST} from access_requests r
        where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s and r.email = %(email)s
            and r.status = 'PENDING'
        for update of r
        """,
        workspace_id=workspace_id,
        email=email,
    )


async def under_grant(tx: Tx, grant_id: int) -> list[AccessRequest]:
    """The requests that rest on a grant, the oldest first, locked."""
    text = f"{LISTED} and r.grant_id = %(grant_id)s order by r.id for update of r"
    return await tx.all(AccessRequest, text, grant_id=grant_id)


async def sharing_documents(tx: Tx, request: AccessRequest) -> list[AccessRequest]:
    """The other requests under the same grant that have a document in common with this one, locked."""
    return await tx.all(
        AccessRequest,
        f"""
        select {REQUEST} from access_requests r
        where r.account_id = %(account_id)s and r.grant_id = %(grant_id)s and r.id <> %(id)s
            and exists (
                select from access_request_documents theirs
                join access_request_documents ours using (account_id, document_id)
                where theirs.account_id = r.account_id and theirs.access_request_id = r.id
                    and ours.access_request_id = %(id)s)
        order by r.id
        for update of r
        """,
        grant_id=request.grant_id,
        id=request.id,
    )


async def mailed_by(tx: Tx, events: list[str]) -> list[AccessRequest]:
    """The requests whose documents went out by these mails and that nothing has happened to after."""
    return await tx.all(
        AccessRequest,
        f"""
        select {REQUEST} from access_requests r
        where r.account_id = %(account_id)s and r.mail_event = any (%(events)s)
            and r.status in ('APPROVED', 'AUTO_APPROVED', 'FILES_SENT')
        order by r.id
        """,
        events=events,
    )


async def waiting(tx: Tx, created_before: datetime, nags_below: int, most: int) -> list[AccessRequest]:
    """Some of the requests that have waited for a reviewer since then and that the team was not often nagged about,
    locked; those first that it was not nagged about at all."""
    return await tx.all(
        AccessRequest,
        f"""
        select {REQUEST} from access_requests r
        where r.account_id = %(account_id)s and r.status = 'PENDING' and r.created_at <= %(created_before)s
            and r.nags < %(nags_below)s
        order by r.nags, r.id limit %(most)s
        for update of r skip locked
        """,
        created_before=created_before,
        nags_below=nags_below,
        most=most,
    )


async def last_approval(tx: Tx, workspace_id: int, email: str) -> datetime | None:
    """When a request of this person was approved last, by whomever or whatever."""
    found: datetime | None = await tx.value(
        """
        select max(s.created_at) from access_requests r
        join access_request_statuses s on s.account_id = r.account_id and s.access_request_id = r.id
        where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s and r.email = %(email)s
            and s.status in ('APPROVED', 'AUTO_APPROVED')
        """,
        workspace_id=workspace_id,
        email=email,
    )
    return found


async def insert_documents(tx: Tx, request_id: int, document_ids: list[int]) -> list[int]:
    """Adds documents to a request; the ids of those that it did not have."""
    found = await tx.all(
        Found,
        """
        insert into access_request_documents (account_id, access_request_id, document_id, created_at)
        select %(account_id)s, %(request_id)s, id, %(now)s from unnest(%(document_ids)s::integer[]) as given (id)
        on conflict do nothing
        returning document_id as id
        """,
        request_id=request_id,
        document_ids=document_ids,
        now=tx.now,
    )
    return [each.id for each in found]


async def decide_documents(tx: Tx, request_id: int, *, approved: bool) -> None:
    """Writes down when the documents of a request were given or refused."""
    await tx.run(
        """
        update access_request_documents
        set approved_at = case when %(approved)s then %(now)s::timestamptz end,
            denied_at = case when not %(approved)s then %(now)s::timestamptz end
        where account_id = %(account_id)s and access_request_id = %(request_id)s
        """,
        request_id=request_id,
        approved=approved,
        now=tx.now,
    )


async def documents_of(tx: Tx, request_id: int) -> list[RequestedDocument]:
    """The documents of a request, those that were deleted since included."""
    return await tx.all(
        RequestedDocument,
        """
        select d.id, d.name, d.type, d.version, case when d.deleted_at is null then d.file_id end as file_id,
            d.visibility, d.created_at, asked.approved_at, asked.denied_at
        from access_request_documents asked
        join trust_documents d on d.account_id = asked.account_id and d.id = asked.document_id
        where asked.account_id = %(account_id)s and asked.access_request_id = %(request_id)s
        order by asked.created_at, d.id
        """,
        request_id=request_id,
    )


async def insert_status(
    tx: Tx, request: AccessRequest, source: str, user_name: str | None, user_id: int | None
) -> None:
    """Adds the status that a request has now to its history."""
    await tx.run(
        """
        insert into access_request_statuses
            (account_id, access_request_id, status, source, user_name, user_id, created_at)
        values (%(account_id)s, %(request_id)s, %(status)s, %(source)s, %(user_name)s, %(user_id)s, %(now)s)
        """,
        request_id=request.id,
        status=request.status.value,
        source=source,
        user_name=user_name,
        user_id=user_id,
        now=tx.now,
    )


async def statuses_of(tx: Tx, request_id: int) -> list[StatusChange]:
    """The history of a request, the oldest first."""
    return await tx.all(
        StatusChange,
        """
        select status, source, user_name, created_at from access_request_statuses
        where account_id = %(account_id)s and access_request_id = %(request_id)s
        order by id
        """,
        request_id=request_id,
    )


async def page(tx: Tx, part: Slice, status: Status | None, q: str) -> list[AccessRequest]:
    """A page of the requests of one status, or of all that were decided, that contain `q`."""
    if not q:
        return await tx.page(AccessRequest, _listed(status), part, key="r.id", **_search(status, q))
    found = {"descending": part.descending, "most": part.limit, "skipped": part.offset, **_search(status, q)}
    return await tx.page(AccessRequest, LISTED + FOUND, replace(part, offset=0), key="r.id", **found)


async def count(tx: Tx, status: Status | None, q: str) -> int:
    """How many they are."""
    if not q:
        return await tx.count(_listed(status), **_search(status, q))
    return int(await tx.value(f"select count_access_requests_like({SOUGHT})", **_search(status, q)))


def _listed(status: Status | None) -> str:
    return LISTED + (OF_STATUS if status else DECIDED)


def _search(status: Status | None, q: str) -> dict[str, object]:
    literal = q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"status": status.value if status else None, "q": q, "pattern": f"%{literal}%"}


async def managers(tx: Tx, role: str) -> list[str]:
    """The addresses of the active users of a role, those first who came first."""
    found = await tx.all(
        Address,
        """
        select email from users
        where account_id = %(account_id)s and deactivated_at is null and %(role)s = any (roles)
        order by id
        """,
        role=role,
    )
    return [each.email for each in found]


async def has_notice(tx: Tx, grant_id: int, ends_at: datetime, days: int) -> bool:
    """Whether somebody was told of an end so many days ahead."""
    text = """
        select exists (
            select from ending_notices
            where account_id = %(account_id)s and grant_id = %(grant_id)s and ends_at = %(ends_at)s
                and days = %(days)s)
    """
    return bool(await tx.value(text, grant_id=grant_id, ends_at=ends_at, days=days))


async def insert_notice(tx: Tx, grant_id: int, ends_at: datetime, days: int) -> None:
    """Notes that somebody is told of an end so many days ahead."""
    await tx.run(
        """
        insert into ending_notices (account_id, grant_id, ends_at, days, created_at)
        values (%(account_id)s, %(grant_id)s, %(ends_at)s, %(days)s, %(now)s)
        """,
        grant_id=grant_id,
        ends_at=ends_at,
        days=days,
        now=tx.now,
    )


async def crm_account(tx: Tx, workspace_id: int, email: str, domain: str) -> CrmAccount | None:
    """What the table says of an address, and where it says nothing of that, of its domain."""
    return await tx.one(
        CrmAccount,
        """
        select domain, email, name, relationship_ok, nda_on_file from crm_accounts
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
            and (email = %(email)s or (email is null and domain = %(domain)s))
        order by email is null, id
        limit 1
        """,
        workspace_id=workspace_id,
        email=email,
        domain=domain,
    )


async def crm_accounts(tx: Tx, workspace_id: int) -> list[CrmAccount]:
    """The whole table of a workspace, in the order in which it was given."""
    return await tx.all(
        CrmAccount,
        """
        select domain, email, name, relationship_ok, nda_on_file from crm_accounts
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
        order by id
        """,
        workspace_id=workspace_id,
    )


async def delete_crm_accounts(tx: Tx, workspace_id: int) -> None:
    """Empties the table of a workspace."""
    await tx.run(
        "delete from crm_accounts where account_id = %(account_id)s and workspace_id = %(workspace_id)s",
        workspace_id=workspace_id,
    )


async def insert_crm_accounts(tx: Tx, workspace_id: int, accounts: list[dict[str, Any]]) -> None:
    """Adds rows to the table of a workspace."""
    await tx.run(
        """
        insert into crm_accounts
            (account_id, workspace_id, domain, email, name, relationship_ok, nda_on_file, created_at)
        select %(account_id)s, %(workspace_id)s, domain, email, name, relationship_ok, nda_on_file, %(now)s
        from jsonb_to_recordset(%(accounts)s)
            as given (domain text, email text, name text, relationship_ok boolean, nda_on_file boolean)
        """,
        workspace_id=workspace_id,
        accounts=Jsonb(accounts),
        now=tx.now,
    )
