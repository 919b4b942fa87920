-- buckets: how fast each model may be asked, as learnt.
select b.provider, b.model, b.key_id, b.requests_limit, b.tokens_limit, b.guessed, b.pace, b.slowed_at,
       nullif(b.blocked_until, '-infinity') as blocked_until, b.used_at
from orrery.llm_buckets b order by b.provider, b.model, b.key_id
