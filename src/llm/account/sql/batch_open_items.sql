-- batch_open_items: questions of batch $1 without an end, and their bytes.
select c.id, coalesce(c.wire_bytes, 0) from orrery.llm_calls c where c.batch_id = $1 and c.state = 'batched' order by c.created_at, c.id
