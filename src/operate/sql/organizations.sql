-- organizations: tenants with their policy and their open rows, at most $1: those with a policy or open rows first, then by name. Rows are
-- counted along indexes, up to $2 ready rows of each queue, and waiting and running ones among the first 10 * $2 of all.
with waiting as (
  select w.organization_id, count(*) as rows
  from (select d.organization_id from orrery.dispatch d where d.state = 'waiting' limit 10 * $2::bigint) w group by 1
), running as (
  select w.organization_id, count(*) as rows
  from (select d.organization_id from orrery.dispatch d where d.state = 'leased' limit 10 * $2::bigint) w group by 1
), ready as (
  select o.organization_id, sum(r.rows)::bigint as rows, max(r.rows) >= $2::bigint as more
  from unnest(array['report', 'entity', 'calculation']) as queue (name)
  cross join lateral orrery.organizations(queue.name) o
  cross join lateral (
    select count(*) as rows
    from (select from orrery.dispatch d
          where d.queue = queue.name and d.organization_id = o.organization_id and d.state = 'ready' limit $2::bigint) few) r
  group by 1
), known as (
  select p.organization_id as id from orrery.organization_policy p
  union select w.organization_id from waiting w
  union select r.organization_id from running r
  union select r.organization_id from ready r
), named as (
  (select k.id, o.name::text as name, true as active from known k left join organizations o on o.id::text = k.id where k.id <> '')
  union
  (select o.id::text, o.name::text, exists (select from known k where k.id = o.id::text) from organizations o order by o.name limit $1)
)
select n.id, n.name, coalesce(p.weight, 1) as weight, p.max_in_flight, coalesce(p.paused, false) as paused, p.note,
       coalesce(p.llm_other_bill, false) as llm_other_bill,
       coalesce(running.rows, 0) as running, coalesce(ready.rows, 0) as ready, coalesce(waiting.rows, 0) as waiting,
       coalesce(ready.more, false) as more
from named n
left join orrery.organization_policy p on p.organization_id = n.id
left join running on running.organization_id = n.id
left join ready on ready.organization_id = n.id
left join waiting on waiting.organization_id = n.id
order by n.active desc, n.name, n.id
limit $1
