-- What was done about a vendor, its reviews, documents and questionnaires. Generated, so that all who write events need
-- not think of it; a column, since row-level security lets no index be used through the operators of jsonb.
alter table events add column vendor_id integer generated always as (
    case when target ->> 'kind' = 'vendor' then (target ->> 'id')::integer else (target ->> 'vendorId')::integer end
) stored;
create index events_of_vendor on events (account_id, vendor_id, created_at, seq) where vendor_id is not null;

-- The orders of the list of vendors.
create index vendors_by_lower_name on vendors (account_id, lower(name), id) where deleted_at is null;
create index vendors_by_risk
    on vendors (account_id, array_position('{NONE,LOW,MODERATE,HIGH}'::text[], risk), id) where deleted_at is null;
create index vendors_by_renewal on vendors (account_id, renewal_date, id) where deleted_at is null;
-- Whether a vendor is under review.
create index open_reviews_of_vendor on reviews (account_id, vendor_id)
    where status in ('NOT_YET_STARTED', 'IN_PROGRESS');

-- The list of reviews by deadline, and by who conducts them.
create index reviews_by_deadline on reviews (account_id, review_deadline_at, id) include (vendor_id);
create index reviews_of_kind_by_deadline on reviews (account_id, status, type, decision, review_deadline_at, id)
    include (vendor_id);
create index reviews_of_user_by_creation on reviews (account_id, user_id, created_at, id) where user_id is not null;
create index reviews_of_user_by_deadline on reviews (account_id, user_id, review_deadline_at, id)
    where user_id is not null;
create index reviews_by_words on reviews using gin (to_tsvector('simple', coalesce(title, '')));

-- The reviews in whose titles words begin as wanted. Row-level security would keep the index from being used, so this
-- looks past it, and at the account of the transaction only.
create function reviews_titled(wanted tsquery) returns setof integer
language sql stable security definer set search_path = public, pg_temp
as $$
    select id from reviews
    where account_id = current_setting('trustwright.account_id')::bigint
        and to_tsvector('simple', coalesce(title, '')) @@ wanted
$$;
