create table reviews (
    account_id bigint not null,
    id integer generated always as identity,
    vendor_id integer not null,
    type text not null,
    status text not null,
    decision text not null default 'PENDING',
    title text,
    note text,
    requested_at timestamptz not null,
    review_deadline_at timestamptz not null,
    user_id integer,
    requester_user_id integer,
    -- The eight sections as they were saved; null for other types than SOC_REPORT.
    soc_form jsonb,
    completed_at timestamptz,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, vendor_id) references vendors,
    foreign key (account_id, user_id) references users,
    foreign key (account_id, requester_user_id) references users
);
create index reviews_of_vendor on reviews (account_id, vendor_id, created_at, id);
create index reviews_by_creation on reviews (account_id, created_at, id);
create index reviews_by_update on reviews (account_id, updated_at, id);
call protect_tenant('reviews', 'select, insert, update');

-- Every finalize, reopen and change of decision; never changed, never removed.
create table review_decisions (
    account_id bigint not null,
    id integer generated always as identity,
    review_id integer not null,
    action text not null,
    status text not null,
    decision text not null,
    note text,
    form_sha256 bytea,
    user_id integer,
    created_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, review_id) references reviews
);
create index review_decisions_of_review on review_decisions (account_id, review_id, id);
call protect_tenant('review_decisions', 'select, insert');

create table vendor_documents (
    account_id bigint not null,
    id integer generated always as identity,
    vendor_id integer not null,
    review_id integer,
    file_id integer not null,
    type text not null,
    name text not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now(),
    primary key (account_id, id),
    foreign key (account_id, vendor_id) references vendors,
    foreign key (account_id, review_id) references reviews,
    foreign key (account_id, file_id) references files
);
create index vendor_documents_by_creation on vendor_documents (account_id, vendor_id, created_at, id);
create index vendor_documents_by_update on vendor_documents (account_id, vendor_id, updated_at, id);
create index vendor_documents_of_file on vendor_documents (account_id, file_id);
create index vendor_documents_of_review on vendor_documents (account_id, review_id);
call protect_tenant('vendor_documents', 'select, insert');
