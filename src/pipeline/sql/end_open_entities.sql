-- end_open_entities: ends up to $2 open rows of schedule $1 as skipped, with reason $3; who runs one of them is told to stop.
with open as materialized (
  select q.id from entity_update_queue q
  where q.schedule_id = $1 and q.queue_status in ('queued', 'processing') order by q.id limit $2 for update
), gone as (
  delete from orrery.dispatch d where d.queue = 'entity' and d.job_id = any (array(select o.id from open o))
  returning d.job_id, d.state
), ended as (
  update entity_update_queue q
  set queue_status = 'skipped', completed_at = clock_timestamp(), error_message = $3, updated_at = clock_timestamp()
  where q.id = any (array(select o.id from open o))
  returning q.id
), told as (
  select count(pg_notify('orrery_cancel', 'entity:' || g.job_id::text)) from gone g where g.state = 'leased'
)
select (select count(*) from ended), (select * from told)
