-- Files that go out with a mail.
alter table mails add column attachments integer[] not null default '{}';

-- Which of some mails will never arrive.
create index mails_failed on mails (account_id, created_at) where state = 'FAILED';
