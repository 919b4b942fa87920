-- workers: workers of the last day; alive means seen within $1 seconds.
select w.worker_id, w.host, w.pid, w.version, w.state, w.started_at, w.last_seen_at, w.lane_of, w.fenced,
       extract(epoch from now() - w.last_seen_at)::float8 as seen_s,
       w.last_seen_at > now() - make_interval(secs => $1) as alive,
       (select count(*) from orrery.dispatch d where d.worker_id = w.worker_id and d.state = 'leased') as running
from orrery.worker w where w.last_seen_at > now() - interval '1 day'
order by w.last_seen_at desc
