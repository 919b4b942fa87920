-- workers_versions: several versions at work at once.
select 1 as level, 'versions ' || string_agg(v.version, ', ' order by v.version) as found, 'stop the workers of the older version' as fix
from (
  select distinct w.version from orrery.worker w
  where w.state = 'running' and w.last_seen_at > clock_timestamp() - make_interval(secs => (select g.lease_s from given g))) v
having count(*) > 1
