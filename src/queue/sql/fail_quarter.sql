-- fail_quarter: ends row $1 as failed if token $2 still holds, with message $3 and code $4. No row back: fenced.
-- FOR NO KEY UPDATE: rows of entities refer to the schedule, and every transaction that changes one holds it FOR KEY SHARE.
with held as materialized (
  select q.id from quarterly_update_schedule q where q.id = $1 for no key update
), released as (
  delete from orrery.dispatch d using held h
  where d.queue = 'quarter' and d.job_id = $1 and d.job_id = h.id and d.state || '' = 'leased' and d.token = $2
  returning d.job_id
), ended as (
  update quarterly_update_schedule q
  set status = 'failed', completed_at = clock_timestamp(), error_summary = coalesce(q.error_summary, '{}') || jsonb_build_object('code', $4::text, 'message', $3::text), updated_at = clock_timestamp()
  from released r where q.id = r.job_id
  returning q.id
)
insert into orrery.outbox (topic, payload)
select 'quarter.failed', jsonb_build_object('queue_id', e.id, 'code', $4::text) from ended e
returning (select id from ended)
