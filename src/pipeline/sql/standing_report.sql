-- standing_report: the version of employee $1 and type $2 that readers have now, and whether a run of another row than $3 is
-- about to publish one. Run under the advisory lock of employee and type.
select v.report_id, v.version, v.content_hash, exists (
  select 1 from orrery.report_slot s
  join orrery.dispatch d on d.queue = 'report' and d.job_id = s.queue_id and d.state = 'leased'
  where s.employee_id = $1 and s.report_type = $2 and s.queue_id <> $3) as taken
from (select 1) one
left join lateral (
  select x.report_id, x.version, x.content_hash from report_versions x
  join report_metadata m on m.report_id = x.report_id and m.is_latest and m.status = 'completed' and m.deleted_at is null
  where x.employee_id = $1 and x.report_type = $2
  order by x.version desc limit 1
) v on true
