-- heartbeat: renews all leases of worker $5 in one statement; $1 queues, $2 jobs, $3 tokens, $4 seconds.
-- Returns the tokens that still hold: a lease that is not among them belongs to somebody else.
with seen as (
  update orrery.worker set last_seen_at = clock_timestamp() where worker_id = $5
)
update orrery.dispatch d
set heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + make_interval(secs => $4)
from unnest($1::text[], $2::uuid[], $3::bigint[]) as held (queue, job_id, token)
where d.queue = held.queue and d.job_id = held.job_id and d.token = held.token and d.state = 'leased'
returning d.token
