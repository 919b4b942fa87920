-- ended: rows that have ended, by queue. Reads the applications' tables whole.
select 'report' as queue, count(*) filter (where status = 'completed') as completed,
       count(*) filter (where status = 'failed') as failed, 0::bigint as skipped,
       count(*) filter (where status = 'cancelled') as cancelled
from report_generation_queue
union all
select 'entity', count(*) filter (where queue_status = 'completed'), count(*) filter (where queue_status = 'failed'),
       count(*) filter (where queue_status = 'skipped'), 0
from entity_update_queue
union all
select 'quarter', count(*) filter (where status = 'completed'), count(*) filter (where status = 'failed'), 0,
       count(*) filter (where status = 'cancelled')
from quarterly_update_schedule
union all
select 'calculation', count(*) filter (where job_status = 'completed'), count(*) filter (where job_status = 'failed'), 0,
       count(*) filter (where job_status = 'cancelled')
from calculation_jobs
