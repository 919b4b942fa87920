-- demo_consistency: completed rows that did not find their report unchanged, and what they made.
select (select count(*) from report_generation_queue q where q.status = 'completed' and not exists (
         select 1 from orrery.result r where r.queue = 'report' and r.job_id = q.id and r.output ? 'unchanged')), (select count(*) from report_metadata),
       (select count(*) from report_versions), (select count(*) from report_scores)
