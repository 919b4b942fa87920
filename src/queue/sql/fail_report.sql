-- fail_report: ends row $1 as failed if token $2 still holds, with message $3 and code $4. No row back: fenced.
with held as materialized (
  select q.id from report_generation_queue q where q.id = $1 for update
), released as (
  delete from orrery.dispatch d using held h
  where d.queue = 'report' and d.job_id = $1 and d.job_id = h.id and d.state || '' = 'leased' and d.token = $2
  returning d.job_id
), ended as (
  update report_generation_queue q
  set status = 'failed', completed_at = clock_timestamp(), last_error = $3, updated_at = clock_timestamp()
  from released r where q.id = r.job_id
  returning q.id
)
insert into orrery.outbox (topic, payload)
select 'report.failed', jsonb_build_object('queue_id', e.id, 'code', $4::text) from ended e
returning (select id from ended)
