-- lock_quarter_count: who sums up or counts the rows of schedule $1 does it alone.
insert into orrery.quarter_count as c (schedule_id) values ($1)
on conflict (schedule_id) do update set schedule_id = excluded.schedule_id
