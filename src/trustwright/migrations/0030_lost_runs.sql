-- Runs of all accounts that go on for too long: their process died.
create function lost_runs(begun_before timestamptz) returns table (account_id bigint, run_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$
    select account_id, id from monitor_runs where finished_at is null and created_at < begun_before
$$;
