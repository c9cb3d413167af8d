-- A host of the company's own that shows the page, and whether search engines may list it.
alter table trust_centers add column domain text;
alter table trust_centers add column is_indexed boolean not null default true;
create unique index one_trust_center_a_domain on trust_centers (domain);

-- Visitors know a trust center by its host too, so this one question is answered across accounts.
create function trust_center_of_domain(wanted text) returns table (account_id bigint, workspace_id integer, slug text)
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id, workspace_id, slug from trust_centers where domain = wanted and is_published $$;

-- The pages that search engines may list: all of them are public anyway.
create function indexed_trust_centers() returns table (slug text, updated_at timestamptz)
language sql stable security definer set search_path = public, pg_temp
as $$ select slug, updated_at from trust_centers where is_published and is_indexed order by slug limit 50000 $$;
create index trust_centers_indexed on trust_centers (slug) where is_published and is_indexed;

-- Who is mailed the updates of a page. Unconfirmed, an address is mailed nothing but the question whether it wants
-- to be; after the end it is forgotten.
create table trust_subscribers (
    account_id bigint not null,
    id integer generated always as identity,
    workspace_id integer not null,
    email text,
    created_at timestamptz not null default now(),
    confirmed_at timestamptz,
    ended_at timestamptz,
    primary key (account_id, id),
    foreign key (account_id, workspace_id) references trust_centers
);
create unique index one_subscription_an_address on trust_subscribers (account_id, workspace_id, email);
create index trust_subscribers_by_confirmation on trust_subscribers (account_id, workspace_id, confirmed_at);
call protect_tenant('trust_subscribers', 'select, insert, update, delete');

-- When subscribers were told of an update. What was published before there were any is no news.
alter table trust_items add column told_at timestamptz;
update trust_items set told_at = now() where kind = 'UPDATE';
create index trust_updates_untold on trust_items (account_id, workspace_id, id)
    where kind = 'UPDATE' and is_published and deleted_at is null and told_at is null;

-- The job that looks for news asks once, not once an account.
create function accounts_with_untold_updates() returns table (account_id bigint)
language sql stable security definer set search_path = public, pg_temp
as $$
    select distinct account_id from trust_items
    where kind = 'UPDATE' and is_published and deleted_at is null and told_at is null
        and (content ->> 'published_at')::timestamptz <= now()
$$;

-- Where a mail of a list is unsubscribed from, by the button of the mail program (RFC 8058).
alter table mails add column unsubscribe_url text;
