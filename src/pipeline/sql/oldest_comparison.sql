-- oldest_comparison: the organization and type that were compared longest ago, if that is more than $1 hours and no other worker is
-- at it.
select o.organization_id, o.report_type from (
  select s.organization_id, s.report_type from orrery.score_sum s
  where s.compared_at < now() - make_interval(hours => $1)
  order by s.compared_at limit 1
) o
where pg_try_advisory_xact_lock(hashtextextended('orrery.compare_old', 0))
