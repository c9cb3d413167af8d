-- Whether monitors read a resource: only then its uploads say that it changed.
alter table resources add column is_watched boolean not null default false;

-- Resources whose live records changed by direct uploads, and whose monitors have not looked since.
create table resource_changes (
    account_id bigint not null,
    resource_id integer not null,
    noticed_at timestamptz not null,
    primary key (account_id, resource_id),
    foreign key (account_id, resource_id) references resources
);
call protect_tenant('resource_changes', 'select, insert, delete');

-- The job that looks for changes asks once, not once an account.
create function changed_resources(since timestamptz)
returns table (account_id bigint, connection_id integer, resource_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$
    select c.account_id, r.connection_id, c.resource_id
    from resource_changes c
    join resources r on r.account_id = c.account_id and r.id = c.resource_id
    where c.noticed_at <= since
$$;

-- `id` counts through all accounts, `test_id` through one workspace; only the latter stands in paths (Q66).
create table monitors (
    account_id bigint not null references accounts,
    id integer generated always as identity (start with 1001),
    workspace_id integer not null,
    test_id integer not null,
    name text not null,
    description text,
    is_enabled boolean not null,
    -- The definition that runs now; `monitor_versions` keeps all.
    version integer not null default 1,
    status text not null default 'READY',
    -- The last run that came to a result, for its failures; `last_checked_at` is of the last run of any kind.
    last_run_id integer,
    last_checked_at timestamptz,
    last_passed_at timestamptz,
    failed_since timestamptz,
    -- When it is to run next; null while it is disabled.
    due_at timestamptz,
    disabled_by_id integer,
    disabled_message text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references workspaces
);
create unique index monitors_by_test_id on monitors (account_id, workspace_id, test_id);
create unique index one_monitor_a_name on monitors (account_id, lower(name)) where deleted_at is null;
create index monitors_by_creation on monitors (account_id, workspace_id, created_at, id) where deleted_at is null;
create index monitors_by_update on monitors (account_id, workspace_id, updated_at, id) where deleted_at is null;
create index monitors_due on monitors (due_at) where due_at is not null and deleted_at is null;
call protect_tenant('monitors', 'select, insert, update');

create function due_monitors(until timestamptz) returns table (account_id bigint, monitor_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$
    select account_id, id from monitors where due_at <= until and deleted_at is null order by due_at
$$;

create table monitor_versions (
    account_id bigint not null,
    monitor_id integer not null,
    version integer not null,
    -- json, not jsonb: conditions keep the order in which they were written.
    definition json not null,
    created_by_id integer,
    created_at timestamptz not null,
    primary key (account_id, monitor_id, version),
    foreign key (account_id, monitor_id) references monitors
);
call protect_tenant('monitor_versions', 'select, insert');

-- Which resources the current definition reads.
create table monitor_resources (
    account_id bigint not null,
    monitor_id integer not null,
    resource_id integer not null,
    primary key (account_id, monitor_id, resource_id),
    foreign key (account_id, monitor_id) references monitors,
    foreign key (account_id, resource_id) references resources
);
create index monitors_of_resource on monitor_resources (account_id, resource_id);
call protect_tenant('monitor_resources', 'select, insert, delete');

-- Which controls of the trust page follow a monitor.
create table monitor_controls (
    account_id bigint not null,
    monitor_id integer not null,
    control_id integer not null,
    primary key (account_id, monitor_id, control_id),
    foreign key (account_id, monitor_id) references monitors,
    foreign key (account_id, control_id) references trust_controls
);
create index monitors_of_control on monitor_controls (account_id, control_id);
call protect_tenant('monitor_controls', 'select, insert, delete');

-- By record id, and so they outlive the session that brought the record.
create table monitor_exclusions (
    account_id bigint not null,
    id integer generated always as identity,
    monitor_id integer not null,
    target_id text collate "C" not null,
    target_name text not null,
    connection_id integer,
    reason text not null,
    created_by_id integer,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, monitor_id) references monitors
);
create unique index one_exclusion_a_target on monitor_exclusions (account_id, monitor_id, target_id);
create index exclusions_by_creation on monitor_exclusions (account_id, monitor_id, created_at, id);
create index exclusions_by_update on monitor_exclusions (account_id, monitor_id, updated_at, id);
call protect_tenant('monitor_exclusions', 'select, insert, delete');

-- Runs are proof: they are kept. `now_at` is the one time that all dates of a run were compared with.
create table monitor_runs (
    account_id bigint not null,
    id integer generated always as identity,
    monitor_id integer not null,
    version integer not null,
    cause text not null,
    status text,
    message text,
    now_at timestamptz,
    evaluated bigint not null default 0,
    passed bigint not null default 0,
    failed bigint not null default 0,
    excluded bigint not null default 0,
    out_of_scope bigint not null default 0,
    out_of_scope_missing bigint not null default 0,
    -- What each group saw and found: see RanGroup.
    groups jsonb not null default '[]',
    created_at timestamptz not null,
    updated_at timestamptz not null,
    finished_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, monitor_id, version) references monitor_versions
);
create unique index one_run_at_a_time on monitor_runs (account_id, monitor_id) where finished_at is null;
create index runs_by_creation on monitor_runs (account_id, monitor_id, created_at, id);
create index runs_by_update on monitor_runs (account_id, monitor_id, updated_at, id);
call protect_tenant('monitor_runs', 'select, insert, update');

