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

-- Names of the account's custom fields, each made when a vendor first has a value for it.
create table vendor_fields (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    name text not null,
    primary key (account_id, id)
);
create unique index one_vendor_field_a_name on vendor_fields (account_id, name);
call protect_tenant('vendor_fields', 'select, insert');

create table vendors (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    name text not null,
    category text,
    risk text not null,
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
    has_pii boolean not null,
    password_policy text,
    password_requires_min_length boolean not null,
    password_min_length integer,
    password_requires_number boolean not null,
    password_requires_symbol boolean not null,
    password_mfa_enabled boolean not null,
    contact_at_vendor text,
    contacts_email text,
    is_sub_processor boolean not null,
    renewal_date date,
    renewal_schedule_type text,
    shared_account_id text,
    operational_impact text,
    environment_access text,
    impact_level text,
    data_accessed text[],
    integrations integer[] not null,
    cost text,
    -- By the id of the field, as text, its value.
    custom_fields jsonb not null,
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
create index vendors_by_name on vendors (account_id, name, id) where deleted_at is null;
call protect_tenant('vendors', 'select, insert, update');

-- How reviews recur and who is reminded, days before (negative: after) a deadline.
create table vendor_settings (
    account_id bigint primary key references accounts,
    window_days integer not null,
    recurring_reviews boolean not null,
    owner_reminder_days integer[] not null,
    questionnaire_reminder_days integer not null,
    questionnaire_reminders_most integer not null,
    updated_at timestamptz not null default now()
);
call protect_tenant('vendor_settings', 'select, insert, update');

-- What follows are the rules of a vendor's statuses, pure functions of values: answers, filters and counts share them.

-- Whether the last finished review is the one for this deadline: within 90 days of it. A period moves the deadline on
-- when its review is finished, so that with a period only a review that was due then or later counts.
create function review_covers(renewal_date date, schedule text, finished_on date, due_on date) returns boolean
language sql immutable parallel safe
as $$
    select coalesce(
        abs(finished_on - renewal_date) <= 90
            and (coalesce(schedule, 'CUSTOM') = 'CUSTOM' or due_on >= renewal_date),
        false)
$$;

create function renewal_date_status(renewal_date date, covered boolean, today date) returns text
language sql immutable parallel safe
as $$
    select case
        when renewal_date is null then 'NO_RENEWAL'
        when covered or renewal_date > today + 7 then 'COMPLETED'
        when renewal_date < today then 'RENEWAL_DUE'
        else 'RENEWAL_DUE_SOON'
    end
$$;

-- Null while the deadline is further away.
create function next_review_deadline_status(renewal_date date, today date) returns text
language sql immutable parallel safe
as $$
    select case
        when renewal_date is null then 'NO_RENEWAL'
        when renewal_date < today then 'OVERDUE'
        when renewal_date <= today + 7 then 'DUE_SOON'
    end
$$;

-- `in_progress`: a review is under way. `waived`: the newest one is NOT_REQUIRED.
create function security_review_status(
    renewal_date date, covered boolean, window_days integer, in_progress boolean, waived boolean, finished_on date,
    due_on date, today date
) returns text
language sql immutable parallel safe
as $$
    select case
        when in_progress then 'IN_PROGRESS'
        when waived then 'NO_SECURITY'
        when renewal_date is null and finished_on is not null then 'COMPLETED'
        when not covered and renewal_date - window_days <= today then 'NEEDS_REVIEW'
        when finished_on is null then 'NO_PAST_REVIEW'
        when covered or abs(finished_on - due_on) <= 90 then 'UP_TO_DATE'
        else 'NEEDS_REVIEW'
    end
$$;
