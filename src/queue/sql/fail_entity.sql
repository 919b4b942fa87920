-- fail_entity: ends row $1 as failed if token $2 still holds, with message $3 and code $4. No row back: fenced.
-- A row of a quarter is also noted with its code for the quarter's summary.
with held as materialized (
  select q.id from entity_update_queue q where q.id = $1 for update
), released as (
  delete from orrery.dispatch d using held h
  where d.queue = 'entity' and d.job_id = $1 and d.job_id = h.id and d.state || '' = 'leased' and d.token = $2
  returning d.job_id
), ended as (
  update entity_update_queue q
  set queue_status = 'failed', completed_at = clock_timestamp(), error_message = $3, updated_at = clock_timestamp()
  from released r where q.id = r.job_id
  returning q.id, q.schedule_id, q.entity_type, q.entity_id
), noted as (
  insert into orrery.quarter_error (job_id, schedule_id, code, entity_type, entity_id, message)
  select e.id, e.schedule_id, $4::text, e.entity_type, e.entity_id, $3::text from ended e where e.schedule_id is not null
  on conflict (job_id) do update set code = excluded.code, message = excluded.message, failed_at = excluded.failed_at
)
insert into orrery.outbox (topic, payload)
select 'entity.failed', jsonb_build_object('queue_id', e.id, 'code', $4::text) from ended e
returning (select id from ended)
