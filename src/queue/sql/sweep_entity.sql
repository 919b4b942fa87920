-- sweep_entity: what the triggers could not see (a restored dump, replica role, rows older than the daemon).
-- $1: seconds after which a running row without a lease counts as an orphan,
-- also one that an application has set to the running word itself. Returns how many rows were put right.
-- A quarter has a million open rows: each round reads a page of 10,000 open rows and one of 10,000 dispatch rows from a place drawn anew,
-- and as many before it, so that a smaller crowd is read whole and a larger one bit by bit.
-- Each row's other half is looked up by key, in a subquery that cannot become a join with all of the other table.
-- A leased row whose table no longer has it is nobody's once its lease has run out: the rescue finds only rows that are there.
-- A row that says it was made later than now runs now, as it does when a trigger sees it.
with start as materialized (
  select gen_random_uuid() as id
), open as materialized (
  (select q.id, q.queue_status, coalesce(q.started_at, q.updated_at, q.queued_at) as since from entity_update_queue q
   where q.queue_status in ('queued', 'processing') and q.id >= (select s.id from start s) order by q.id limit 10000)
  union all
  (select q.id, q.queue_status, coalesce(q.started_at, q.updated_at, q.queued_at) from entity_update_queue q
   where q.queue_status in ('queued', 'processing') and q.id < (select s.id from start s) order by q.id desc limit 10000)
), unseen as materialized (
  select x.id, x.queue_status
  from (select o.id, o.queue_status, o.since, (select d.state from orrery.dispatch d where d.queue = 'entity' and d.job_id = o.id) as state
        from open o) x
  where (x.queue_status = 'queued' and x.state is null)
     or (x.queue_status = 'processing' and x.since < now() - make_interval(secs => $1) and x.state is distinct from 'leased')
), orphaned as (
  update entity_update_queue q
  set queue_status = 'queued', started_at = null, updated_at = clock_timestamp()
  where q.id = any (array(select u.id from unseen u where u.queue_status = 'processing')) and q.queue_status = 'processing'
    and not exists (select 1 from orrery.dispatch d where d.queue = 'entity' and d.job_id = q.id and d.state = 'leased')
  returning q.*
), missing as (
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'entity', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), least(q.queued_at, now()), coalesce(q.queued_at, now()), 'ready'
  from entity_update_queue q
  where q.id = any (array(select u.id from unseen u where u.queue_status = 'queued')) and q.queue_status = 'queued'
  union all
  select 'entity', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), now(), coalesce(q.queued_at, now()), 'ready'
  from orphaned q
  on conflict do nothing
  returning job_id
), known as materialized (
  (select d.job_id, d.state <> 'leased' or d.lease_expires_at < now() as nobodys from orrery.dispatch d
   where d.queue = 'entity' and d.job_id >= (select s.id from start s) order by d.job_id limit 10000)
  union all
  (select d.job_id, d.state <> 'leased' or d.lease_expires_at < now() as nobodys from orrery.dispatch d
   where d.queue = 'entity' and d.job_id < (select s.id from start s) order by d.job_id desc limit 10000)
), over as materialized (
  select k.job_id from known k
  where k.nobodys
    and coalesce((select q.queue_status from entity_update_queue q where q.id = k.job_id), 'gone') not in ('queued', 'processing')
), ended as (
  delete from orrery.dispatch d
  where d.queue = 'entity' and (d.state <> 'leased' or d.lease_expires_at < now()) and d.job_id = any (array(select o.job_id from over o))
    and not exists (select 1 from entity_update_queue q where q.id = d.job_id and q.queue_status in ('queued', 'processing'))
  returning d.job_id
)
select (select count(*) from missing) + (select count(*) from ended) as put_right
