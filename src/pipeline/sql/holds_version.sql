-- holds_version: whether row $1 still holds version $4 of employee $2 and type $3, and nobody has published it.
select exists (select 1 from orrery.report_slot s where s.queue_id = $1 and s.version = $4)
   and not exists (select 1 from report_versions v where v.employee_id = $2 and v.report_type = $3 and v.version = $4)
