-- Removes the report queue and its errors.

set local lock_timeout = '5s';

drop table public.report_generation_errors;
drop table public.report_generation_queue;
