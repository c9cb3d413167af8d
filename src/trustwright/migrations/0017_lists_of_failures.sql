-- To compress them takes longer than to write them down.
alter table monitor_failure_lists alter column lines set storage external;
