-- demo_waits: from insert to done, by queue.
select 'report_generation_queue' as queue, avg(ms)::float8 as mean_ms, percentile_cont(0.95) within group (order by ms)::float8 as p95_ms
from (select extract(epoch from completed_at - greatest(created_at, scheduled_for)) * 1000 as ms from report_generation_queue where status = 'completed') r
union all
select 'entity_update_queue', avg(ms)::float8, percentile_cont(0.95) within group (order by ms)::float8
from (select extract(epoch from completed_at - queued_at) * 1000 as ms from entity_update_queue where queue_status = 'completed' and schedule_id is null) e
union all
select 'calculation_jobs', avg(ms)::float8, percentile_cont(0.95) within group (order by ms)::float8
from (select extract(epoch from completed_at - created_at) * 1000 as ms from calculation_jobs where job_status = 'completed' and triggered_by = 'demo') c
