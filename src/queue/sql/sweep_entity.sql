-- sweep_entity: what the triggers could not see (a restored dump, replica role, rows older than the daemon).
-- $1: seconds after which a running row without a lease counts as an orphan,
-- also one that an application has set to the running word itself. Returns how many rows were put right.
with orphaned as (
  update entity_update_queue q
  set queue_status = 'queued', started_at = null, updated_at = clock_timestamp()
  where q.queue_status = 'processing' and coalesce(q.started_at, q.updated_at, q.queued_at) < now() - make_interval(secs => $1)
    and not exists (select 1 from orrery.dispatch d where d.queue = 'entity' and d.job_id = q.id and d.state = 'leased')
  returning q.*
), missing as (
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'entity', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), coalesce(q.queued_at, now()), coalesce(q.queued_at, now()), 'ready'
  from entity_update_queue q
  where q.queue_status = 'queued' and not exists (select 1 from orrery.dispatch d where d.queue = 'entity' and d.job_id = q.id)
  union all
  select 'entity', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), now(), coalesce(q.queued_at, now()), 'ready'
  from orphaned q
  on conflict do nothing
  returning job_id
), ended as (
  delete from orrery.dispatch d
  where d.queue = 'entity' and d.state <> 'leased' and not exists (
    select 1 from entity_update_queue q where q.id = d.job_id and q.queue_status in ('queued', 'processing'))
  returning d.job_id
)
select (select count(*) from missing) + (select count(*) from ended) as put_right
