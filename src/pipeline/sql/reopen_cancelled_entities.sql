-- reopen_cancelled_entities: up to $3 rows of schedule $1 that ended as skipped because it was cancelled (messages like $2) run after all.
-- An ordinary change of the rows, which the triggers follow. Safe to repeat: what runs again is not found again. Whoever comes second waits
-- for the rows of the first, so that none is still to come when it finds no more.
with ended as materialized (
  select q.id from entity_update_queue q
  where q.schedule_id = $1 and q.queue_status = 'skipped' and q.error_message like $2 order by q.id limit $3 for update
)
update entity_update_queue q
set queue_status = 'queued', started_at = null, completed_at = null, error_message = null, updated_at = clock_timestamp()
where q.id = any (array(select e.id from ended e))
