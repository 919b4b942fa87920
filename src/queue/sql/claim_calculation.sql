-- claim_calculation: takes up to $2 rows in fair order for worker $1 with a lease of $3 seconds; $4 is the default for max attempts;
-- $5 says what to do with rows that killed a worker: none, only or any; $6 whether the worker will say when each row begins;
-- $7 how many rows are looked at for that, at least $2. Says of how many it had the choice, also when it took none.
-- Both rows are locked with SKIP LOCKED, the application's first; a row that somebody else holds is simply not taken.
-- Tables that fill and empty have statistics that are wrong, so no plan may hang on them: rows are found one by one by key (LATERAL,
-- ANY) or by place (ctid, which only the version of a row has that was locked), and || '' keeps the planner from reading a whole partial index that it believes to be empty.
-- An application may say that a row was made at infinity, which no time of the worker can hold: it gets a time from year 1 to 9999.
with offered as materialized (
  select c.job_id, c.place from orrery.candidates('calculation', $7, $5) c
), locked as materialized (
  select c.job_id as id, c.place, ready.at
  from offered c
  cross join lateral (
    select from calculation_jobs q where q.id = c.job_id and q.job_status || '' = 'pending' for update skip locked) held
  cross join lateral (
    select d.ctid as at from orrery.dispatch d where d.queue = 'calculation' and d.job_id = c.job_id and d.state || '' = 'ready' for update skip locked) ready
  limit $2
), leased as (
  update orrery.dispatch d
  set state = 'leased', token = nextval('orrery.lease_token'), worker_id = $1, attempts = d.attempts + 1,
      leased_at = clock_timestamp(), heartbeat_at = clock_timestamp(),
      lease_expires_at = clock_timestamp() + make_interval(secs => $3), begun = case when $6 then false end
  where d.ctid = any (array(select l.at from locked l))
  returning d.job_id, d.organization_id, d.token, d.attempts, d.crashes, d.snoozes, d.enqueued_at
), claimed as (
  update calculation_jobs q
  set job_status = 'in_progress', started_at = clock_timestamp(), updated_at = clock_timestamp()
  where q.id = any (array(select d.job_id from leased d))
  returning q.*
)
select d.job_id, d.organization_id, d.token, d.attempts, d.crashes, d.snoozes,
       least(greatest(d.enqueued_at, timestamptz '0001-01-01 00:00:00+00'), timestamptz '9999-12-31 00:00:00+00') as enqueued_at,
       (coalesce(c.max_retries, $4) + 1)::integer as max_attempts, o.offered, row_to_json(c)::text as payload
from (select count(*) as offered from offered) o
left join (locked l join leased d on d.job_id = l.id join claimed c on c.id = l.id) on true
order by l.place
