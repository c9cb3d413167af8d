-- Links in mails that set a password, and the step between the password and the code of a second factor.
create table sign_in_tokens (
    account_id bigint not null,
    token_hash bytea not null,
    user_id integer not null,
    -- INVITATION, RESET or SECOND_FACTOR.
    kind text not null,
    created_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz,
    primary key (account_id, token_hash),
    foreign key (account_id, user_id) references users
);
create unique index sign_in_tokens_by_token on sign_in_tokens (token_hash);
create index sign_in_tokens_by_user on sign_in_tokens (account_id, user_id, kind, created_at);
call protect_tenant('sign_in_tokens', 'select, insert, update, delete');

-- How often somebody tried in vain, by the hash of an address, of a network, or of a browser that is known. Whose
-- account it is, is not known then: the rows are those of account 0.
create table sign_in_attempts (
    account_id bigint not null,
    key bytea not null,
    attempts integer not null,
    last_at timestamptz not null,
    next_at timestamptz not null,
    primary key (account_id, key)
);
create index sign_in_attempts_by_time on sign_in_attempts (account_id, last_at);
call protect_tenant('sign_in_attempts', 'select, insert, update, delete');

-- Codes of an app (RFC 6238). The secret is sealed with a key that is not in the database.
create table second_factors (
    account_id bigint not null,
    user_id integer not null,
    secret bytea not null,
    -- The newest time step whose code was used: none of its time or before is taken again.
    last_step bigint not null,
    created_at timestamptz not null,
    primary key (account_id, user_id),
    foreign key (account_id, user_id) references users
);
call protect_tenant('second_factors', 'select, insert, update, delete');

create table recovery_codes (
    account_id bigint not null,
    user_id integer not null,
    code_hash bytea not null,
    used_at timestamptz,
    primary key (account_id, user_id, code_hash),
    foreign key (account_id, user_id) references users
);
call protect_tenant('recovery_codes', 'select, insert, update, delete');

-- What an account asks of all its people when they come in.
create table sign_in_rules (
    account_id bigint primary key references accounts,
    is_second_factor_required boolean not null,
    updated_at timestamptz not null
);
call protect_tenant('sign_in_rules', 'select, insert, update');

-- Where the people of an account come in by single sign-on (OpenID Connect).
create table identity_providers (
    account_id bigint primary key references accounts,
    issuer text not null,
    client_id text not null,
    client_secret bytea not null,
    -- In small letters.
    domains text[] not null,
    is_enabled boolean not null,
    is_only_way boolean not null,
    updated_at timestamptz not null
);
create index identity_providers_by_domain on identity_providers using gin (domains) where is_enabled;
call protect_tenant('identity_providers', 'select, insert, update, delete');

create table user_identities (
    account_id bigint not null,
    issuer text not null,
    subject text not null,
    user_id integer not null,
    linked_at timestamptz not null,
    primary key (account_id, issuer, subject),
    foreign key (account_id, user_id) references users
);
create index user_identities_by_user on user_identities (account_id, user_id);
call protect_tenant('user_identities', 'select, insert, update, delete');

-- Who opens a link of a mail, or gives the code that follows a password, is known only by the token.
create function user_of_sign_in_token(presented bytea, kinds text[]) returns table (
    account_id bigint,
    account_name text,
    user_id integer,
    email text,
    kind text,
    has_second_factor boolean
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select t.account_id, a.name, t.user_id, u.email, t.kind,
        exists (select from second_factors f where f.account_id = t.account_id and f.user_id = t.user_id)
    from sign_in_tokens t
    join users u on u.account_id = t.account_id and u.id = t.user_id
    join accounts a on a.account_id = t.account_id
    where t.token_hash = presented
        and t.kind = any (kinds)
        and t.used_at is null
        and t.expires_at > now()
        and u.deactivated_at is null
$$;

-- Who comes in by single sign-on has given an address and no more.
create function providers_of_domain(presented text) returns table (account_id bigint, account_name text)
language sql stable security definer set search_path = public, pg_temp
as $$
    select p.account_id, a.name
    from identity_providers p
    join accounts a on a.account_id = p.account_id
    where p.is_enabled and p.domains @> array[lower(presented)]
    order by p.account_id
$$;

drop function users_to_sign_in(text);
create function users_to_sign_in(presented text) returns table (
    account_id bigint,
    account_name text,
    user_id integer,
    email text,
    password_hash text,
    has_second_factor boolean,
    must_use_provider boolean
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select u.account_id, a.name, u.id, u.email, u.password_hash,
        exists (select from second_factors f where f.account_id = u.account_id and f.user_id = u.id),
        exists (
            select from identity_providers p where p.account_id = u.account_id and p.is_enabled and p.is_only_way
        )
    from users u
    join accounts a on a.account_id = u.account_id
    where lower(u.email) = lower(presented) and u.deactivated_at is null
    order by u.account_id
$$;

drop function signed_in(bytea, interval);
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
    workspaces jsonb,
    method text,
    lacks_second_factor boolean
)
language sql stable security definer set search_path = public, pg_temp
as $$
    select s.account_id, s.id, s.user_id, u.email, u.first_name, u.last_name, u.roles, a.name, a.entitlements,
        a.terms_accepted_at is not null, s.last_seen_at, coalesce(s.workspace_id, w.primary_id), w.named, s.method,
        coalesce(r.is_second_factor_required, false)
            and s.method <> 'single sign-on'
            and not exists (select from second_factors f where f.account_id = s.account_id and f.user_id = s.user_id)
    from user_sessions s
    join users u on u.account_id = s.account_id and u.id = s.user_id
    join accounts a on a.account_id = s.account_id
    left join sign_in_rules r on r.account_id = s.account_id
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
