-- demo_consistency: completed rows and what they made.
select (select count(*) from report_generation_queue where status = 'completed'), (select count(*) from report_metadata),
       (select count(*) from report_versions), (select count(*) from report_scores)
