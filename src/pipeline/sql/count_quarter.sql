-- count_quarter: how the entity rows of schedule $1 stand.
select count(*) as total,
       count(*) filter (where queue_status in ('completed', 'skipped')) as processed,
       count(*) filter (where queue_status = 'failed') as failed,
       count(*) filter (where queue_status in ('queued', 'processing')) as open,
       count(*) filter (where queue_status = 'skipped') as skipped
from entity_update_queue where schedule_id = $1
