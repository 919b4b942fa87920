-- budget_set: limits of organization $1: $2 billionths of a dollar, $3 tokens, $4 calls in a month; null: no limit. $5: why.
-- A trigger lets the rows look again that wait for budget.
insert into orrery.llm_limits (organization_id, month_nano_usd, month_tokens, month_calls, note, changed_at)
values ($1, $2, $3, $4, $5, clock_timestamp())
on conflict (organization_id) do update
set month_nano_usd = excluded.month_nano_usd, month_tokens = excluded.month_tokens, month_calls = excluded.month_calls,
    note = excluded.note, changed_at = excluded.changed_at
