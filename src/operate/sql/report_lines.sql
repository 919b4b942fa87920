-- report_lines: latest versions without anything of a person but ids, newest first; $1 employee, $2 organization, $3 type or null, $4 rows.
select m.report_id, m.report_type::text as report_type, m.employee_id, e.organization_id, m.version, m.is_latest,
       m.generation_completed_at::timestamptz as completed_at
from report_metadata m
left join employees e on e.id = m.employee_id
where m.is_latest and m.deleted_at is null
  and ($1::uuid is null or m.employee_id = $1)
  and ($2::uuid is null or e.organization_id = $2)
  and ($3::text is null or m.report_type = $3)
order by m.generation_completed_at desc nulls last, m.report_id limit $4
