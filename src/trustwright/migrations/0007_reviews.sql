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
-- The list's orders: of all, of a vendor, and of each kind in both. Where a kind is rare, its own index finds the few;
-- what is included lets the other filters be checked without the rows.
create index reviews_by_creation on reviews (account_id, created_at, id) include (vendor_id, updated_at);
create index reviews_by_update on reviews (account_id, updated_at, id) include (vendor_id, created_at);
create index reviews_of_vendor_by_creation on reviews (account_id, vendor_id, created_at, id) include (updated_at);
create index reviews_of_vendor_by_update on reviews (account_id, vendor_id, updated_at, id) include (created_at);
create index reviews_of_kind_by_creation on reviews (account_id, status, type, decision, created_at, id)
    include (vendor_id, updated_at);
create index reviews_of_kind_by_update on reviews (account_id, status, type, decision, updated_at, id)
    include (vendor_id, created_at);
create index reviews_of_vendor_and_kind_by_creation
    on reviews (account_id, vendor_id, status, type, decision, created_at, id) include (updated_at);
create index reviews_of_vendor_and_kind_by_update
    on reviews (account_id, vendor_id, status, type, decision, updated_at, id) include (created_at);
-- The list leaves out what belongs to these.
create index deleted_vendors on vendors (account_id, id) where deleted_at is not null;
call protect_tenant('reviews', 'select, insert, update');

-- The review that is asked for most often comes in one round trip: the account is set and the row is read in one
-- statement, which is its own transaction. The reader's own rights and row-level security hold.
create function review_in_account(of_account bigint, of_vendor integer, wanted integer) returns setof reviews
language plpgsql set search_path = public, pg_temp
as $$
begin
    perform set_config('trustwright.account_id', of_account::text, true);
    return query
        select r.* from reviews r
        join vendors v on v.account_id = r.account_id and v.id = r.vendor_id and v.deleted_at is null
        where r.account_id = of_account and r.id = wanted and r.vendor_id = of_vendor;
end
$$;

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
create index review_decisions_of_review on review_decisions (account_id, review_id, created_at, id);
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
create index vendor_documents_by_name on vendor_documents (account_id, vendor_id, name, id);
create index vendor_documents_of_file on vendor_documents (account_id, file_id);
create index vendor_documents_of_review on vendor_documents (account_id, review_id);
call protect_tenant('vendor_documents', 'select, insert');
