-- batch_take_back: takes back what row $2 of queue $1 has put down and what was not sent yet.
with mine as materialized (
  select c.id from orrery.llm_calls c
  where c.queue = $1 and c.job_id = $2 and c.state in ('queued', 'batched') and c.sent_at is null for update
)
select m.id, orrery.llm_settle(m.id, null, null)::text from mine m
