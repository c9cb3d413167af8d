-- What the dashboard asks of each domain, each time that somebody opens it: a few rows, found by an index.
create index open_reviews_by_deadline on reviews (account_id, review_deadline_at, id)
    where status in ('NOT_YET_STARTED', 'IN_PROGRESS');
create index trust_documents_expiring on trust_documents (account_id, workspace_id, expires_at, id)
    where deleted_at is null and expires_at is not null;
create index deliveries_given_up on webhook_deliveries (account_id, webhook_id, finished_at) where state = 'FAILED';

-- The lists of the settings.
create index mails_by_state on mails (account_id, state, created_at, id);
create index api_keys_by_creation on api_keys (account_id, created_at, id);
create index api_keys_of_user on api_keys (account_id, user_id);
create index users_by_mail_address on users (account_id, email, id);
-- The events of one person, and of a time.
create index events_of_user on events (account_id, user_id, created_at, seq);
