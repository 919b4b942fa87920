-- explain: all that decides about row $1, in one object; null if no queue has it. $2: seconds after which a silent worker counts as dead.
with found as (
  select 'report' as queue, q.status as word, q.last_error as error, q.created_at::timestamptz as enqueued_at, q.completed_at::timestamptz as ended_at
  from report_generation_queue q where q.id = $1
  union all
  select 'entity', q.queue_status, q.error_message, q.queued_at::timestamptz, q.completed_at::timestamptz
  from entity_update_queue q where q.id = $1
  union all
  select 'quarter', q.status, null, q.created_at::timestamptz, q.completed_at::timestamptz
  from quarterly_update_schedule q where q.id = $1
  union all
  select 'calculation', q.job_status, q.error_message, q.created_at::timestamptz, q.completed_at::timestamptz
  from calculation_jobs q where q.id = $1
  limit 1
)
select jsonb_build_object(
  'job_id', $1, 'queue', f.queue, 'status', f.word, 'error', f.error, 'enqueued_at', f.enqueued_at, 'ended_at', f.ended_at,
  'now', clock_timestamp(),
  'dispatch', (
    select to_jsonb(d) || jsonb_build_object(
      'worker_seen_at', (select w.last_seen_at from orrery.worker w where w.worker_id = d.worker_id))
    from orrery.dispatch d where d.queue = f.queue and d.job_id = $1),
  'parents', coalesce((
    select jsonb_agg(jsonb_build_object('job_id', e.parent, 'kind', e.kind, 'status', p.status) order by e.parent)
    from orrery.dependency e left join report_generation_queue p on p.id = e.parent
    where f.queue = 'report' and e.child = $1), '[]'),
  'queue_policy', (select to_jsonb(p) from orrery.queue_policy p where p.queue = f.queue),
  'organization_policy', (
    select to_jsonb(p) from orrery.organization_policy p
    join orrery.dispatch d on d.organization_id = p.organization_id where d.queue = f.queue and d.job_id = $1),
  'breakers', coalesce((
    select jsonb_agg(to_jsonb(b)) from orrery.breaker b where f.queue = any (b.queues) and b.state <> 'closed'), '[]'),
  'models', coalesce((
    select jsonb_agg(to_jsonb(b) order by b.name) from orrery.breaker b where b.queues = '{}' and b.state <> 'closed'), '[]'),
  'spend', (
    select jsonb_build_object('nano_usd', s.spent_nano_usd + s.assumed_nano_usd, 'tokens', s.tokens, 'calls', s.calls)
    from orrery.llm_spend s join orrery.dispatch d on d.organization_id = s.organization_id
    where d.queue = f.queue and d.job_id = $1 and s.month = date_trunc('month', clock_timestamp() at time zone 'UTC')::date),
  'quarantine', (
    select to_jsonb(x) from orrery.quarantine x where x.queue = f.queue and x.job_id = $1 and x.released_at is null),
  'running_of_organization', (
    select count(*) from orrery.dispatch d join orrery.dispatch me on me.queue = f.queue and me.job_id = $1
    where d.queue = f.queue and d.state = 'leased' and d.organization_id = me.organization_id),
  'ahead', (
    select count(*) from orrery.dispatch d join orrery.dispatch me on me.queue = f.queue and me.job_id = $1
    where d.queue = f.queue and d.state = 'ready' and d.organization_id = me.organization_id and d.job_id <> me.job_id
      and d.run_at <= clock_timestamp() and (d.priority, me.enqueued_at) > (me.priority, d.enqueued_at)),
  'workers', (
    select count(*) from orrery.worker w
    where w.state = 'running' and w.lane_of is null and w.last_seen_at > clock_timestamp() - make_interval(secs => $2)))
from found f
