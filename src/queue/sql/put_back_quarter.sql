-- put_back_quarter: gives row $1 back if token $2 still holds, to run again after $3 seconds.
-- $4: the attempt did not count (snooze, shutdown); $5: message and $6: code of the error, if any.
-- $7: whether this is time that the row is put off, counted from the first such end; null: it says nothing about that.
-- FOR NO KEY UPDATE: rows of entities refer to the schedule, and every transaction that changes one holds it FOR KEY SHARE.
with held as materialized (
  select q.id from quarterly_update_schedule q where q.id = $1 for no key update
), released as (
  update orrery.dispatch d
  set state = 'ready', token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null, begun = null,
      run_at = clock_timestamp() + make_interval(secs => $3),
      attempts = d.attempts - case when $4 then 1 else 0 end, snoozes = d.snoozes + case when $4 then 1 else 0 end,
      first_snoozed_at = case when $7::boolean is null then d.first_snoozed_at when $7 then coalesce(d.first_snoozed_at, clock_timestamp()) end,
      last_code = coalesce($6, d.last_code)
  from held h where d.queue = 'quarter' and d.job_id = $1 and d.job_id = h.id and d.state || '' = 'leased' and d.token = $2
  returning d.job_id
)
update quarterly_update_schedule q
set error_summary = case when $4 then q.error_summary else jsonb_build_object('code', $6::text, 'message', $5::text) end,
    updated_at = clock_timestamp()
from released r where q.id = r.job_id
returning q.id
