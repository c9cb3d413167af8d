-- The role trustwright_app is made before the migrations: it belongs to the server and not to one database.
grant usage on schema public to trustwright_app;

-- What every tenant table gets: rows of the transaction's account, and of no other. Without an account it is an error.
-- The setting is named here and not behind a function: the check of inserted rows would call that for each row, which
-- costs as much as the row.
create procedure protect_tenant(tenant_table regclass, privileges text)
language plpgsql
as $$
begin
    execute format('alter table %s enable row level security', tenant_table);
    execute format(
        'create policy own_account on %s using (account_id = current_setting(''trustwright.account_id'')::bigint)',
        tenant_table);
    execute format('grant %s on %s to trustwright_app', privileges, tenant_table);
end
$$;

create sequence account_ids as integer;
grant usage on sequence account_ids to trustwright_app;

create table accounts (
    account_id bigint primary key,
    name text not null,
    domain text not null default '',
    legal_name text,
    description text,
    logo_url text,
    language text not null default 'ENGLISH_US',
    entitlements text[] not null,
    terms_accepted_at timestamptz,
    terms_accepted_by text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
);
call protect_tenant('accounts', 'select, insert, update');

create table workspaces (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    is_primary boolean not null,
    name text not null,
    description text,
    how_it_works text,
    url text,
    logo text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id)
);
create unique index one_primary_workspace on workspaces (account_id) where is_primary;
call protect_tenant('workspaces', 'select, insert, update');

create table users (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    entry_id uuid not null default gen_random_uuid(),
    email text not null,
    first_name text,
    last_name text,
    job_title text,
    avatar_url text,
    roles text[] not null,
    password_hash text,
    terms_agreed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deactivated_at timestamptz,
    primary key (account_id, id)
);
create unique index one_user_an_address on users (account_id, lower(email));
create index users_by_creation on users (account_id, created_at, id);
create index users_by_update on users (account_id, updated_at, id);
call protect_tenant('users', 'select, insert, update');

create table api_keys (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    name text not null,
    hash bytea not null,
    permissions text[],
    user_id integer not null,
    created_at timestamptz not null default now(),
    expires_at timestamptz,
    revoked_at timestamptz,
    last_used_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, user_id) references users
);
create unique index api_keys_by_hash on api_keys (hash);
call protect_tenant('api_keys', 'select, insert, update');

-- Who knocks is known only by the key, so this one question is answered across accounts.
create function authenticate(presented bytea) returns table (
    account_id bigint,
    key_id integer,
    user_id integer,
    permissions text[],
    entitlements text[],
    terms_accepted boolean,
    last_used_at timestamptz
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select k.account_id, k.id, k.user_id, k.permissions, a.entitlements, a.terms_accepted_at is not null, k.last_used_at
    from api_keys k
    join accounts a using (account_id)
    where k.hash = presented
        and k.revoked_at is null
        and (k.expires_at is null or k.expires_at > now())
$$;

-- The command line names a key by its id alone.
create function account_of_key(key_id integer) returns bigint
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id from api_keys where id = key_id $$;

create function all_accounts() returns table (account_id bigint, name text)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, name from accounts order by account_id $$;
