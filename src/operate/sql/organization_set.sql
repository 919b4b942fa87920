-- organization_set: policy of organization $1. $2 paused, $3 weight, $4 whether the cap is set and $5 to what, $6 note: null leaves what is, empty takes it back;
-- $7 whether the next provider of language models may be paid where the account of one is empty.
with changed as (
  insert into orrery.organization_policy as p (organization_id, paused, weight, max_in_flight, note, llm_other_bill)
  values ($1, coalesce($2::boolean, false), coalesce($3::integer, 1), $5::integer, nullif($6::text, ''), coalesce($7::boolean, false))
  on conflict (organization_id) do update
  set paused = coalesce($2, p.paused), weight = coalesce($3, p.weight),
      max_in_flight = case when $4::boolean then $5 else p.max_in_flight end, note = nullif(coalesce($6, p.note), ''),
      llm_other_bill = coalesce($7, p.llm_other_bill)
  returning p.paused
)
select pg_notify('orrery_wake', queue.name)
from changed c cross join unnest(array['report', 'entity', 'calculation']) as queue (name) where not c.paused
