-- give_back_quarter: gives rows $1 back whose tokens $2 still hold, to run again at once; the attempt does not count.
-- A row that somebody holds locked is left out, so that one does not hold up all. Plans as in complete_quarter.sql.
with held as materialized (
  select q.id from quarterly_update_schedule q where q.id = any (array(select unnest($1::uuid[]))) order by q.id for no key update skip locked
), released as (
  update orrery.dispatch d
  set state = 'ready', token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null, begun = null,
      run_at = clock_timestamp(), attempts = d.attempts - 1, snoozes = d.snoozes + 1
  where d.queue = 'quarter' and d.job_id = any (array(select h.id from held h)) and d.state || '' = 'leased'
    and (d.token in (select unnest($2::bigint[]))) is true
  returning d.job_id
)
update quarterly_update_schedule q
set updated_at = clock_timestamp()
where q.id = any (array(select r.job_id from released r))
returning q.id
