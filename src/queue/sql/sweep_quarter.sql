-- sweep_quarter: what the triggers could not see (a restored dump, replica role, rows older than the daemon).
-- $1: seconds after which a running row without a lease counts as an orphan. Returns how many rows were put right.
-- A leased row whose table no longer has it is nobody's once its lease has run out: the rescue finds only rows that are there.
with orphaned as (
  update quarterly_update_schedule q
  set status = 'scheduled', started_at = null, updated_at = clock_timestamp()
  where q.status = 'in_progress' and coalesce(q.updated_at, q.started_at, q.created_at) < now() - make_interval(secs => $1)
    and not exists (select 1 from orrery.dispatch d where d.queue = 'quarter' and d.job_id = q.id)
  returning q.*
), missing as (
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'quarter', q.id, '', 5, (q.scheduled_date + q.execution_start_time) at time zone 'UTC', coalesce(q.created_at, now()), 'ready'
  from quarterly_update_schedule q
  where q.status = 'scheduled' and not exists (select 1 from orrery.dispatch d where d.queue = 'quarter' and d.job_id = q.id)
  union all
  select 'quarter', q.id, '', 5, now(), coalesce(q.created_at, now()), 'ready'
  from orphaned q
  on conflict do nothing
  returning job_id
), ended as (
  delete from orrery.dispatch d
  where d.queue = 'quarter' and (d.state <> 'leased' or d.lease_expires_at < now()) and not exists (
    select 1 from quarterly_update_schedule q where q.id = d.job_id and q.status in ('scheduled', 'in_progress'))
  returning d.job_id
)
select (select count(*) from missing) + (select count(*) from ended) as put_right
