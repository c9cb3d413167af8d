-- How far a questionnaire is, as far as no clock is needed to tell: one that is OPEN may be overdue.
alter table questionnaires add column stage text not null generated always as (
    case
        when archived_at is not null then 'ARCHIVED'
        when is_manual_upload then 'UPLOADED'
        when completed_at is not null then 'SUBMITTED'
        when revoked_at is not null then 'REVOKED'
        else 'OPEN'
    end
) stored;
-- Lists are in this order too, in which each has a place: one that was uploaded is due when it came.
alter table questionnaires add column due_at timestamptz not null
    generated always as (coalesce(expires_at, date_sent)) stored;

create index questionnaires_by_sending on questionnaires (account_id, date_sent, id);
create index questionnaires_by_deadline on questionnaires (account_id, due_at, id);
create index questionnaires_by_stage on questionnaires (account_id, stage, date_sent, id);
create index questionnaires_by_stage_and_deadline on questionnaires (account_id, stage, due_at, id);
create index questionnaire_templates_by_title on questionnaire_templates (account_id, title, id);
