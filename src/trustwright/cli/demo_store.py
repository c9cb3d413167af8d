"""SQL that gives the demo account a past, which no action can give today."""

from msgspec import Struct, to_builtins
from psycopg.types.json import Jsonb

from trustwright.db import Tx

DAYS = 29


class PastVisitor(Struct, frozen=True):
    """Who asked so many days ago, was decided on after so many hours, and in the way of whom."""

    days: int
    hours: float
    email: str
    first_name: str
    last_name: str
    company: str
    like: str


async def backdate_monitors(tx: Tx) -> None:
    """Has them exist since before their first run. What fails now has failed for a few days, each for others."""
    await tx.run(
        """
        update monitors
        set created_at = created_at - interval '30 days',
            failed_since = failed_since - (3 + id %% 4 * 5) * interval '1 day',
            last_passed_at = coalesce(last_passed_at, failed_since - (4 + id %% 4 * 5) * interval '1 day')
        where account_id = %(account_id)s
        """
    )


async def add_past_runs(tx: Tx) -> None:
    """A run of each monitor on each of the days before: as today's since it fails, and before that without failures."""
    await tx.run(
        """
        insert into monitor_runs (account_id, monitor_id, version, cause, status, now_at, evaluated, passed, failed,
            excluded, out_of_scope, out_of_scope_missing, groups, created_at, updated_at, finished_at)
        select r.account_id, r.monitor_id, r.version, 'SCHEDULE', case when held.fails then 'FAILED' else 'PASSED' end,
            held.moment, r.evaluated, case when held.fails then r.passed else r.evaluated end,
            case when held.fails then r.failed else 0 end, r.excluded, r.out_of_scope, r.out_of_scope_missing,
            case when held.fails then r.groups else held.groups end, held.moment, held.moment, held.moment
        from monitors m
        join monitor_runs r on r.account_id = m.account_id and r.id = m.last_run_id
        cross join generate_series(1, %(days)s) as ago
        cross join lateral (
            select r.created_at - ago * interval '1 day' as moment,
                coalesce(m.failed_since <= r.created_at - ago * interval '1 day', false) as fails,
                (
                    select jsonb_agg(each || '{"failed": 0, "status": "PASSED"}' order by place)
                    from jsonb_array_elements(r.groups) with ordinality as groups (each, place)
                ) as groups
        ) held
        where m.account_id = %(account_id)s
        order by ago desc, m.id
        """,
        days=DAYS,
    )


async def add_past_failures(tx: Tx) -> None:
    """What failed today, for each of those runs that failed too."""
    await tx.run(
        """
        insert into monitor_failures (account_id, run_id, position, group_number, target_id, target_name, is_excluded,
            tags, cause)
        select f.account_id, past.id, f.position, f.group_number, f.target_id, f.target_name, f.is_excluded, f.tags,
            f.cause
        from monitors m
        join monitor_failures f on f.account_id = m.account_id and f.run_id = m.last_run_id
        join monitor_runs past on past.account_id = m.account_id and past.monitor_id = m.id and past.id <> m.last_run_id
        where m.account_id = %(account_id)s and (past.status = 'FAILED' or f.is_excluded)
        """
    )


async def add_past_requests(tx: Tx, visitors: list[PastVisitor]) -> None:
    """Requests of earlier weeks, the grants of those that were approved, and how each status came about."""
    values = {"visitors": Jsonb(to_builtins(visitors)), "now": tx.now}
    await tx.run(GRANTS, **values)
    await tx.run(REQUESTS, **values)
    await tx.run(STATUSES, **values)
    await tx.run(DOCUMENTS, **values)
    await tx.run(LOOKS, **values)


# Each with the request of today that it is like.
ASKED = """
    with asked as (
        select v.*, %(now)s::timestamptz - v.days * interval '1 day' as moment,
            %(now)s::timestamptz - v.days * interval '1 day' + v.hours * interval '1 hour' as decided
        from jsonb_to_recordset(%(visitors)s) as v (
            days integer, hours double precision, email text, first_name text, last_name text, company text,
            "like" text)
    )
"""

