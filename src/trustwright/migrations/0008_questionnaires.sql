create table questionnaire_templates (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    title text not null,
    description text,
    -- A list of questions; what was sent is a copy, so that later edits change nothing that was asked.
    questions jsonb not null,
    total_questions integer not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id)
);
create index questionnaire_templates_by_creation on questionnaire_templates (account_id, created_at, id);
create index questionnaire_templates_by_update on questionnaire_templates (account_id, updated_at, id);
call protect_tenant('questionnaire_templates', 'select, insert, update');

-- One that was sent to a vendor, or one that was uploaded finished.
create table questionnaires (
    account_id bigint not null,
    id integer generated always as identity,
    vendor_id integer not null,
    review_id integer,
    template_id integer,
    title text not null,
    description text,
    recipient_email text not null,
    is_manual_upload boolean not null,
    status text not null,
    -- Null until an uploaded one is read, and for good where nothing in its files can be.
    questions jsonb,
    answers jsonb not null default '{}',
    -- Goes up with each save, so that two tabs cannot overwrite each other unseen.
    revision integer not null default 0,
    completed_by text,
    -- What the API calls the response: the first file of an uploaded one, the questionnaire itself of an answered one.
    response_id integer,
    total_questions integer,
    total_answered integer,
    date_sent timestamptz not null,
    completed_at timestamptz,
    reminded_at timestamptz,
    reminders integer not null default 0,
    -- From then on its links open nothing. An uploaded one has no links.
    expires_at timestamptz,
    revoked_at timestamptz,
    archived_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, vendor_id) references vendors,
    foreign key (account_id, review_id) references reviews,
    foreign key (account_id, template_id) references questionnaire_templates
);
create index questionnaires_by_creation on questionnaires (account_id, vendor_id, created_at, id);
create index questionnaires_by_update on questionnaires (account_id, vendor_id, updated_at, id);
create index questionnaires_of_review on questionnaires (account_id, review_id, created_at, id);
create index questionnaires_unanswered on questionnaires (account_id, date_sent)
    where completed_at is null and revoked_at is null and archived_at is null;
create index questionnaires_answered on questionnaires (account_id, vendor_id, completed_at desc, id desc)
    where completed_at is not null and archived_at is null;
call protect_tenant('questionnaires', 'select, insert, update');

-- The links to one questionnaire: that of its first mail and one of each reminder. Only the SHA-256 of a link's token is
-- kept; the token itself stands in the mail, hence a reminder cannot repeat the first.
create table questionnaire_links (
    account_id bigint not null,
    token_sha256 bytea not null,
    questionnaire_id integer not null,
    created_at timestamptz not null default now(),
    primary key (account_id, token_sha256),
    foreign key (account_id, questionnaire_id) references questionnaires
);
create unique index questionnaire_links_by_token on questionnaire_links (token_sha256);
create index questionnaire_links_of on questionnaire_links (account_id, questionnaire_id);
call protect_tenant('questionnaire_links', 'select, insert');

create table questionnaire_files (
    account_id bigint not null,
    questionnaire_id integer not null,
    file_id integer not null,
    place integer not null,
    sha256 bytea not null,
    -- The review in which no other questionnaire may have the same file; null without one, or once archived.
    review_id integer,
    primary key (account_id, questionnaire_id, file_id),
    foreign key (account_id, questionnaire_id) references questionnaires,
    foreign key (account_id, file_id) references files
);
create index questionnaire_files_of_file on questionnaire_files (account_id, file_id);
create unique index one_questionnaire_file_a_review on questionnaire_files (account_id, review_id, sha256);
call protect_tenant('questionnaire_files', 'select, insert, update');

-- Who opens the link is known only by its token, so this one question is answered across accounts.
create function questionnaire_of_token(presented bytea) returns table (account_id bigint, questionnaire_id integer)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, questionnaire_id from questionnaire_links where token_sha256 = presented $$;
