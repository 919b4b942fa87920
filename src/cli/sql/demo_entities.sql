-- demo_entities: how the applications' entity rows ended, with the code of their last error. Rows of the quarter are left out.
select q.id::text as id, q.queue_status as status, (
  select a.after_state ->> 'code' from calculation_audit_log a
  where a.event_type = 'job_failed' and a.request_id = 'entity:' || q.id::text order by a.event_timestamp desc limit 1) as code
from entity_update_queue q where q.schedule_id is null
