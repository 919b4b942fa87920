-- sweep_report: what the triggers could not see (a restored dump, replica role, rows older than the daemon).
-- $1: seconds after which a running row without a lease counts as an orphan,
-- also one that an application has set to the running word itself. Returns how many rows were put right.
-- A leased row whose table no longer has it is nobody's once its lease has run out: the rescue finds only rows that are there.
-- A row that says it was made later than now runs now, as it does when a trigger sees it.
with orphaned as (
  update report_generation_queue q
  set status = 'pending', worker_id = null, started_at = null, updated_at = clock_timestamp()
  where q.status = 'processing' and coalesce(q.started_at, q.updated_at)::timestamptz < now() - make_interval(secs => $1)
    and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id and d.state = 'leased')
  returning q.*
), missing as (
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'report', q.id, coalesce(e.organization_id::text, ''), q.priority, coalesce(q.scheduled_for::timestamptz, least(q.created_at::timestamptz, now())), q.created_at::timestamptz, case when exists (select 1 from orrery.dependency x where x.child = q.id) then 'waiting' else 'ready' end
  from report_generation_queue q left join employees e on e.id = q.employee_id
  where q.status = 'pending' and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id)
  union all
  select 'report', q.id, coalesce(e.organization_id::text, ''), q.priority, now(), q.created_at::timestamptz, case when exists (select 1 from orrery.dependency x where x.child = q.id) then 'waiting' else 'ready' end
  from orphaned q left join employees e on e.id = q.employee_id
  on conflict do nothing
  returning job_id
), ended as (
  delete from orrery.dispatch d
  where d.queue = 'report' and (d.state <> 'leased' or d.lease_expires_at < now()) and not exists (
    select 1 from report_generation_queue q where q.id = d.job_id and q.status in ('pending', 'processing'))
  returning d.job_id
)
select (select count(*) from missing) + (select count(*) from ended) as put_right
