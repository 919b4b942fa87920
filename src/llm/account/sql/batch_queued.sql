-- batch_queued: questions that wait to be collected, by model.
select c.provider, c.model, count(*) as questions, coalesce(sum(c.wire_bytes), 0)::bigint as bytes, min(c.created_at) as oldest
from orrery.llm_calls c where c.state = 'queued' group by c.provider, c.model order by c.provider, c.model
