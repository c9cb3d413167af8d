-- The outbox. `event` names what a mail is about: one event never makes two mails.
create table mails (
    account_id bigint not null references accounts,
    id integer generated always as identity,
    event text not null,
    recipient text not null,
    subject text not null,
    body_text text not null,
    body_html text not null,
    state text not null default 'QUEUED',
    attempts integer not null default 0,
    last_error text,
    created_at timestamptz not null default now(),
    -- When a waiting mail is to be tried next; one long overdue has lost its job.
    due_at timestamptz not null default now(),
    sent_at timestamptz,
    primary key (account_id, id)
);
create unique index one_mail_an_event on mails (account_id, event);
create index mails_by_creation on mails (account_id, created_at, id);
create index mails_waiting on mails (account_id, due_at) where state = 'QUEUED';
call protect_tenant('mails', 'select, insert, update');

-- The command line names a mail by its id alone.
create function account_of_mail(mail_id integer) returns bigint
language sql stable security definer set search_path = public, pg_temp
as $$ select account_id from mails where id = mail_id $$;

-- The job that looks for lost work asks once, not once an account.
create function accounts_with_forgotten_mail() returns table (account_id bigint)
language sql stable security definer set search_path = public, pg_temp
as $$ select distinct account_id from mails where state = 'QUEUED' and due_at < now() - interval '10 minutes' $$;