GRANTS = f"""
    {ASKED}
    insert into grants (account_id, workspace_id, email, name, company, asks_on_new_device, expires_at, created_at,
        updated_at)
    select g.account_id, g.workspace_id, a.email, a.first_name || ' ' || a.last_name, a.company, g.asks_on_new_device,
        g.expires_at - (%(now)s::timestamptz - a.decided), a.decided, a.decided
    from asked a
    join access_requests r on r.account_id = %(account_id)s and r.email = a.like
    join grants g on g.account_id = r.account_id and g.id = r.grant_id
"""

REQUESTS = f"""
    {ASKED}
    insert into access_requests (account_id, workspace_id, email, first_name, last_name, company, flow_type,
        accepts_terms, status, is_auto_approved, is_public, managed_by, reviewed_at, expires_at, expiration_type,
        grant_id, team_told_at, created_at, updated_at)
    select r.account_id, r.workspace_id, a.email, a.first_name, a.last_name, a.company, r.flow_type, true, r.status,
        false, true, r.managed_by, a.decided, g.expires_at, r.expiration_type, g.id, a.moment, a.moment, a.decided
    from asked a
    join access_requests r on r.account_id = %(account_id)s and r.email = a.like
    left join grants g on g.account_id = r.account_id and g.email = a.email
    order by a.moment
"""

# Of a request and of the one that it is like.
PAIRED = f"""
    {ASKED}, paired as (
        select made.account_id, made.id, made.request_id, made.workspace_id, made.grant_id, made.email,
            model.id as model_id, a.moment, a.decided
        from asked a
        join access_requests made on made.account_id = %(account_id)s and made.email = a.email
        join access_requests model on model.account_id = made.account_id and model.email = a.like
    )
"""

STATUSES = f"""
    {PAIRED}
    insert into access_request_statuses (account_id, access_request_id, status, source, user_name, user_id, created_at)
    select p.account_id, p.id, s.status, s.source, s.user_name, s.user_id,
        case s.status when 'PENDING' then p.moment else p.decided end
    from paired p
    join access_request_statuses s on s.account_id = p.account_id and s.access_request_id = p.model_id
    order by p.moment, s.id
"""

DOCUMENTS = f"""
    {PAIRED}, given as (
        insert into grant_documents (account_id, grant_id, document_id, request_id, created_at)
        select p.account_id, p.grant_id, d.document_id, p.request_id, p.decided
        from paired p
        join access_request_documents d on d.account_id = p.account_id and d.access_request_id = p.model_id
        where p.grant_id is not null
    )
    insert into access_request_documents (account_id, access_request_id, document_id, approved_at, denied_at,
        created_at)
    select p.account_id, p.id, d.document_id, case when d.approved_at is not null then p.decided end,
        case when d.denied_at is not null then p.decided end, p.moment
    from paired p
    join access_request_documents d on d.account_id = p.account_id and d.access_request_id = p.model_id
"""

# Who was let in opened what was given, some twice; and each asked after looking at the page.
LOOKS = f"""
    {PAIRED}
    insert into access_log (account_id, workspace_id, action, document_id, version, grant_id, request_id, email,
        visitor, created_at)
    select p.account_id, p.workspace_id, 'PAGE_VIEW', null, null, null, null, null, md5(p.email), p.moment
    from paired p
    union all
    select p.account_id, p.workspace_id, looked.action, d.id, d.version, p.grant_id, p.request_id, p.email,
        md5(p.email), p.decided + looked.after
    from paired p
    join access_request_documents a on a.account_id = p.account_id and a.access_request_id = p.id
    join trust_documents d on d.account_id = a.account_id and d.id = a.document_id
    cross join (
        values ('VIEW', interval '2 hours'), ('DOWNLOAD', interval '3 hours'), ('VIEW', interval '2 days')
    ) as looked (action, after)
    where p.grant_id is not null
"""
