-- close_quarter: final counts of schedule $1: $2 all, $3 processed, $4 failed rows, and its errors by code.
with ran as (
  update orrery.quarter_run r
  set seen_at = clock_timestamp(), works = false, paused = false, note = null, forced = false, rate = null, tenths = 0
  where r.schedule_id = $1
)
update quarterly_update_schedule s
set total_entities = $2, processed_entities = $3, failed_entities = $4, estimated_completion = null,
    error_summary = orrery.quarter_errors($1)
where s.id = $1
