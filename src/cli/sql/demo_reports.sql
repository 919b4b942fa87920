-- demo_reports: how the applications' report rows ended, with the code of their last error. Rows that Orrery asked for are left out.
select q.id::text as id, q.status, (
  select e.error_type from report_generation_errors e where e.queue_id = q.id order by e.occurred_at desc limit 1) as code
from report_generation_queue q where not coalesce(q.request_metadata, '{}') ?| array['schedule_id', 'regeneration']
