-- The three-letter pieces of a text, by which an index finds what contains another text. Each begins with whose it is,
-- so that a search in one account passes by the texts of all others.
create function trigrams(owner bigint, searched text) returns text[]
language sql immutable parallel safe
as $$
    select coalesce(array_agg(distinct owner::text || '/' || substr(searched, place, 3)), '{}')
    from generate_series(1, length(searched) - 2) place
$$;

-- One submission. What it led to is a grant, which lives on its own.
create table access_requests (
    account_id bigint not null,
    id integer generated always as identity,
    request_id uuid not null default gen_random_uuid(),
    workspace_id integer not null,
    email text not null,
    first_name text not null,
    last_name text not null,
    company text not null,
    flow_type text not null,
    accepts_terms boolean not null,
    status text not null,
    is_auto_approved boolean not null default false,
    auto_approve_type text,
    -- Asked for by a visitor, not by a program with a key.
    is_public boolean not null,
    is_renewal boolean not null default false,
    had_access_before boolean not null default false,
    tracking_id uuid,
    -- What failed after the decision: the signature or the delivery.
    failed_step text,
    managed_by text not null default '',
    reviewed_at timestamptz,
    -- Until when access was decided to last; what holds is the grant's.
    expires_at timestamptz,
    expiration_type text,
    grant_id integer,
    team_told_at timestamptz,
    nags integer not null default 0,
    -- The mail that carries the documents, by its event, and when it was made.
    mail_event text,
    mailed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    search text not null generated always as (
        lower(first_name || ' ' || last_name || E'\n' || email || E'\n' || company)) stored,
    search_grams text[] not null generated always as (
        trigrams(account_id, lower(first_name || ' ' || last_name || E'\n' || email || E'\n' || company))) stored,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers,
    foreign key (account_id, grant_id) references grants
);
create unique index access_requests_by_request_id on access_requests (account_id, request_id);
create unique index one_pending_request on access_requests (account_id, workspace_id, email) where status = 'PENDING';
create index access_requests_by_creation on access_requests (account_id, created_at, id) include (status);
create index access_requests_by_status on access_requests (account_id, status, created_at, id);
create index access_requests_of_workspace on access_requests (account_id, workspace_id, created_at, id);
create index access_requests_of_email on access_requests (account_id, workspace_id, email, created_at);
create index access_requests_of_grant on access_requests (account_id, grant_id);
create unique index access_requests_by_tracking_id on access_requests (account_id, tracking_id);
create index access_requests_by_mail on access_requests (account_id, mail_event) where mail_event is not null;
create index access_requests_by_grams on access_requests using gin (search_grams);
call protect_tenant('access_requests', 'select, insert, update');

-- Row-level security keeps the planner from asking an index anything that might leak before it has seen whose row it
-- is, and to contain a text is such a thing. These two ask for the account first, by themselves. Their statements are
-- planned for what is looked for, each time: what is rare is found by its pieces, what is common in the list's order.
create function access_requests_like(
    pattern text, grams text[], wanted text, descending boolean, most integer, skipped integer) returns setof integer
language plpgsql stable rows 50 security definer set search_path = public, pg_temp
as $$
begin
    return query execute format(
        'select id from access_requests
        where account_id = current_setting(''trustwright.account_id'')::bigint
            and search like $1 and search_grams @> $2 and %1$s
        order by created_at %2$s, id %2$s limit $4 offset $5',
        case when wanted is null then 'status <> ''PENDING''' else 'status = $3' end,
        case when descending then 'desc' else 'asc' end)
        using pattern, grams, wanted, most, skipped;
end
$$;

-- Of what many rows hold the pieces tell nothing, and to look at them costs more than to look at the texts alone.
create function count_access_requests_like(pattern text, grams text[], wanted text) returns bigint
language plpgsql stable security definer set search_path = public, pg_temp
as $$
declare
    many constant integer := 1000;
    counted bigint;
begin
    execute 'select count(*) from (
            select from access_requests
            where account_id = current_setting(''trustwright.account_id'')::bigint and search_grams @> $1 limit $2) few'
        into counted using grams, many;
    execute format(
        'select count(*) from access_requests
        where account_id = current_setting(''trustwright.account_id'')::bigint and search like $1 and %s and %s',
        case when counted < many then 'search_grams @> $2' else 'true' end,
        case when wanted is null then 'status <> ''PENDING''' else 'status = $3' end)
        into counted using pattern, grams, wanted;
    return counted;
end
$$;

create table access_request_documents (
    account_id bigint not null,
    access_request_id integer not null,
    document_id integer not null,
    approved_at timestamptz,
    denied_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (account_id, access_request_id, document_id),
    foreign key (account_id, access_request_id) references access_requests,
    foreign key (account_id, document_id) references trust_documents
);
create index access_request_documents_of_document on access_request_documents (account_id, document_id);
call protect_tenant('access_request_documents', 'select, insert, update');

-- How each status came about; never changed, never removed.
create table access_request_statuses (
    account_id bigint not null,
    id bigint generated always as identity,
    access_request_id integer not null,
    status text not null,
    source text not null,
    user_name text,
    user_id integer,
    created_at timestamptz not null,
    primary key (account_id, id),
    foreign key (account_id, access_request_id) references access_requests,
    foreign key (account_id, user_id) references users
);
create index access_request_statuses_of on access_request_statuses (account_id, access_request_id, id);
create index access_request_statuses_by_time on access_request_statuses (account_id, status, created_at);
call protect_tenant('access_request_statuses', 'select, insert');

-- What a CRM would know: with whom relations are good, and who has an NDA on file.
create table crm_accounts (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    domain text,
    email text,
    name text not null,
    relationship_ok boolean not null,
    nda_on_file boolean not null,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create index crm_accounts_by_email on crm_accounts (account_id, workspace_id, email);
create index crm_accounts_by_domain on crm_accounts (account_id, workspace_id, domain);
call protect_tenant('crm_accounts', 'select, insert, delete');

-- Who was told that access is about to end: once for each end and each number of days ahead.
create table ending_notices (
    account_id bigint not null,
    grant_id integer not null,
    ends_at timestamptz not null,
    days integer not null,
    created_at timestamptz not null,
    primary key (account_id, grant_id, ends_at, days),
    foreign key (account_id, grant_id) references grants
);
call protect_tenant('ending_notices', 'select, insert');
