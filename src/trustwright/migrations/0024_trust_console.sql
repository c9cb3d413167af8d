-- How the console lists requests for access: those of one workspace, of one status or of all, by age or by address.
create index access_requests_of_workspace_by_status
    on access_requests (account_id, workspace_id, status, created_at, id);
create index access_requests_of_workspace_by_address
    on access_requests (account_id, workspace_id, email, id);
create index access_requests_of_workspace_by_status_and_address
    on access_requests (account_id, workspace_id, status, email, id);

-- As access_requests_like, in one workspace; `wanted` null means whatever status.
create function access_requests_of_workspace_like(
    workspace integer, pattern text, grams text[], wanted text, sorted text, descending boolean, most integer,
    skipped integer) returns setof integer
language plpgsql stable rows 50 security definer set search_path = public, pg_temp
as $$
begin
    return query execute format(
        'select id from access_requests
        where account_id = current_setting(''trustwright.account_id'')::bigint and workspace_id = $1
            and search like $2 and search_grams @> $3 and %1$s
        order by %2$s %3$s, id %3$s limit $5 offset $6',
        case when wanted is null then 'true' else 'status = $4' end,
        case when sorted = 'email' then 'email' else 'created_at' end,
        case when descending then 'desc' else 'asc' end)
        using workspace, pattern, grams, wanted, most, skipped;
end
$$;

-- Who agreed to an agreement, the newest first, and by the beginning of an address.
create index nda_acceptances_by_time on nda_acceptances (account_id, workspace_id, accepted_at, id);
create index nda_acceptances_by_address
    on nda_acceptances (account_id, workspace_id, email text_pattern_ops, accepted_at);

-- The last visits under a grant.
drop index access_log_of_grant;
create index access_log_of_grant on access_log (account_id, grant_id, created_at, id);
