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
    sent_at timestamptz,
    primary key (account_id, id)
);
create unique index one_mail_an_event on mails (account_id, event);
create index mails_by_creation on mails (account_id, created_at, id);
call protect_tenant('mails', 'select, insert, update');
