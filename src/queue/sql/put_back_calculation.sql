-- put_back_calculation: gives row $1 back if token $2 still holds, to run again after $3 seconds.
-- $4: the attempt did not count (snooze, shutdown); $5: message and $6: code of the error, if any.
-- $7: whether this is time that the row is put off, counted from the first such end; null: it says nothing about that.
with held as materialized (
  select q.id from calculation_jobs q where q.id = $1 for update
), released as (
  update orrery.dispatch d
  set state = 'ready', token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null, begun = null,
      run_at = clock_timestamp() + make_interval(secs => $3),
      attempts = d.attempts - case when $4 then 1 else 0 end, snoozes = d.snoozes + case when $4 then 1 else 0 end,
      first_snoozed_at = case when $7::boolean is null then d.first_snoozed_at when $7 then coalesce(d.first_snoozed_at, clock_timestamp()) end,
      last_code = coalesce($6, d.last_code)
  from held h where d.queue = 'calculation' and d.job_id = $1 and d.job_id = h.id and d.state || '' = 'leased' and d.token = $2
  returning d.job_id
)
update calculation_jobs q
set job_status = 'pending', started_at = null, retry_count = coalesce(q.retry_count, 0) + case when $4 then 0 else 1 end, error_message = coalesce($5, q.error_message), error_code = left(coalesce($6, q.error_code), 50), updated_at = clock_timestamp()
from released r where q.id = r.job_id
returning q.id
