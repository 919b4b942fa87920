-- arguments: what the application has written into row $2 of queue $1 for its work. May tell of persons.
select to_jsonb(a) from (
  select q.employee_id, q.report_type, q.request_reason, q.requested_by, q.scheduled_for, q.request_metadata
  from report_generation_queue q where $1 = 'report' and q.id = $2) a
union all
select to_jsonb(a) from (
  select q.entity_type, q.entity_id, q.organization_id, q.schedule_id, q.subscription_active, q.subscription_tier
  from entity_update_queue q where $1 = 'entity' and q.id = $2) a
union all
select to_jsonb(a) from (
  select q.quarter, q.year, q.scheduled_date, q.execution_start_time, q.execution_end_time, q.batch_size, q.created_by, q.notes
  from quarterly_update_schedule q where $1 = 'quarter' and q.id = $2) a
union all
select to_jsonb(a) from (
  select q.job_type, q.entity_type, q.entity_id, q.organization_id, q.input_data, q.calculation_params, q.triggered_by, q.trigger_reason
  from calculation_jobs q where $1 = 'calculation' and q.id = $2) a
