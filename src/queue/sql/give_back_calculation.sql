-- give_back_calculation: gives rows $1 back whose tokens $2 still hold, to run again at once; the attempt does not count.
-- A row that somebody holds locked is left out, so that one does not hold up all. Plans as in complete_calculation.sql.
with held as materialized (
  select q.id from calculation_jobs q where q.id = any (array(select unnest($1::uuid[]))) order by q.id for update skip locked
), released as (
  update orrery.dispatch d
  set state = 'ready', token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null, begun = null,
      run_at = clock_timestamp(), attempts = d.attempts - 1, snoozes = d.snoozes + 1
  where d.queue = 'calculation' and d.job_id = any (array(select h.id from held h)) and d.state || '' = 'leased'
    and (d.token in (select unnest($2::bigint[]))) is true
  returning d.job_id
)
update calculation_jobs q
set job_status = 'pending', started_at = null, updated_at = clock_timestamp()
where q.id = any (array(select r.job_id from released r))
returning q.id
