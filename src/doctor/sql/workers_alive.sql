-- workers_alive: whether any worker has beaten within its lease of $2 seconds.
select 2 as level, 'no worker is alive' as found, 'start one: systemctl start orrery, or orrery run' as fix
where not exists (
  select 1 from orrery.worker w where w.lane_of is null and w.state <> 'stopped' and w.last_seen_at > clock_timestamp() - make_interval(secs => $2))
  and $1::bigint > 0 and $3::bigint > 0
