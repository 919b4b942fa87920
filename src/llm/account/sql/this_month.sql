-- this_month: what all organizations spent on models this month, and which models are left alone.
select date_trunc('month', clock_timestamp() at time zone 'UTC')::date as month,
       coalesce(sum(s.calls), 0)::bigint as calls, coalesce(sum(s.tokens), 0)::bigint as tokens,
       coalesce(sum(s.spent_nano_usd), 0)::bigint as spent_nano_usd, coalesce(sum(s.unpriced_calls), 0)::bigint as unpriced_calls,
       array(select b.name from orrery.breaker b where b.queues = '{}' and b.state <> 'closed' order by b.name) as open_breakers
from orrery.llm_spend s where s.month = date_trunc('month', clock_timestamp() at time zone 'UTC')::date
