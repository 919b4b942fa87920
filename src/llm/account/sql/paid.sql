-- paid: what all calls for row $1 have used and cost; unpriced: those whose cost nobody knows.
select coalesce(sum(c.input_tokens), 0)::bigint as input_tokens, coalesce(sum(c.output_tokens), 0)::bigint as output_tokens,
       coalesce(sum(c.cost_nano_usd), 0)::bigint as cost_nano_usd,
       count(*) filter (where c.state in ('answered', 'expired', 'late') and c.cost_nano_usd is null) as unpriced
from orrery.llm_calls c where c.job_id = $1
