create table connections (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    provider_type text not null,
    client_alias text,
    description text,
    created_by_id integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id)
);
create index connections_by_creation on connections (account_id, created_at, id) where deleted_at is null;
create index connections_by_update on connections (account_id, updated_at, id) where deleted_at is null;
call protect_tenant('connections', 'select, insert, update');

create table connection_workspaces (
    account_id bigint not null,
    connection_id integer not null,
    workspace_id integer not null,
    primary key (account_id, connection_id, workspace_id),
    foreign key (account_id, connection_id) references connections,
    foreign key (account_id, workspace_id) references workspaces
);
call protect_tenant('connection_workspaces', 'select, insert');

-- A dataset is the rows of one session, or the direct uploads before any session. A resource points at its live one.
create sequence dataset_ids;
grant usage on sequence dataset_ids to trustwright_app;

create table resources (
    account_id bigint not null,
    id integer generated always as identity,
    connection_id integer not null,
    name text not null,
    description text,
    -- json, not jsonb: the schema is kept as it was given.
    schema json not null,
    display_name_key text not null,
    live_dataset_id bigint not null default nextval('dataset_ids'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, connection_id) references connections
);
create index resources_of_connection on resources (account_id, connection_id);
call protect_tenant('resources', 'select, insert, update');

create table sessions (
    account_id bigint not null,
    id integer generated always as identity,
    resource_id integer not null,
    session_id text not null,
    status text not null default 'IN_PROGRESS',
    -- null once the rows are dropped: nobody can reach them while a job removes them.
    dataset_id bigint default nextval('dataset_ids'),
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    activated_at timestamptz,
    canceled_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, resource_id) references resources
);
create unique index one_open_session on sessions (account_id, resource_id) where status = 'IN_PROGRESS';
create unique index one_active_session on sessions (account_id, resource_id) where status = 'ACTIVE';
create index sessions_by_name on sessions (account_id, resource_id, session_id, id);
create index sessions_by_creation on sessions (account_id, resource_id, created_at, id);
create index sessions_by_update on sessions (account_id, resource_id, updated_at, id);
call protect_tenant('sessions', 'select, insert, update');

-- No foreign keys here: a key check a row is what makes a million rows slow, and the dataset comes from a locked resource.
-- One value a batch: its rows take the numbers up to the next. To ask for each row would have uploads queue for it.
create sequence record_positions increment by 1000000;
grant usage on sequence record_positions to trustwright_app;

create table records (
    account_id bigint not null,
    dataset_id bigint not null,
    record_id text collate "C" not null,
    position bigint not null,
    attributes jsonb not null,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    primary key (account_id, dataset_id, record_id)
);
create index records_by_creation on records (account_id, dataset_id, created_at, position);
create index records_by_update on records (account_id, dataset_id, updated_at, position);
call protect_tenant('records', 'select, insert, update, delete');

-- A resource as it stays until the transaction ends: uploads share the lock, what exchanges the live dataset has it alone.
-- The row is read by a statement that begins when the lock is held, so it is never older than the lock.
create function resource_under_lock(account bigint, connection integer, resource integer, exclusive boolean)
returns setof resources
language plpgsql
as $$
begin
    if exclusive then
        perform pg_advisory_xact_lock(account::integer, resource);
    else
        perform pg_advisory_xact_lock_shared(account::integer, resource);
    end if;
    return query
        select * from resources
        where account_id = account and id = resource and connection_id = connection and deleted_at is null;
end
$$;

-- Stores a batch, two JSON lists of one length, and returns the records that were there before.
--
-- To look for a conflict costs a quarter of an insert, and most uploads bring new records: so they are inserted first,
-- and only when one of them is known the batch is gone over again. The rows go in by id, so that two batches that share
-- ids wait for each other and never lock each other out; their positions keep the order in which they came.
create function upsert_records(account bigint, dataset bigint, ids jsonb, items jsonb, moment timestamptz)
returns table (record_id text, created_at timestamptz)
language plpgsql
as $$
#variable_conflict use_column
declare
    first_position bigint := nextval('record_positions');
begin
    begin
        insert into records (account_id, dataset_id, record_id, position, attributes, created_at, updated_at)
        select account, dataset, arrived.id, arrived.position, arrived.attributes, moment, moment
        from (
            select batch.id, batch.attributes, first_position + batch.place as position
            from rows from (jsonb_array_elements_text(ids), jsonb_array_elements(items))
                with ordinality as batch (id, attributes, place)
        ) arrived
        order by arrived.id;
        return;
    exception when unique_violation then
        null;
    end;
    return query
        with stored as (
            insert into records (account_id, dataset_id, record_id, position, attributes, created_at, updated_at)
            select account, dataset, arrived.id, arrived.position, arrived.attributes, moment, moment
            from (
                select batch.id, batch.attributes, first_position + batch.place as position
                from rows from (jsonb_array_elements_text(ids), jsonb_array_elements(items))
                    with ordinality as batch (id, attributes, place)
            ) arrived
            order by arrived.id
            on conflict (account_id, dataset_id, record_id)
                do update set attributes = excluded.attributes, updated_at = excluded.updated_at
            returning record_id, created_at, xmax <> 0 as existed
        )
        select stored.record_id, stored.created_at from stored where stored.existed;
end
$$;
