-- demo_quarters: quarters and the reports that they queued.
select s.quarter, s.year, s.status, s.total_entities, s.processed_entities, s.failed_entities,
       count(r.id) as reports, count(r.id) filter (where r.status = 'completed') as completed,
       extract(epoch from greatest(s.completed_at, max(r.completed_at)) - s.started_at)::float8 as took_s
from quarterly_update_schedule s
left join report_generation_queue r on r.request_metadata ->> 'schedule_id' = s.id::text
group by s.id order by s.year, s.quarter
