-- breaker_close: an operator closes the breaker of provider $1 and model $2; rows that wait for it run. Whether it was open.
with closed as (
  update orrery.breaker b
  set state = 'closed', failures = 0, opened_at = null, openings = 0, probe_at = null, probed_by = null
  where b.name = orrery.llm_breaker_name($1, $2) and b.state <> 'closed'
  returning b.name
), told as (
  insert into orrery.outbox (topic, payload) select 'breaker.closed', jsonb_build_object('name', c.name) from closed c
  returning id
)
select coalesce((select orrery.llm_unpark('{llm.circuit_open,llm.auth,llm.quota_exhausted}', null) >= 0 from told), false)
