-- stored: the call of digest $1 that is answered or under way. given_up: its worker is gone, or it was made by this row ($2 queue, $3 id)
-- under a token not greater than $4. An answered one is read now, and that is counted.
with answered as (
  update orrery.llm_calls c set reads = c.reads + 1
  where c.request_digest = $1 and c.state = 'answered'
  returning c.id, c.state, c.held_answer
)
select a.id, a.state, false as given_up, a.held_answer from answered a
union all
select c.id, c.state,
       coalesce(c.expires_at <= clock_timestamp() or c.queue = $2 and c.job_id = $3 and c.token <= $4, false), c.held_answer
from orrery.llm_calls c where c.request_digest = $1 and c.state = 'in_flight'
