-- orphan_reports: those of the reports $1, made by the rows $2, that no metadata names and no open row will write again.
select x.report_id from unnest($1::text[], $2::uuid[]) as x (report_id, queue_id)
where not exists (select 1 from report_metadata m where m.report_id = x.report_id)
  and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = x.queue_id)
