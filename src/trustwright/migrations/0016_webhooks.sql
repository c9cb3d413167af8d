-- Where news go. `nonce` makes the secret together with the key of the server, and `secret_sha256` tells whether it
-- still does: what stands here is not enough to sign anything.
create table webhooks (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    url text not null,
    description text,
    is_enabled boolean not null,
    -- Why the service itself disabled it.
    disabled_message text,
    nonce bytea not null,
    secret_sha256 bytea not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id)
);
create index webhooks_by_creation on webhooks (account_id, created_at, id) where deleted_at is null;
create index webhooks_by_update on webhooks (account_id, updated_at, id) where deleted_at is null;
call protect_tenant('webhooks', 'select, insert, update');

-- One row a webhook and piece of news. `body` is sent as it stands here. A delivery made anew keeps `message_id`.
create table webhook_deliveries (
    account_id bigint not null,
    id integer generated always as identity,
    webhook_id integer not null,
    message_id uuid not null,
    kind text not null,
    body text not null,
    state text not null default 'QUEUED',
    attempts integer not null default 0,
    -- When a waiting delivery is to be tried next; one long overdue has lost its job.
    due_at timestamptz not null,
    -- Until then an attempt may be under way. One that was killed lets go by itself.
    leased_until timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    finished_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, webhook_id) references webhooks
);
create index deliveries_by_creation on webhook_deliveries (account_id, webhook_id, created_at, id);
create index deliveries_by_update on webhook_deliveries (account_id, webhook_id, updated_at, id);
create index deliveries_waiting on webhook_deliveries (account_id, due_at) where state = 'QUEUED';
call protect_tenant('webhook_deliveries', 'select, insert, update');

create table webhook_attempts (
    account_id bigint not null,
    delivery_id integer not null,
    number integer not null,
    attempted_at timestamptz not null,
    -- null where no answer came.
    http_status integer,
    error text,
    answer text not null,
    milliseconds integer not null,
    primary key (account_id, delivery_id, number),
    foreign key (account_id, delivery_id) references webhook_deliveries
);
call protect_tenant('webhook_attempts', 'select, insert');

-- The job that looks for lost work asks once, not once an account.
create function accounts_with_forgotten_deliveries() returns table (account_id bigint)
language sql stable security definer set search_path = public, pg_temp
as $$
    select distinct account_id from webhook_deliveries
    where state = 'QUEUED' and due_at < now() - interval '2 minutes'
        and (leased_until is null or leased_until < now())
$$;
