create table vendor_types (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    name text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id)
);
create unique index one_vendor_type_a_name on vendor_types (account_id, lower(name)) where deleted_at is null;
call protect_tenant('vendor_types', 'select, insert, update');

create table vendors (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    name text not null,
    category text,
    risk text not null default 'NONE',
    status text,
    type text,
    vendor_type_id integer,
    critical boolean,
    user_id integer,
    relationship_user_id integer,
    url text,
    privacy_url text,
    terms_url text,
    trust_center_url text,
    trust_center_provider text,
    services_provided text,
    data_stored text,
    location text,
    notes text,
    has_pii boolean not null default false,
    password_policy text,
    password_requires_min_length boolean not null default false,
    password_min_length integer,
    password_requires_number boolean not null default false,
    password_requires_symbol boolean not null default false,
    password_mfa_enabled boolean not null default false,
    contact_at_vendor text,
    contacts_email text,
    is_sub_processor boolean not null default false,
    renewal_date date,
    renewal_schedule_type text,
    shared_account_id text,
    operational_impact text,
    environment_access text,
    impact_level text,
    data_accessed text[],
    integrations integer[],
    cost text,
    custom_fields jsonb not null default '[]',
    residual_risk_level_id integer,
    inherent_risk_level_id integer,
    confirmed_at timestamptz,
    archived_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, vendor_type_id) references vendor_types,
    foreign key (account_id, user_id) references users,
    foreign key (account_id, relationship_user_id) references users
);
create index vendors_by_creation on vendors (account_id, created_at, id) where deleted_at is null;
create index vendors_by_update on vendors (account_id, updated_at, id) where deleted_at is null;
create index vendors_by_name on vendors (account_id, lower(name), id) where deleted_at is null;
call protect_tenant('vendors', 'select, insert, update');

-- How reviews recur and who is reminded, days before (negative: after) a deadline.
create table vendor_settings (
    account_id bigint primary key references accounts,
    window_days integer not null default 30,
    recurring_reviews boolean not null default true,
    owner_reminder_days integer[] not null default '{7,1,-1}',
    questionnaire_reminder_days integer not null default 7,
    questionnaire_reminders_most integer not null default 3,
    updated_at timestamptz not null default now()
);
call protect_tenant('vendor_settings', 'select, insert, update');
