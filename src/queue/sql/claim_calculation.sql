-- claim_calculation: takes up to $2 rows in fair order for worker $1 with a lease of $3 seconds; $4 is the default for max attempts.
-- Both rows are locked with SKIP LOCKED, the application's first; a row that somebody else holds is simply not taken.
with locked as materialized (
  select q.id, c.place
  from orrery.candidates('calculation', $2) c
  join calculation_jobs q on q.id = c.job_id
  join orrery.dispatch d on d.queue = 'calculation' and d.job_id = c.job_id
  where q.job_status = 'pending' and d.state = 'ready'
  order by c.place
  limit $2
  for update of q, d skip locked
), claimed as (
  update calculation_jobs q
  set job_status = 'in_progress', started_at = clock_timestamp(), updated_at = clock_timestamp()
  from locked l where q.id = l.id
  returning q.*, l.place
), leased as (
  update orrery.dispatch d
  set state = 'leased', token = nextval('orrery.lease_token'), worker_id = $1, attempts = d.attempts + 1,
      leased_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
      lease_expires_at = clock_timestamp() + make_interval(secs => $3)
  from claimed c where d.queue = 'calculation' and d.job_id = c.id
  returning d.job_id, d.organization_id, d.token, d.attempts, d.crashes, d.snoozes, d.enqueued_at
)
select l.job_id, l.organization_id, l.token, l.attempts, l.crashes, l.snoozes, l.enqueued_at,
       (coalesce(c.max_retries, $4) + 1)::integer as max_attempts, to_jsonb(c) - 'place' as payload
from leased l join claimed c on c.id = l.job_id
order by c.place
