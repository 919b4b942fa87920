-- report_versions: all versions of the report of which $1 is one, without anything of a person but ids, newest first.
select m.report_id, m.report_type::text as report_type, m.employee_id, e.organization_id, m.version, m.is_latest,
       m.generation_completed_at::timestamptz as completed_at
from report_metadata shown
join report_metadata m on m.employee_id = shown.employee_id and m.report_type = shown.report_type and m.deleted_at is null
left join employees e on e.id = m.employee_id
where shown.report_id = $1
order by m.version desc limit 200
