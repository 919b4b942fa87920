-- reopen_cancelled_entities: rows of schedule $1 that ended as skipped because it was cancelled (messages like $2) run after all. An
-- ordinary change of the rows, which the triggers follow.
update entity_update_queue q
set queue_status = 'queued', started_at = null, completed_at = null, error_message = null, updated_at = clock_timestamp()
where q.schedule_id = $1 and q.queue_status = 'skipped' and q.error_message like $2
