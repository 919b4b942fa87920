-- demo_samples: one latest report of each type.
select distinct on (m.report_type) m.report_type, m.report_id, e.full_name as person, m.version, s.overall_score::float8 as overall_score
from report_metadata m join employees e on e.id = m.employee_id join report_scores s on s.report_id = m.report_id
where m.is_latest order by m.report_type, e.full_name
