-- note_quarter: writes how schedule $1 stands: $2 all, $3 processed, $4 failed rows, $5 when it is expected to end; and what the next look
-- needs: $7 rows that have ended, $8 whether rows may run, $9 rows per second, $10 tenths that are done. Only while token $6 holds.
with held as (
  select from orrery.dispatch d where d.queue = 'quarter' and d.job_id = $1 and d.token = $6 and d.state = 'leased'
), told as (
  insert into orrery.outbox (topic, payload)
  select 'quarter.progress', jsonb_build_object('schedule_id', r.schedule_id, 'entities', $2::bigint, 'processed', $3::bigint,
         'failed', $4::bigint, 'estimated_completion', $5::timestamptz)
  from orrery.quarter_run r, held where r.schedule_id = $1 and r.tenths < $10::integer and $10::integer < 10
), ran as (
  update orrery.quarter_run r
  set seen_at = clock_timestamp(), seen = $7::bigint, works = $8::boolean, rate = $9::float8, tenths = greatest(r.tenths, $10::integer)
  from held where r.schedule_id = $1
)
update quarterly_update_schedule s
set total_entities = $2::bigint, processed_entities = $3::bigint, failed_entities = $4::bigint, estimated_completion = $5::timestamptz,
    error_summary = orrery.quarter_errors($1), updated_at = clock_timestamp()
from held where s.id = $1
