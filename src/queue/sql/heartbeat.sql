-- heartbeat: renews all leases of worker $5 in one statement; $1 queues, $2 jobs, $3 tokens, $4 seconds,
-- $6 writes that were refused so far, $7 tokens of rows that wait for a slot. What has begun is never said to wait again, however late
-- a statement arrives.
-- Returns the tokens that still hold: a lease that is not among them belongs to somebody else.
-- It waits for nobody, so it takes part in no deadlock, and one row that somebody holds cannot cost the others their leases: such a
-- row is renewed the next time, and the rescue leaves it alone as long as it is locked.
-- A token belongs to one claim of one row, so it need not be matched to its row; || '' as in claim_*.sql, IS TRUE as in complete_*.sql.
with seen as (
  update orrery.worker set last_seen_at = clock_timestamp(), fenced = $6 where worker_id = $5
), held as materialized (
  select d.ctid as at, d.token from orrery.dispatch d
  where d.queue = any ($1::text[]) and d.job_id = any ($2::uuid[]) and (d.token in (select unnest($3::bigint[]))) is true and d.state || '' = 'leased'
), free as materialized (
  select d.ctid as at from orrery.dispatch d where d.ctid = any (array(select h.at from held h)) for update skip locked
), renewed as (
  update orrery.dispatch d
  set heartbeat_at = clock_timestamp(), lease_expires_at = clock_timestamp() + make_interval(secs => $4),
      begun = coalesce(d.begun, case when d.token in (select unnest($7::bigint[])) then false end)
  where d.ctid = any (array(select f.at from free f))
)
select h.token from held h
