-- What the reports ask of one span of time, however much lies outside of it.
create index access_request_documents_by_time
    on access_request_documents (account_id, created_at) include (document_id, approved_at, denied_at);
create index access_requests_by_review
    on access_requests (account_id, workspace_id, reviewed_at) include (created_at) where reviewed_at is not null;

-- The grants of some addresses and domains, and how many hold at a moment.
alter table grants
    add domain text not null generated always as (split_part(email, '@', -1)) stored,
    add ended_at timestamptz not null
        generated always as (
            coalesce(least(expires_at, revoked_at, expired_at), timestamptz '9999-12-31 00:00:00+00')) stored;
create index grants_of_address on grants (account_id, workspace_id, email, id);
create index live_grants_of_domain on grants (account_id, workspace_id, domain)
    where revoked_at is null and expired_at is null;
create index grants_by_end on grants (account_id, workspace_id, ended_at) include (created_at, expires_at);
