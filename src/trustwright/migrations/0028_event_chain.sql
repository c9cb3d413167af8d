-- The chain of each account's events: the link at a position holds the hash of its event and of the link before it. A
-- table of its own, so that an event is linked when it commits, in the order of the commits, without being written twice.
create table event_links (
    account_id bigint not null,
    position bigint not null,
    event_id uuid not null,
    hash bytea not null,
    primary key (account_id, position)
);
-- The application reads; only the trigger below writes.
call protect_tenant('event_links', 'select');

-- An event as the text that is hashed: all columns but vendor_id, which the database makes of the target. It depends on
-- no setting: times in UTC to the microsecond, jsonb as its text, so that an absent value and a JSON null differ. A column
-- that comes later must be left out where it is null, or older events would have another text.
create function event_text(event events) returns text
language sql stable
as $$
    select jsonb_build_object(
        'account_id', event.account_id,
        'seq', event.seq,
        'id', event.id,
        'type', event.type,
        'category', event.category,
        'source', event.source,
        'description', event.description,
        'request', event.request,
        'user_id', event.user_id,
        'key_id', event.key_id,
        'connection_id', event.connection_id,
        'workspace_id', event.workspace_id,
        'target', event.target::text,
        'before', event.before::text,
        'after', event.after::text,
        'status', event.status,
        'created_at', to_char(event.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')
    )::text
$$;

-- The hash of a link. Before the first stand 32 zero bytes. Stable, as what it calls: else it could not be inlined.
create function event_hash(before bytea, text text) returns bytea
language sql stable
as $$ select sha256(coalesce(before, decode(repeat('00', 32), 'hex')) || convert_to(text, 'UTF8')) $$;

-- Puts an event behind the last one of its account.
create function append_event_link(event events) returns void
language plpgsql
as $$
declare
    last record;
begin
    select position, hash into last from event_links
    where account_id = event.account_id order by position desc limit 1;
    insert into event_links (account_id, position, event_id, hash)
    values (event.account_id, coalesce(last.position, 0) + 1, event.id, event_hash(last.hash, event_text(event)));
end
$$;

-- Runs when the transaction commits, and not before: from here on it waits for nothing but the links of its account, and
-- nothing waits in between, so it can be part of no deadlock. At repeatable read it may not see the last link; then the
-- primary key refuses the second of two links in one place.
create function link_event() returns trigger
language plpgsql security definer set search_path = public, pg_temp
as $$
begin
    perform pg_advisory_xact_lock(hashtextextended(format('events %s', new.account_id), 0));
    perform append_event_link(new);
    return null;
end
$$;
-- Or a temporary table with this trigger could link what is no event.
revoke execute on function link_event() from public;

-- The events that are there already, as they are found; new ones wait until they can be linked.
lock table events in share row exclusive mode;
do $$
declare
    event events;
begin
    for event in select * from events order by account_id, seq loop
        perform append_event_link(event);
    end loop;
end
$$;

create constraint trigger link_event after insert on events
deferrable initially deferred
for each row execute function link_event();
