-- batch_undone: ends the questions of batch $1 that have no end as $2 says (null: nobody knows), while look $3 holds it (null: whoever does).
select coalesce(sum(orrery.llm_undone(c.id, $2)), 0)::bigint
from orrery.llm_batches b join orrery.llm_calls c on c.batch_id = b.id
where b.id = $1 and ($3::uuid is null or b.held_by = $3) and c.state = 'batched'
