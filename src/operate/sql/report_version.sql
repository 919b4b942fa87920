-- report_version: the version $2 of the report of which $1 is a version.
select m.report_id, m.report_type, e.full_name as person, m.version, m.is_latest,
       to_char(m.generation_completed_at, 'YYYY-MM-DD HH24:MI') as generated, s.overall_score::float8 as overall_score,
       s.confidence_level::float8 as confidence, s.score_trend, v.change_summary
from report_metadata shown
join report_metadata m on m.employee_id = shown.employee_id and m.report_type = shown.report_type
join employees e on e.id = m.employee_id
left join report_scores s on s.report_id = m.report_id
left join report_versions v on v.report_id = m.report_id
where shown.report_id = $1 and m.version = $2
