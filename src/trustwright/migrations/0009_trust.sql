-- What a workspace shows the world, and under which rules. Every workspace has one, unpublished at first.
create table trust_centers (
    account_id bigint not null,
    workspace_id integer not null,
    slug text,
    is_published boolean not null default false,
    flow_type text not null default 'NO_NDA_REQUIRED',
    is_sla_displayed boolean not null default false,
    sla_time integer not null default 0,
    -- Null: access that is given without a length never ends.
    default_expiration_days integer default 365,
    default_expiration_type text not null default 'DAYS',
    nda_memory_days integer not null default 365,
    signing_window_days integer not null default 14,
    asks_on_new_device boolean not null default true,
    tells_denied boolean not null default true,
    hides_private_names boolean not null default false,
    security_emails text not null default '',
    legal_email text not null default '',
    name text not null,
    about text not null default '',
    about_updated_at timestamptz not null default now(),
    privacy_description text not null default '',
    privacy_url text not null default '',
    privacy_updated_at timestamptz not null default now(),
    contact_url text not null default '',
    header_template text not null default '',
    footer_template text not null default '',
    primary_color text not null default '',
    favicon_file_id integer,
    logo_file_id integer,
    dark_logo_file_id integer,
    -- Names and values of the box of facts, in their order.
    facts jsonb not null default '[]',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, workspace_id),
    foreign key (account_id, workspace_id) references workspaces,
    foreign key (account_id, favicon_file_id) references files,
    foreign key (account_id, logo_file_id) references files,
    foreign key (account_id, dark_logo_file_id) references files
);
create unique index one_trust_center_a_slug on trust_centers (slug);
call protect_tenant('trust_centers', 'select, insert, update');

insert into trust_centers (account_id, workspace_id, name) select account_id, id, name from workspaces;

create function open_trust_center() returns trigger
language plpgsql
as $$
begin
    insert into trust_centers (account_id, workspace_id, name) values (new.account_id, new.id, new.name);
    return null;
end
$$;
create trigger workspace_has_trust_center after insert on workspaces
    for each row execute function open_trust_center();

-- Visitors know a trust center by its slug, so this one question is answered across accounts.
create function trust_center_of_slug(wanted text) returns table (account_id bigint, workspace_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, workspace_id from trust_centers where slug = wanted and is_published $$;

create table trust_documents (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    type text not null,
    name text not null,
    visibility text not null,
    mode text not null,
    is_published boolean not null,
    -- Somebody decides on each request for it, whoever is preapproved.
    needs_review boolean not null default false,
    version integer not null default 1,
    file_id integer not null,
    -- Why the file cannot be stamped; null when it can be, or is no PDF.
    stamp_fault text,
    expires_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers,
    foreign key (account_id, file_id) references files
);
create index trust_documents_of_workspace on trust_documents (account_id, workspace_id, type, id)
    where deleted_at is null;
create index trust_documents_of_file on trust_documents (account_id, file_id);
call protect_tenant('trust_documents', 'select, insert, update');

create table trust_document_versions (
    account_id bigint not null,
    document_id integer not null,
    version integer not null,
    file_id integer not null,
    user_id integer,
    created_at timestamptz not null default now(),
    primary key (account_id, document_id, version),
    foreign key (account_id, document_id) references trust_documents,
    foreign key (account_id, file_id) references files,
    foreign key (account_id, user_id) references users
);
create index trust_document_versions_of_file on trust_document_versions (account_id, file_id);
call protect_tenant('trust_document_versions', 'select, insert');

-- Domains and addresses whose requests need no reviewer. Removed ones stay, with their day.
create table preapproved (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    kind text not null,
    name text not null,
    created_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create unique index preapproved_once on preapproved (account_id, workspace_id, kind, name) where deleted_at is null;
call protect_tenant('preapproved', 'select, insert, update');
