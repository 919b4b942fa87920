-- answered: writes down how call $1 was answered: $2, columns of llm_calls by name. Nothing back means that there is no such call.
-- A call that was given up meanwhile is answered all the same, unless somebody has asked again: then it came too late.
with a as materialized (
  select x.* from jsonb_populate_record(null::orrery.llm_calls, $2) x
)
update orrery.llm_calls c
set state = case
      when c.state in ('in_flight', 'answered') then 'answered'
      when c.state in ('unknown', 'queued', 'batched') and not exists (
        select 1 from orrery.llm_calls o
        where o.request_digest = c.request_digest and o.state in ('in_flight', 'answered')) then 'answered'
      else 'late' end,
    ended_at = clock_timestamp(), tries = greatest(c.tries, a.tries), latency_ms = a.latency_ms, http_status = a.http_status,
    finish = a.finish, request_id = a.request_id, answered_model = a.answered_model, input_tokens = a.input_tokens,
    cached_input_tokens = a.cached_input_tokens, cache_write_tokens = a.cache_write_tokens, output_tokens = a.output_tokens,
    reasoning_tokens = a.reasoning_tokens, usage_estimated = a.usage_estimated, price_id = a.price_id,
    cost_nano_usd = a.cost_nano_usd, held_answer = a.held_answer, sent_at = coalesce(c.sent_at, c.created_at)
from a where c.id = $1
returning c.state
