-- previous_report: the newest published version of employee $1 and type $2.
select v.version, v.quarter_year, v.quarter_number, v.content_hash, v.report_id,
       s.overall_score::float8 as overall_score, s.dimension_scores
from report_versions v
left join report_scores s on s.report_id = v.report_id
where v.employee_id = $1 and v.report_type = $2
order by v.version desc limit 1
