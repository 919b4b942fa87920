-- metrics_fleet: breakers (1 while not closed), workers by state, rows in quarantine by queue.
select 'breaker' as kind, b.name, case when b.state = 'closed' then 0 else 1 end::float8 as value from orrery.breaker b
union all
select 'worker', s.state, (
  select count(*) from orrery.worker w
  where w.lane_of is null and w.state <> 'stopped' and w.last_seen_at > now() - interval '1 day'
    and (w.last_seen_at > now() - interval '1 minute') = (s.state = 'alive'))::float8
from unnest(array['alive', 'dead']) as s (state)
union all
select 'quarantine', q.queue, (select count(*) from orrery.quarantine z where z.queue = q.queue and z.released_at is null)::float8
from unnest(array['report', 'entity', 'quarter', 'calculation']) as q (queue)
