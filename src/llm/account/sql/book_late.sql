-- book_late: books calls that ended a minute ago and whose worker did not book them.
with late as materialized (
  select c.id, c.input_tokens + c.output_tokens as tokens from orrery.llm_calls c
  where c.settled_at is null and c.state <> 'in_flight' and c.ended_at < clock_timestamp() - interval '1 minute'
  order by c.ended_at limit 100
)
select l.id, orrery.llm_settle(l.id, l.tokens, null)::text from late l
