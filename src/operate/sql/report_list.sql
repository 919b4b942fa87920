-- report_list: latest versions, newest first; $1 employee or null, $2 rows.
select m.report_id, m.report_type, e.full_name as person, m.version, m.is_latest,
       to_char(m.generation_completed_at, 'YYYY-MM-DD HH24:MI') as generated, s.overall_score::float8 as overall_score,
       s.confidence_level::float8 as confidence, s.score_trend, v.change_summary
from report_metadata m
join employees e on e.id = m.employee_id
left join report_scores s on s.report_id = m.report_id
left join report_versions v on v.report_id = m.report_id
where m.is_latest and m.deleted_at is null and ($1::uuid is null or m.employee_id = $1)
order by m.generation_completed_at desc limit $2
