"""SQL of the reports. Each is one statement, whose rows are read while they are sent; those of the other domains of the
trust center are what it reads."""

from collections.abc import AsyncGenerator

from trustwright.db import Tx
from trustwright.trust_reports.model import ROWS, ReportType, Row, Span

# Two spans side by side: the one asked for, and the one of the same length before it. A span that goes on is counted
# until now.
SUMMARY = """
    with span (is_asked, began, ended) as (
        values (true, %(start)s::timestamptz, %(end)s::timestamptz),
            (false, %(start)s::timestamptz - (%(end)s::timestamptz - %(start)s::timestamptz), %(start)s::timestamptz)
    ), kept as (
        -- For both spans at once, since they may be very many.
        select count(*) filter (where created_at < now.moment and ended_at > now.moment) as active_now,
            count(*) filter (where created_at < now.moment and ended_at > now.moment
                and expires_at <= now.moment + interval '30 days') as ending_now,
            count(*) filter (where created_at < before.moment) as active_before,
            count(*) filter (where created_at < before.moment
                and expires_at <= before.moment + interval '30 days') as ending_before
        from (select least(%(end)s::timestamptz, %(now)s::timestamptz) as moment) now
        cross join (select least(%(start)s::timestamptz, %(now)s::timestamptz) as moment) before
        join grants on account_id = %(account_id)s and workspace_id = %(workspace_id)s and ended_at > before.moment
    ), measured as (
        select span.is_asked, metrics.*
        from span
        cross join lateral (
            select count(*) filter (where action = 'PAGE_VIEW') as page_views,
                count(distinct visitor) filter (where action = 'PAGE_VIEW') as unique_visitors,
                count(*) filter (where action = 'VIEW') as views,
                count(*) filter (where action = 'DOWNLOAD') as downloads
            from access_log
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
                and created_at >= began and created_at < ended
        ) looked
        cross join lateral (
            select count(*) as total, count(distinct split_part(email, '@', -1)) as domains,
                count(*) filter (where not exists (
                    select from access_request_statuses s
                    where s.account_id = r.account_id and s.access_request_id = r.id
                        and s.status <> 'PENDING' and s.created_at < ended)) as pending
            from access_requests r
            where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
                and r.created_at >= began and r.created_at < ended
        ) asked
        cross join lateral (
            select count(distinct r.id) filter (where s.status = 'APPROVED') as approved,
                count(distinct r.id) filter (where s.status = 'AUTO_APPROVED') as auto_approved,
                count(distinct r.id) filter (where s.status = 'DENIED') as denied,
                count(distinct r.id) filter (where s.status = 'REVOKED') as revoked,
                count(distinct r.id) filter (where s.status = 'NDA_SENT') as sent,
                count(distinct r.id) filter (where s.status = 'NDA_SIGNED') as signed,
                count(distinct r.id) filter (where s.status = 'NDA_SENT' and exists (
                    select from access_request_statuses later
                    where later.account_id = s.account_id and later.access_request_id = s.access_request_id
                        and later.status = 'NDA_SIGNED')) as sent_and_signed
            from access_request_statuses s
            join access_requests r on r.account_id = s.account_id and r.id = s.access_request_id
            where s.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
                and s.status in ('APPROVED', 'AUTO_APPROVED', 'DENIED', 'REVOKED', 'NDA_SENT', 'NDA_SIGNED')
                and s.created_at >= began and s.created_at < ended
        ) reached
        cross join lateral (
            select percentile_cont(array[0.5, 0.9]) within group (
                order by extract(epoch from reviewed_at - created_at)::double precision / 3600) as hours
            from access_requests
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
                and reviewed_at >= began and reviewed_at < ended
        ) waited
        cross join lateral (
            select case when is_asked then active_now else active_before end as active,
                case when is_asked then ending_now else ending_before end as ending
            from kept
        ) held
        cross join lateral (
            select count(*) as subscribers from trust_subscribers
            where account_id = %(account_id)s and workspace_id = %(workspace_id)s
                and confirmed_at >= began and confirmed_at < ended
        ) joined
        cross join lateral (
            values (1, 'page_views', looked.page_views::numeric),
                (2, 'unique_visitors', looked.unique_visitors),
                (3, 'requests_total', asked.total),
                (4, 'requests_pending', asked.pending),
                (5, 'requests_approved', reached.approved),
                (6, 'requests_auto_approved', reached.auto_approved),
                (7, 'requests_denied', reached.denied),
                (8, 'requests_revoked', reached.revoked),
                (9, 'auto_approval_rate', round(reached.auto_approved::numeric
                    / nullif(reached.approved + reached.auto_approved + reached.denied, 0), 4)),
                (10, 'median_hours_to_decision', round(waited.hours[1]::numeric, 2)),
                (11, 'p90_hours_to_decision', round(waited.hours[2]::numeric, 2)),
                (12, 'nda_sent', reached.sent),
                (13, 'nda_signed', reached.signed),
                (14, 'nda_sign_rate', round(reached.sent_and_signed::numeric / nullif(reached.sent, 0), 4)),
                (15, 'active_grants_at_end', held.active),
                (16, 'grants_expiring_30d', held.ending),
                (17, 'document_views', looked.views),
                (18, 'document_downloads', looked.downloads),
                (19, 'unique_domains', asked.domains),
                (20, 'new_subscribers', joined.subscribers)
        ) metrics (place, metric, value)
    )
    select now.metric, now.value, before.value as previous_period_value,
        round((now.value - before.value) / nullif(before.value, 0) * 100, 2) as change_pct
    from measured now join measured before using (place)
    where now.is_asked and not before.is_asked
    order by place
"""

