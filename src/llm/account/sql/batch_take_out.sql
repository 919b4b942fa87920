-- batch_take_out: takes out questions that wait in vain: their row has ended, somebody got the answer directly, or they have waited too long.
with vain as materialized (
  select c.id from orrery.llm_calls c
  where c.state = 'queued'
    and (c.expires_at <= clock_timestamp()
         or c.job_id is not null and not exists (select 1 from orrery.dispatch d where d.queue = c.queue and d.job_id = c.job_id)
         or exists (select 1 from orrery.llm_calls o where o.request_digest = c.request_digest and o.state = 'answered'))
  order by c.id limit 500 for update skip locked
)
select v.id, orrery.llm_settle(v.id, null, null)::text from vain v
