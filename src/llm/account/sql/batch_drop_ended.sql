-- batch_drop_ended: takes questions out of batch $1, of which nothing was sent, whose rows have ended.
with vain as materialized (
  select c.id from orrery.llm_calls c
  where c.batch_id = $1 and c.state = 'batched' and c.sent_at is null and c.job_id is not null
    and not exists (select 1 from orrery.dispatch d where d.queue = c.queue and d.job_id = c.job_id)
  for update
)
select v.id, orrery.llm_settle(v.id, null, null)::text from vain v
