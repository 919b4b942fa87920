-- workers_alive: whether any worker has beaten within its lease, `given.lease_s`.
select 2 as level, 'no worker is alive' as found, 'start one: systemctl start orrery, or orrery run' as fix
where not exists (
  select 1 from orrery.worker w where w.lane_of is null and w.state <> 'stopped' and w.last_seen_at > clock_timestamp() - make_interval(secs => (select g.lease_s from given g)))
