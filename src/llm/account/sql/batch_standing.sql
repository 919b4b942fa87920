-- batch_standing: whether row $3 of queue $2 has had a batch that brought it no answer, and the question of digest $1 that waits, if any: own
-- says whether it is this row's, left_s how long it may still wait.
select exists (
         select 1 from orrery.llm_calls x
         where x.queue = $2 and x.job_id = $3 and x.batch_id is not null and x.state not in ('queued', 'batched')) as had_one,
       w.state, w.own, w.left_s
from (select 1) as one
left join lateral (
  select c.state, coalesce(c.queue = $2 and c.job_id = $3, false) as own,
         extract(epoch from c.expires_at - clock_timestamp())::double precision as left_s
  from orrery.llm_calls c where c.request_digest = $1 and c.state in ('queued', 'batched')) w on true
