-- take_benchmark_marks: takes the oldest marks and returns them by organization and type.
with taken as (
  delete from orrery.benchmark_mark m
  where m.id = any (array(select x.id from orrery.benchmark_mark x order by x.id limit 1000 for update skip locked))
  returning m.organization_id, m.report_type, m.report_id
)
select t.organization_id, t.report_type, array_agg(t.report_id) as reports from taken t group by 1, 2 order by 1, 2
