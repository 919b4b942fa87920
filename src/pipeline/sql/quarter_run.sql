-- quarter_run: what the run of schedule $1 remembers; its row is made if it is not there.
insert into orrery.quarter_run as r (schedule_id) values ($1)
on conflict (schedule_id) do update set schedule_id = excluded.schedule_id
returning r.started_at is not null as started, r.paused, r.forced, r.kind, r.after_department, r.after_id,
          r.expanded_at is not null as expanded, r.works, r.seen, r.rate,
          extract(epoch from clock_timestamp() - r.seen_at)::float8 as idle_s
