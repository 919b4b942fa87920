-- batches: newest batches. $1: only open ones; $2 rows.
select b.id, b.created_at, b.state, b.provider, b.model, b.provider_batch_id, b.items, b.bytes, b.submitted_at, b.ended_at, b.give_up_at,
       b.tries, b.error_code, b.message,
       coalesce(b.answered, n.answered) as answered, coalesce(b.failed, n.failed) as failed, coalesce(b.undone, n.undone) as undone,
       n.cost_nano_usd
from (
  select x.* from orrery.llm_batches x
  where not $1 or x.state in ('collected', 'submitting', 'submitted')
  order by x.created_at desc limit $2) b
cross join lateral (
  select count(*) filter (where c.state in ('answered', 'late', 'expired'))::integer as answered,
         count(*) filter (where c.state = 'failed' and c.error_code <> 'llm.batch_expired')::integer as failed,
         count(*) filter (where c.state = 'unknown' or c.state = 'failed' and c.error_code = 'llm.batch_expired')::integer as undone,
         coalesce(sum(c.cost_nano_usd), 0)::bigint as cost_nano_usd
  from orrery.llm_calls c where c.batch_id = b.id) n
order by b.created_at desc
