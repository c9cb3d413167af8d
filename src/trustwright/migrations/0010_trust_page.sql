create table trust_controls (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    category text not null,
    place integer not null,
    code text not null,
    name text not null,
    description text not null default '',
    is_published boolean not null default true,
    is_status_displayed boolean not null default true,
    -- A test of it exists, which is to be run every so many days; null without a test.
    interval_days double precision,
    -- What the last test, or the last look at its evidence, said.
    is_passing boolean,
    checked_at timestamptz,
    failing_since timestamptz,
    -- Until when documented evidence counts for a control without a test.
    evidence_until timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    archived_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create unique index one_trust_control_a_code on trust_controls (account_id, workspace_id, code)
    where archived_at is null;
call protect_tenant('trust_controls', 'select, insert, update');

-- The other sections of the page: each row one entry of the kind that `content` is.
create table trust_items (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    kind text not null,
    place integer not null,
    is_published boolean not null default true,
    content jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create index trust_items_of_kind on trust_items (account_id, workspace_id, kind, place, id) where deleted_at is null;
call protect_tenant('trust_items', 'select, insert, update');