-- The first thousand failures of a run, with reasons. No foreign key: its check would be a third of what it costs to
-- write a failure down, and runs are never removed.
create table monitor_failures (
    account_id bigint not null,
    run_id integer not null,
    position integer not null,
    group_number smallint not null,
    target_id text not null,
    target_name text not null,
    is_excluded boolean not null,
    tags jsonb,
    cause jsonb,
    primary key (account_id, run_id, position)
);
call protect_tenant('monitor_failures', 'select, insert');

-- The others, in lists: id and name of each on two lines.
create table monitor_failure_lists (
    account_id bigint not null,
    run_id integer not null,
    first_position integer not null,
    group_number smallint not null,
    is_excluded boolean not null,
    lines text[] not null,
    primary key (account_id, run_id, first_position)
);
call protect_tenant('monitor_failure_lists', 'select, insert');

-- Collects in parallel what `array_agg` collects in one process.
create aggregate failing_records(text) (
    sfunc = array_append, stype = text[], combinefunc = array_cat, initcond = '{}', parallel = safe
);

-- A JSON value as a number: numbers, and strings that are one and nothing else. null for all others.
create function as_number(value jsonb) returns numeric
language plpgsql immutable strict parallel safe
as $$
begin
    if jsonb_typeof(value) = 'number' then
        return value;
    end if;
    if jsonb_typeof(value) = 'string' and value #>> '{}' ~ '^[+-]?[0-9]{1,100}(\.[0-9]{1,100})?([eE][+-]?[0-9]{1,2})?$' then
        return (value #>> '{}')::numeric;
    end if;
    return null;
end
$$;

-- A JSON value as a time: ISO 8601 dates and times (UTC where they name no zone), milliseconds or seconds since 1970.
-- null for all others. What is cast has been looked at so closely that no cast fails, for that would end the whole run.
create function as_moment(value jsonb) returns timestamptz
language plpgsql stable strict parallel safe
as $$
declare
    written text;
    number numeric;
    year integer;
begin
    if jsonb_typeof(value) = 'string' then
        written := value #>> '{}';
        if written !~ ('^[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)'
            '|02-(?:0[1-9]|[12][0-9]))(?:[T ](?:[01][0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:[.][0-9]{1,9})?)?'
            '(?:Z|[+-](?:0[0-9]|1[0-4]):?[0-5][0-9])?)?$') or written like '0000%'
        then
            return null;
        end if;
        if written like '_____02-29%' then
            year := left(written, 4);
            if year % 4 <> 0 or (year % 100 = 0 and year % 400 <> 0) then
                return null;
            end if;
        end if;
        return written::timestamptz;
    end if;
    if jsonb_typeof(value) = 'number' then
        number := value;
        if number > 1e11 and number < 253402300800000 then
            return to_timestamp((number / 1000)::double precision);
        end if;
        return case when number between 1e8 and 1e11 then to_timestamp(number::double precision) end;
    end if;
    return null;
end
$$;
