-- reserve_version: the version that queue row $1 (employee $2, type $3) publishes under; only while token $4 holds.
-- Run under the advisory lock of employee and type. FOR SHARE: whoever is about to end the row comes before or after, so that
-- no slot is left behind. A row that has a slot keeps it.
insert into orrery.report_slot (queue_id, employee_id, report_type, version)
select $1, $2, $3, 1 + greatest(
         coalesce((select max(v.version) from report_versions v where v.employee_id = $2 and v.report_type = $3), 0),
         coalesce((select max(s.version) from orrery.report_slot s where s.employee_id = $2 and s.report_type = $3), 0))
where exists (
  select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = $1 and d.token = $4 and d.state = 'leased' for share)
on conflict (queue_id) do update set reserved_at = now()
returning version