# Looked up row by row, by the indexes that exist: so the first rows come at once, and nothing is kept for the others.
REQUESTS = """
    select r.request_id, r.created_at, r.first_name, r.last_name, r.email, split_part(r.email, '@', -1) as domain,
        r.company, asked.documents, asked.document_count, r.flow_type, r.status, r.is_auto_approved,
        r.auto_approve_type, r.managed_by, r.reviewed_at,
        round(extract(epoch from r.reviewed_at - r.created_at) / 3600, 2) as hours_to_decision,
        reached.nda_sent_at, reached.nda_signed_at, reached.files_sent_at,
        case when g.id is null then r.expires_at else g.expires_at end as expiration_date,
        least(opened.first_at, looked.first_at) as first_opened_at,
        greatest(opened.last_at, looked.last_at) as last_opened_at,
        looked.views, looked.downloads
    from access_requests r
    left join grants g on g.account_id = r.account_id and g.id = r.grant_id
    cross join lateral (
        select string_agg(d.name, '; ' order by d.name, d.id) as documents, count(*) as document_count
        from access_request_documents a
        join trust_documents d on d.account_id = a.account_id and d.id = a.document_id
        where a.account_id = r.account_id and a.access_request_id = r.id
    ) asked
    cross join lateral (
        select min(s.created_at) filter (where s.status in ('APPROVED', 'AUTO_APPROVED')) as approved_at,
            max(s.created_at) filter (where s.status = 'NDA_SENT') as nda_sent_at,
            max(s.created_at) filter (where s.status = 'NDA_SIGNED') as nda_signed_at,
            max(s.created_at) filter (where s.status = 'FILES_SENT') as files_sent_at
        from access_request_statuses s
        where s.account_id = r.account_id and s.access_request_id = r.id
    ) reached
    cross join lateral (
        select min(l.created_at) as first_at, max(l.created_at) as last_at,
            count(*) filter (where l.action = 'VIEW') as views,
            count(*) filter (where l.action = 'DOWNLOAD') as downloads
        from access_log l
        where l.account_id = r.account_id and l.request_id = r.request_id
    ) looked
    -- The link opens the grant, which may hold what other requests asked for; before this one it was not its link.
    cross join lateral (
        select min(l.created_at) as first_at, max(l.created_at) as last_at
        from access_log l
        where l.account_id = r.account_id and l.grant_id = r.grant_id
            and l.action = 'OPEN' and l.created_at >= reached.approved_at
    ) opened
    where r.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
        and r.created_at >= %(start)s and r.created_at < %(end)s
    order by r.created_at, r.id
"""

# What was approved counts by when that was, whatever became of it afterwards.
APPROVED = """
    with approved as (
        select r.id, r.email, split_part(r.email, '@', -1) as domain, r.first_name, r.last_name, r.company, s.status,
            s.created_at as moment, d.document_id
        from access_request_statuses s
        join access_requests r on r.account_id = s.account_id and r.id = s.access_request_id
        left join access_request_documents d
            on d.account_id = r.account_id and d.access_request_id = r.id and d.approved_at is not null
        where s.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
            and s.status in ('APPROVED', 'AUTO_APPROVED')
            and s.created_at >= %(start)s and s.created_at < %(end)s
    )
"""

