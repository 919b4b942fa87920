-- fold_quarter: adds the differences of schedule $1 that have come to its counts, and returns them; still: nothing has come for a minute.
-- Under the lock of lock_quarter_count.sql.
with gone as (
  delete from orrery.quarter_delta d where d.schedule_id = $1 returning d.total, d.completed, d.failed, d.skipped, d.reports
), come as (
  select count(*) as n, coalesce(sum(g.total), 0)::bigint as total, coalesce(sum(g.completed), 0)::bigint as completed,
         coalesce(sum(g.failed), 0)::bigint as failed, coalesce(sum(g.skipped), 0)::bigint as skipped,
         coalesce(sum(g.reports), 0)::bigint as reports
  from gone g
)
update orrery.quarter_count c
set total = c.total + x.total, completed = c.completed + x.completed, failed = c.failed + x.failed, skipped = c.skipped + x.skipped,
    reports = c.reports + x.reports,
    changed_at = case when x.n > 0 then clock_timestamp() else c.changed_at end
from come x where c.schedule_id = $1
returning c.total, c.completed, c.failed, c.skipped, c.changed_at < clock_timestamp() - interval '1 minute' as still
