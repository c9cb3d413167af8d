create table events (
    account_id bigint not null references accounts,
    id uuid not null default gen_random_uuid(),
    seq bigint generated always as identity,
    type text not null,
    category text not null,
    source text not null,
    description text not null,
    request text,
    user_id integer,
    key_id integer,
    connection_id integer,
    workspace_id integer,
    target jsonb not null,
    before jsonb,
    after jsonb,
    status text,
    created_at timestamptz not null default now(),
    primary key (account_id, id)
);
create index events_by_creation on events (account_id, created_at, seq);
-- Append-only: the application may add and read, nothing else.
call protect_tenant('events', 'select, insert');
