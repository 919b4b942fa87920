-- report_show: the report with id $1, or the one that queue row $1 made last.
select m.report_id, m.report_type, e.full_name as person, m.version, m.is_latest,
       to_char(m.generation_completed_at, 'YYYY-MM-DD HH24:MI') as generated, s.overall_score::float8 as overall_score,
       s.confidence_level::float8 as confidence, s.score_trend, v.change_summary
from report_metadata m
join employees e on e.id = m.employee_id
left join report_scores s on s.report_id = m.report_id
left join report_versions v on v.report_id = m.report_id
where m.report_id = coalesce(
  (select r.output ->> 'report_id' from orrery.result r where r.queue = 'report' and r.job_id = $1), $1::text)
