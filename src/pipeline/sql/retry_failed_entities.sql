-- retry_failed_entities: up to $2 failed rows of schedule $1 run again, only those with code $3 unless it is null. An ordinary change
-- of the rows, which the triggers follow.
with failed as materialized (
  select e.job_id from orrery.quarter_error e
  where e.schedule_id = $1 and ($3::text is null or e.code = $3) order by e.job_id limit $2
)
update entity_update_queue q
set queue_status = 'queued', started_at = null, completed_at = null, updated_at = clock_timestamp()
where q.id = any (array(select f.job_id from failed f)) and q.queue_status = 'failed'
