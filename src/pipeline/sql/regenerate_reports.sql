-- regenerate_reports: one report row for each current report of an employee whom schedule $1 has updated ($2: rows at most).
-- The id is derived from schedule, employee and type, so that a second run adds nothing. Asked for by whoever asked last.
-- The report speaks of the quarter of the schedule, which need not be the present one.
insert into report_generation_queue
  (id, employee_id, report_type, priority, requested_by, request_reason, request_metadata)
select md5('orrery:' || $1::text || ':' || m.employee_id::text || ':' || m.report_type)::uuid, m.employee_id, m.report_type, 3,
       m.created_by, 'quarterly_update', jsonb_build_object('schedule_id', $1::text, 'quarter', s.year || '-' || s.quarter)
from report_metadata m
join entity_update_queue q
  on q.schedule_id = $1 and q.entity_type = 'employee' and q.entity_id = m.employee_id::text and q.queue_status = 'completed'
join quarterly_update_schedule s on s.id = q.schedule_id
where m.is_latest and m.status = 'completed' and coalesce(m.auto_regenerate_enabled, true) and m.deleted_at is null
  and not exists (
    select 1 from report_generation_queue r
    where r.id = md5('orrery:' || $1::text || ':' || m.employee_id::text || ':' || m.report_type)::uuid)
order by m.employee_id, m.report_type
limit $2
on conflict (id) do nothing
