-- sweep_calculation: what the triggers could not see (a restored dump, replica role, rows older than the daemon).
-- $1: seconds after which a running row without a lease counts as an orphan,
-- also one that an application has set to the running word itself. Returns how many rows were put right.
-- A leased row whose table no longer has it is nobody's once its lease has run out: the rescue finds only rows that are there.
-- A row that says it was made later than now runs now, as it does when a trigger sees it.
with orphaned as (
  update calculation_jobs q
  set job_status = 'pending', started_at = null, updated_at = clock_timestamp()
  where q.job_status = 'in_progress' and coalesce(q.started_at, q.updated_at, q.created_at) < now() - make_interval(secs => $1)
    and not exists (select 1 from orrery.dispatch d where d.queue = 'calculation' and d.job_id = q.id and d.state = 'leased')
  returning q.*
), missing as (
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'calculation', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), least(q.created_at, now()), coalesce(q.created_at, now()), 'ready'
  from calculation_jobs q
  where q.job_status = 'pending' and not exists (select 1 from orrery.dispatch d where d.queue = 'calculation' and d.job_id = q.id)
  union all
  select 'calculation', q.id, q.organization_id, least(greatest(coalesce(q.priority, 5), 1), 10), now(), coalesce(q.created_at, now()), 'ready'
  from orphaned q
  on conflict do nothing
  returning job_id
), ended as (
  delete from orrery.dispatch d
  where d.queue = 'calculation' and (d.state <> 'leased' or d.lease_expires_at < now()) and not exists (
    select 1 from calculation_jobs q where q.id = d.job_id and q.job_status in ('pending', 'in_progress'))
  returning d.job_id
)
select (select count(*) from missing) + (select count(*) from ended) as put_right