DOMAINS = (
    APPROVED
    + """
    , counted as (
        select domain,
            count(distinct id) filter (where status = 'APPROVED') as approved_requests,
            count(distinct id) filter (where status = 'AUTO_APPROVED') as auto_approved_requests,
            count(distinct email) as distinct_people, count(distinct document_id) as distinct_documents,
            min(moment) as first_approved_at, max(moment) as last_approved_at
        from approved
        group by domain
    )
    select counted.*, held.active_grants, p.id is not null as is_preapproved_domain
    from counted
    cross join lateral (
        select count(*) as active_grants
        from grants
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
            and domain = counted.domain and revoked_at is null
            and expired_at is null and (expires_at is null or expires_at > %(now)s)
    ) held
    left join preapproved p on p.account_id = %(account_id)s and p.workspace_id = %(workspace_id)s
        and p.kind = 'DOMAIN' and p.name = domain and p.deleted_at is null
    order by domain
"""
)

EMAILS = (
    APPROVED
    + """
    , counted as (
        select email, (array_agg(first_name order by moment desc, id desc))[1] as first_name,
            (array_agg(last_name order by moment desc, id desc))[1] as last_name,
            (array_agg(company order by moment desc, id desc))[1] as company, min(domain) as domain,
            count(distinct id) filter (where status = 'APPROVED') as approved_requests,
            count(distinct id) filter (where status = 'AUTO_APPROVED') as auto_approved_requests,
            count(distinct document_id) as distinct_documents, max(moment) as last_approved_at
        from approved
        group by email
    )
    select counted.*, held.expiration_date, held.access_state, p.id is not null as is_preapproved_email
    from counted
    left join lateral (
        select expires_at as expiration_date,
            case when revoked_at is not null then 'REVOKED'
                when expired_at is not null or expires_at <= %(now)s then 'EXPIRED'
                else 'ACTIVE' end as access_state
        from grants
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s and email = counted.email
        order by id desc limit 1
    ) held on true
    left join preapproved p on p.account_id = %(account_id)s and p.workspace_id = %(workspace_id)s
        and p.kind = 'ADDRESS' and p.name = email and p.deleted_at is null
    order by email
"""
)

DOCUMENTS = """
    with asked as (
        select a.document_id, count(*) as times_requested, count(a.approved_at) as times_approved,
            count(a.denied_at) as times_denied, count(distinct r.email) as distinct_requesters,
            count(distinct split_part(r.email, '@', -1)) as distinct_domains, max(a.created_at) as last_requested_at
        from access_request_documents a
        join access_requests r on r.account_id = a.account_id and r.id = a.access_request_id
        where a.account_id = %(account_id)s and r.workspace_id = %(workspace_id)s
            and a.created_at >= %(start)s and a.created_at < %(end)s
        group by a.document_id
    ), looked as (
        select document_id, count(*) filter (where action = 'VIEW') as views,
            count(*) filter (where action = 'DOWNLOAD') as downloads
        from access_log
        where account_id = %(account_id)s and workspace_id = %(workspace_id)s
            and created_at >= %(start)s and created_at < %(end)s
        group by document_id
    )
    select d.name as file_name, d.type as document_type, d.id as document_id, d.version as current_version,
        asked.times_requested, asked.times_approved, asked.times_denied, asked.distinct_requesters,
        asked.distinct_domains, coalesce(looked.views, 0) as views, coalesce(looked.downloads, 0) as downloads,
        asked.last_requested_at
    from asked
    join trust_documents d on d.account_id = %(account_id)s and d.id = asked.document_id
    left join looked on looked.document_id = asked.document_id
    order by asked.times_requested desc, d.name, d.id
"""

# None for PRO_REVENUE_INFLUENCED: no CRM tells of its opportunities.
STATEMENTS = {
    ReportType.SUMMARY: SUMMARY,
    ReportType.ACCESS_REQUESTS_LIST: REQUESTS,
    ReportType.ACCESS_REQUESTS_APPROVED_DOMAINS: DOMAINS,
    ReportType.ACCESS_REQUESTS_APPROVED_EMAILS: EMAILS,
    ReportType.DOCUMENT_REQUESTS_FILE_NAME: DOCUMENTS,
}


def rows(tx: Tx, type_: ReportType, workspace_id: int, asked: Span) -> AsyncGenerator[Row, None]:
    """The rows of a report that has a statement. Close it before its transaction ends: what reads by a cursor of the
    server must not do so later, in the transaction of somebody else."""
    return tx.stream(
        ROWS[type_],
        STATEMENTS[type_],
        workspace_id=workspace_id,
        start=asked.start,
        end=asked.end,
        now=tx.now,
    )
