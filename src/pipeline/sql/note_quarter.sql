-- note_quarter: writes the counts of schedule $1 and when it is expected to end; only while token $6 holds.
-- $2 total, $3 processed, $4 failed, $5 open.
update quarterly_update_schedule s
set total_entities = $2::bigint, processed_entities = $3::bigint, failed_entities = $4::bigint, updated_at = clock_timestamp(),
    estimated_completion = case
      when $3::bigint + $4::bigint > 0 and $5::bigint > 0
      then clock_timestamp() + (clock_timestamp() - s.started_at) * ($5::bigint::float8 / ($3::bigint + $4::bigint))
    end
where s.id = $1 and exists (
  select 1 from orrery.dispatch d where d.queue = 'quarter' and d.job_id = s.id and d.token = $6 and d.state = 'leased')
