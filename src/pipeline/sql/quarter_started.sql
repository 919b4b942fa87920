-- quarter_started: notes once that schedule $1 has begun, and tells it; $2 is the quarter.
with first as (
  update orrery.quarter_run r set started_at = clock_timestamp() where r.schedule_id = $1 and r.started_at is null
  returning r.schedule_id
)
insert into orrery.outbox (topic, payload)
select 'quarter.started', jsonb_build_object('schedule_id', f.schedule_id, 'quarter', $2::text) from first f
