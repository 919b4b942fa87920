-- complete_entity: ends row $1 as completed if token $2 still holds; $3 is what it made. No row back: fenced, roll back.
with held as materialized (
  select q.id from entity_update_queue q where q.id = $1 for update
), released as (
  delete from orrery.dispatch d using held h
  where d.queue = 'entity' and d.job_id = h.id and d.state = 'leased' and d.token = $2
  returning d.job_id
), ended as (
  update entity_update_queue q
  set queue_status = 'completed', completed_at = clock_timestamp(), error_message = null, updated_at = clock_timestamp()
  from released r where q.id = r.job_id
  returning q.id
)
insert into orrery.result (queue, job_id, output)
select 'entity', e.id, $3 from ended e
on conflict (queue, job_id) do update set output = excluded.output, finished_at = now()
returning job_id
