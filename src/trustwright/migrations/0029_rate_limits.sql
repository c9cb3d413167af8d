-- How often a key, or an address, has called: the moment until which its calls so far are spread out at its rate. It
-- belongs to no account, for it is asked for before anybody knows whose call it is. What is lost with a crash is a count
-- of seconds, so it need not be logged.
create unlogged table rate_limits (
    -- Such as `key 7` or `address 203.0.113.4`.
    name text primary key,
    busy_until timestamptz not null,
    -- What the last call had to wait; zero for one that passed.
    wait interval not null default '0'
) with (fillfactor = 50);
grant select, insert, update, delete on rate_limits to trustwright_app;

-- What the metrics tell: mails and deliveries that are due, of all accounts, by the indexes of what waits.
create function waiting_deliveries() returns table (mails bigint, webhooks bigint)
language sql stable security definer set search_path = public, pg_temp
as $$
    select (select count(*) from mails where state = 'QUEUED'),
        (select count(*) from webhook_deliveries where state = 'QUEUED')
$$;
