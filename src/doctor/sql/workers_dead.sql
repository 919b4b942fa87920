-- workers_dead: workers of the last day that neither stopped nor beat within their lease, `given.lease_s`.
select 1 as level, format('%s was last seen %s ago', w.worker_id, date_trunc('second', clock_timestamp() - w.last_seen_at)) as found,
       format('sql: update orrery.worker set state = ''stopped'' where worker_id = %L', w.worker_id) as fix
from orrery.worker w
where w.lane_of is null and w.state <> 'stopped' and w.last_seen_at > clock_timestamp() - interval '1 day'
  and w.last_seen_at <= clock_timestamp() - make_interval(secs => 2 * (select g.lease_s from given g))
order by w.last_seen_at desc limit 20
