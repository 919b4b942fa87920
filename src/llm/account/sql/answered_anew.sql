-- answered_anew: writes an answered call down whose row is not there: $1, columns of llm_calls by name. What the ledger lost with it comes back.
with w as materialized (
  select $1::jsonb || jsonb_build_object(
    'month', date_trunc('month', clock_timestamp() at time zone 'UTC')::date, 'created_at', clock_timestamp(),
    'sent_at', clock_timestamp(), 'ended_at', clock_timestamp(), 'expires_at', clock_timestamp(), 'reserved_tokens', 0,
    'reserved_nano_usd', null, 'assumed', false, 'reads', 0, 'repairs', '[]'::jsonb, 'violations', '[]'::jsonb) as row
), made as (
  insert into orrery.llm_calls
  select x.* from w, jsonb_populate_record(null::orrery.llm_calls, w.row) x
  on conflict do nothing
  returning organization_id, month
)
insert into orrery.llm_spend as s (organization_id, month, open_calls)
select m.organization_id, m.month, 1 from made m
on conflict (organization_id, month) do update set open_calls = s.open_calls + 1
