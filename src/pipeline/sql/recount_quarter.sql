-- recount_quarter: counts the entity rows of schedule $1 themselves: before it is closed, and when the counts stand still. One snapshot
-- sees the rows and the differences that belong to them, and those are dropped; reports are only ever added up. Under the lock of lock_quarter_count.sql.
with counted as (
  select count(*) as total, count(*) filter (where q.queue_status = 'completed') as completed,
         count(*) filter (where q.queue_status = 'failed') as failed, count(*) filter (where q.queue_status = 'skipped') as skipped
  from entity_update_queue q where q.schedule_id = $1
), gone as (
  delete from orrery.quarter_delta d where d.schedule_id = $1 returning d.reports
)
update orrery.quarter_count c
set total = x.total, completed = x.completed, failed = x.failed, skipped = x.skipped,
    reports = c.reports + (select coalesce(sum(g.reports), 0) from gone g), changed_at = clock_timestamp()
from counted x where c.schedule_id = $1
returning c.total, c.completed, c.failed, c.skipped, false as still
