-- Who may see private documents of a workspace, and until when: one live grant a person.
create table grants (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    email text not null,
    name text not null,
    company text not null,
    -- Whether a link opened on a device that was not seen before asks for a code.
    asks_on_new_device boolean not null,
    expires_at timestamptz,
    revoked_at timestamptz,
    -- When the end of `expires_at` was written down; access ends at `expires_at` itself.
    expired_at timestamptz,
    -- It was written down when another grant took its place, and the job that tells of it has not come by.
    is_untold boolean not null default false,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create unique index one_live_grant on grants (account_id, workspace_id, email)
    where revoked_at is null and expired_at is null;
create index grants_ending on grants (account_id, expires_at) where revoked_at is null and expired_at is null;
create index grants_untold on grants (account_id) where is_untold;
call protect_tenant('grants', 'select, insert, update');

-- What a grant opens, and which request it was given for; a document may have been given twice.
create table grant_documents (
    account_id bigint not null,
    grant_id integer not null,
    document_id integer not null,
    request_id uuid not null,
    created_at timestamptz not null default now(),
    revoked_at timestamptz,
    primary key (account_id, grant_id, document_id, request_id),
    foreign key (account_id, grant_id) references grants,
    foreign key (account_id, document_id) references trust_documents
);
create index grant_documents_of_document on grant_documents (account_id, document_id);
create index grant_documents_of_request on grant_documents (account_id, request_id);
call protect_tenant('grant_documents', 'select, insert, update');

-- The links that were mailed: only the SHA-256 of their tokens.
create table access_links (
    account_id bigint not null,
    token_sha256 bytea not null,
    grant_id integer not null,
    expires_at timestamptz not null,
    revoked_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (account_id, token_sha256),
    foreign key (account_id, grant_id) references grants
);
create unique index access_links_by_token on access_links (token_sha256);
create index access_links_of_grant on access_links (account_id, grant_id, created_at);
call protect_tenant('access_links', 'select, insert, update');

-- A browser in which a grant was opened, known by the SHA-256 of its cookie; the code that a new one is asked for.
create table access_devices (
    account_id bigint not null,
    grant_id integer not null,
    device_sha256 bytea not null,
    code_sha256 bytea,
    code_until timestamptz,
    code_attempts integer not null default 0,
    -- How many codes were sent since the first one of the hour.
    codes_sent integer not null default 0,
    codes_since timestamptz,
    known_at timestamptz,
    created_at timestamptz not null default now(),
    primary key (account_id, grant_id, device_sha256),
    foreign key (account_id, grant_id) references grants
);
call protect_tenant('access_devices', 'select, insert, update');

create table visitor_sessions (
    account_id bigint not null,
    token_sha256 bytea not null,
    grant_id integer not null,
    expires_at timestamptz not null,
    created_at timestamptz not null default now(),
    primary key (account_id, token_sha256),
    foreign key (account_id, grant_id) references grants
);
create unique index visitor_sessions_by_token on visitor_sessions (token_sha256);
create index visitor_sessions_of_grant on visitor_sessions (account_id, grant_id);
create index visitor_sessions_by_end on visitor_sessions (account_id, expires_at);
call protect_tenant('visitor_sessions', 'select, insert, delete');

-- Who opens a link or comes with a cookie is known only by its token.
create function grant_of_link(presented bytea) returns table (account_id bigint, grant_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, grant_id from access_links where token_sha256 = presented $$;

create function grant_of_session(presented bytea) returns table (account_id bigint, grant_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, grant_id from visitor_sessions where token_sha256 = presented $$;

-- Every look at the page, and every view and download of a document; never changed.
create table access_log (
    account_id bigint not null,
    id bigint generated always as identity,
    workspace_id integer not null,
    action text not null,
    document_id integer,
    version integer,
    grant_id integer,
    request_id uuid,
    email text,
    -- A hash that tells visitors of one day apart and says nothing of them.
    visitor text not null,
    ip text,
    user_agent text,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers,
    foreign key (account_id, document_id) references trust_documents,
    foreign key (account_id, grant_id) references grants
);
create index access_log_of_workspace on access_log (account_id, workspace_id, created_at);
create index access_log_of_document on access_log (account_id, document_id, created_at);
create index access_log_of_request on access_log (account_id, request_id, created_at);
create index access_log_of_grant on access_log (account_id, grant_id);
call protect_tenant('access_log', 'select, insert');
