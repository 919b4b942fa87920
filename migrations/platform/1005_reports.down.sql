-- Removes report metadata, versions and scores.

set local lock_timeout = '5s';

drop table public.report_scores;
drop table public.report_versions;
drop table public.report_metadata;
