-- rescue_report: takes up to $1 rows back from workers whose lease ran out. Deaths count apart from attempts, and only
-- over rows that had begun (a lease of which nothing is said counts as begun);
-- after a start of the server living workers first get a lease's length ($3 seconds) to show themselves;
-- a row that has killed $2 workers is quarantined: it ends as failed, with the evidence.
-- $4: only these rows, null for any; $5: not these rows.
with expired as materialized (
  select d.job_id, d.token, d.worker_id, d.leased_at, d.heartbeat_at, d.lease_expires_at,
         d.begun is not false as began, d.crashes + (d.begun is not false)::integer as crashes,
         d.begun is not false and d.crashes + 1 >= $2 as quarantined
  from orrery.dispatch d join report_generation_queue q on q.id = d.job_id
  where d.queue = 'report' and d.state = 'leased' and d.lease_expires_at < clock_timestamp()
    and pg_postmaster_start_time() < clock_timestamp() - make_interval(secs => $3)
    and ($4::uuid[] is null or d.job_id = any ($4)) and d.job_id <> all ($5::uuid[])
  order by d.lease_expires_at
  limit $1
  for update of q, d skip locked
), back as (
  update report_generation_queue q
  set status = case when x.quarantined then 'failed' else 'pending' end, worker_id = null, attempt_count = greatest(coalesce(q.attempt_count, 0) - 1, 0), 
      completed_at = case when x.quarantined then clock_timestamp() end,
      last_error = case when x.quarantined then 'the worker died ' || x.crashes || ' times while it had this row; see orrery.quarantine for the evidence, put right what kills it and set the row to pending again' else q.last_error end, updated_at = clock_timestamp()
  from expired x where q.id = x.job_id
  returning q.id, q.employee_id, q.report_type, q.last_error
), freed as (
  update orrery.dispatch d
  set state = 'ready', token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null, begun = null,
      run_at = clock_timestamp(), attempts = d.attempts - 1, crashes = x.crashes,
      last_code = case when x.began then 'worker.died' else d.last_code end
  from expired x where d.queue = 'report' and d.job_id = x.job_id and not x.quarantined
), gone as (
  delete from orrery.dispatch d using expired x where d.queue = 'report' and d.job_id = x.job_id and x.quarantined
), evidence as (
  insert into orrery.quarantine (queue, job_id, crashes, evidence)
  select 'report', x.job_id, x.crashes, jsonb_build_object('worker_id', x.worker_id, 'token', x.token,
         'leased_at', x.leased_at, 'heartbeat_at', x.heartbeat_at, 'lease_expired_at', x.lease_expires_at)
  from expired x where x.quarantined
  on conflict (queue, job_id) do update
  set crashes = excluded.crashes, evidence = excluded.evidence, quarantined_at = now(), released_at = null
), told as (
  insert into orrery.outbox (topic, payload)
  select 'report.failed', jsonb_build_object('queue_id', x.job_id, 'code', 'worker.died') from expired x where x.quarantined
), unreserved as (
  delete from orrery.report_slot s using expired x where s.queue_id = x.job_id and x.quarantined
), recorded as (
  insert into report_generation_errors
    (queue_id, employee_id, report_type, error_type, error_code, error_message, processing_stage, input_data)
  select b.id, b.employee_id, b.report_type, 'worker.died', 'permanent', b.last_error, 'data_collection',
         jsonb_build_object('queue_id', b.id, 'crashes', x.crashes, 'worker_id', x.worker_id)
  from expired x join back b on b.id = x.job_id where x.quarantined
)
select x.job_id, x.token, x.began, x.crashes, x.quarantined, x.worker_id from expired x join back b on b.id = x.job_id
