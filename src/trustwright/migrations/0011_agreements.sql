create table ndas (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    version integer not null,
    file_id integer not null,
    sha256 bytea not null,
    name text not null,
    created_at timestamptz not null default now(),
    -- When another took its place, or none.
    removed_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references workspaces,
    foreign key (account_id, file_id) references files
);
create unique index one_nda_a_workspace on ndas (account_id, workspace_id) where removed_at is null;
create index ndas_of_file on ndas (account_id, file_id);
call protect_tenant('ndas', 'select, insert, update');

-- What was asked to be signed. The id is what the API calls the tracking id.
create table envelopes (
    account_id bigint not null,
    id uuid not null,
    workspace_id integer not null,
    request_id uuid not null,
    nda_id integer not null,
    email text not null,
    name text not null,
    company text not null,
    provider text not null,
    provider_reference text,
    -- Where another provider has it signed, if it told.
    signing_url text,
    -- Of the link to our own page; null with another provider.
    token_sha256 bytea,
    state text not null,
    reason text,
    -- The code that was mailed last; how many were, since the first one of the hour.
    code_sha256 bytea,
    code_until timestamptz,
    code_attempts integer not null default 0,
    codes_sent integer not null default 0,
    codes_since timestamptz,
    reminders integer not null default 0,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    sent_at timestamptz,
    settled_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, nda_id) references ndas
);
create unique index envelopes_by_token on envelopes (token_sha256);
create index envelopes_of_request on envelopes (account_id, request_id, created_at);
create index envelopes_waiting on envelopes (account_id, expires_at) where state in ('PREPARED', 'SENT');
call protect_tenant('envelopes', 'select, insert, update');

-- Whoever opens a signing link, or calls back for another provider, is known only by token or id.
create function envelope_of_token(presented bytea) returns table (account_id bigint, envelope_id uuid)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, id from envelopes where token_sha256 = presented $$;

create function account_of_envelope(wanted uuid) returns bigint
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id from envelopes where id = wanted $$;

-- Each acceptance of an agreement; never changed, never removed.
create table nda_acceptances (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    nda_id integer not null,
    nda_sha256 bytea not null,
    email text not null,
    name text not null,
    company text not null,
    request_id uuid,
    method text not null,
    envelope_id uuid,
    -- The sealed copy of a signed one, and its hash.
    signed_file_id integer,
    signed_sha256 bytea,
    ip text,
    user_agent text,
    accepted_at timestamptz not null,
    primary key (account_id, id),
    foreign key (account_id, nda_id) references ndas,
    foreign key (account_id, envelope_id) references envelopes,
    foreign key (account_id, signed_file_id) references files
);
create index nda_acceptances_of on nda_acceptances (account_id, workspace_id, email, accepted_at);
create index nda_acceptances_of_file on nda_acceptances (account_id, signed_file_id);
-- However often a provider tells of it, an envelope is signed once.
create unique index one_acceptance_an_envelope on nda_acceptances (account_id, envelope_id);
call protect_tenant('nda_acceptances', 'select, insert');

-- From when on an acceptance opens nothing more by itself, and why. It stays the record of what was agreed.
create table nda_supersessions (
    account_id bigint not null,
    acceptance_id integer not null,
    reason text not null,
    created_at timestamptz not null default now(),
    primary key (account_id, acceptance_id),
    foreign key (account_id, acceptance_id) references nda_acceptances
);
call protect_tenant('nda_supersessions', 'select, insert');
