-- answered_anew: writes an answered call down whose row is not there: $1, columns of llm_calls by name.
with w as materialized (
  select $1::jsonb || jsonb_build_object(
    'month', date_trunc('month', clock_timestamp() at time zone 'UTC')::date, 'created_at', clock_timestamp(),
    'sent_at', clock_timestamp(), 'ended_at', clock_timestamp(), 'expires_at', clock_timestamp(), 'reserved_tokens', 0,
    'reserved_nano_usd', null, 'assumed', false, 'reads', 0, 'repairs', '[]'::jsonb, 'violations', '[]'::jsonb) as row
)
insert into orrery.llm_calls
select x.* from w, jsonb_populate_record(null::orrery.llm_calls, w.row) x
on conflict do nothing
