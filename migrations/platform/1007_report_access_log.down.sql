-- Removes the audit of access to reports.

set local lock_timeout = '5s';

drop table public.report_access_log;
