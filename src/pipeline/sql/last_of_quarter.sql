-- last_of_quarter: what is said of schedule $1 when it is closed: its failed rows by code, the reports that were asked for, and how many
-- seconds it took.
select orrery.quarter_errors($1),
       (select coalesce(sum(x.reports), 0)::bigint from (
          select c.reports from orrery.quarter_count c where c.schedule_id = $1
          union all
          select d.reports from orrery.quarter_delta d where d.schedule_id = $1) x),
       coalesce((select extract(epoch from clock_timestamp() - r.started_at) from orrery.quarter_run r where r.schedule_id = $1), 0)::float8
