-- budget_standings: how organizations ($1, or all) stand in the month of day $2 (or this month), with the limits that hold: their own,
-- else the configuration's ($3 billionths of a dollar, $4 tokens, $5 calls).
with asked as (
  select date_trunc('month', coalesce($2::date, (clock_timestamp() at time zone 'UTC')::date))::date as month
)
select o.organization_id, a.month, coalesce(s.calls, 0) as calls, coalesce(s.open_calls, 0) as open_calls,
       coalesce(s.tokens, 0) as tokens, coalesce(s.spent_nano_usd, 0) as spent_nano_usd,
       coalesce(s.assumed_nano_usd, 0) as assumed_nano_usd, coalesce(s.reserved_nano_usd, 0) as reserved_nano_usd,
       coalesce(s.unpriced_calls, 0) as unpriced_calls, l.organization_id is not null as own_limits, l.note,
       case when l.organization_id is null then $3::bigint else l.month_nano_usd end as month_nano_usd,
       case when l.organization_id is null then $4::bigint else l.month_tokens end as month_tokens,
       case when l.organization_id is null then $5::bigint else l.month_calls end as month_calls
from asked a
cross join (
  select x.organization_id from orrery.llm_limits x union select y.organization_id from orrery.llm_spend y, asked b where y.month = b.month
) o
left join orrery.llm_spend s on s.organization_id = o.organization_id and s.month = a.month
left join orrery.llm_limits l on l.organization_id = o.organization_id
where $1::text is null or o.organization_id = $1
order by coalesce(s.spent_nano_usd, 0) desc, o.organization_id
