-- Who is signed in to the console, and in which browser. The cookie holds the token, which is kept nowhere.
create table user_sessions (
    account_id bigint not null,
    id integer generated always as identity,
    user_id integer not null,
    token_hash bytea not null,
    method text not null,
    ip text not null,
    user_agent text not null,
    -- The workspace that is looked at; null for the primary one.
    workspace_id integer,
    created_at timestamptz not null,
    last_seen_at timestamptz not null,
    -- Whatever happens, it ends then.
    expires_at timestamptz not null,
    ended_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, user_id) references users,
    foreign key (account_id, workspace_id) references workspaces
);
create unique index user_sessions_by_token on user_sessions (token_hash);
create index user_sessions_by_user on user_sessions (account_id, user_id) where ended_at is null;
call protect_tenant('user_sessions', 'select, insert, update');

-- Whose browser it is is known only by its cookie, so this one question is answered across accounts.
create function signed_in(presented bytea, idle interval) returns table (
    account_id bigint,
    session_id integer,
    user_id integer,
    email text,
    first_name text,
    last_name text,
    roles text[],
    account_name text,
    entitlements text[],
    terms_accepted boolean,
    last_seen_at timestamptz,
    workspace_id integer,
    workspaces jsonb
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select s.account_id, s.id, s.user_id, u.email, u.first_name, u.last_name, u.roles, a.name, a.entitlements,
        a.terms_accepted_at is not null, s.last_seen_at, coalesce(s.workspace_id, w.primary_id), w.named
    from user_sessions s
    join users u on u.account_id = s.account_id and u.id = s.user_id
    join accounts a on a.account_id = s.account_id
    cross join lateral (
        select min(id) filter (where is_primary) as primary_id,
            jsonb_agg(jsonb_build_object('id', id, 'name', name) order by not is_primary, name, id) as named
        from workspaces where workspaces.account_id = s.account_id
    ) w
    where s.token_hash = presented
        and s.ended_at is null
        and s.expires_at > now()
        and s.last_seen_at > now() - idle
        and u.deactivated_at is null
$$;

-- A person may have a user in several accounts, and knows only the address and the password.
create function users_to_sign_in(presented text) returns table (
    account_id bigint,
    account_name text,
    user_id integer,
    password_hash text
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select u.account_id, a.name, u.id, u.password_hash
    from users u
    join accounts a on a.account_id = u.account_id
    where lower(u.email) = lower(presented) and u.deactivated_at is null
    order by u.account_id
$$;
create index users_by_address on users (lower(email));
