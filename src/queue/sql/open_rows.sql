-- open_rows: open rows by queue and state, counted along their indexes up to $1 of each, and the age of the oldest that may run now, if one may.
-- `ready` also counts rows whose time has not come: telling them apart would cost a look at each.
select q.queue, s.state,
       case s.state
         when 'ready' then (select count(*) from (select 1 from orrery.dispatch d where d.queue = q.queue and d.state = 'ready' limit $1) r)
         when 'waiting' then (select count(*) from (select 1 from orrery.dispatch d where d.queue = q.queue and d.state = 'waiting' limit $1) w)
         else (select count(*) from (select 1 from orrery.dispatch d where d.queue = q.queue and d.state = 'leased' limit $1) l)
       end as counted,
       case when s.state = 'ready' then (
         select extract(epoch from now() - min(greatest(first.run_at, timestamptz '0001-01-01 00:00:00+00')) filter (where first.run_at <= now()))::float8
         from orrery.organizations(q.queue) o
         cross join lateral (
           select d.run_at from orrery.dispatch d
           where d.queue = q.queue and d.organization_id = o.organization_id and d.state = 'ready'
           order by d.run_at limit 1) first
       ) end as oldest_s
from unnest(array['report', 'entity', 'quarter', 'calculation']) as q (queue)
cross join unnest(array['ready', 'waiting', 'leased']) as s (state)
