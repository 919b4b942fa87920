-- rows_oldest that may run and have waited for long.
select 1 as level, format('%s %s has waited for %s', d.queue, d.job_id, date_trunc('second', clock_timestamp() - d.run_at)) as found,
       'orrery explain ' || d.job_id as fix
from unnest(array['report', 'entity', 'quarter', 'calculation']) as q (queue)
cross join lateral orrery.organizations(q.queue) o
cross join lateral (
  select x.queue, x.job_id, x.run_at from orrery.dispatch x
  where x.queue = q.queue and x.organization_id = o.organization_id and x.state = 'ready'
  order by x.run_at limit 1) d
where d.run_at < clock_timestamp() - interval '15 minutes'
order by d.run_at limit 5
