-- ask_reports: one report row for each current report of employees $1, whom schedules $2 have just updated; in the transaction that
-- completes their rows, so that reports follow as their entities finish, and no report is asked for whose entity was not updated.
-- The id is derived from schedule, employee and type, so that a second run adds nothing. Asked for by whoever asked last. The report
-- speaks of the quarter of the schedule, which need not be the present one. OFFSET 0: looked up by key, whatever the statistics say.
with made as (
  insert into report_generation_queue
    (id, employee_id, report_type, priority, requested_by, request_reason, request_metadata)
  select md5('orrery:' || s.id::text || ':' || u.employee_id::text || ':' || m.report_type)::uuid, u.employee_id, m.report_type, 3,
         m.created_by, 'quarterly_update', jsonb_build_object('schedule_id', s.id::text, 'quarter', s.year || '-' || s.quarter)
  from unnest($1::uuid[], $2::uuid[]) u (employee_id, schedule_id)
  cross join lateral (
    select x.report_type, x.created_by from report_metadata x
    where x.employee_id = u.employee_id and x.is_latest and x.status = 'completed' and x.deleted_at is null
      and coalesce(x.auto_regenerate_enabled, true)
    offset 0
  ) m
  cross join lateral (
    select from employees e join organizations o on o.id = e.organization_id
    where e.id = u.employee_id and coalesce((to_jsonb(o) ->> 'auto_regenerate_enabled')::boolean, true)
    offset 0
  ) wanted
  cross join lateral (select x.id, x.year, x.quarter from quarterly_update_schedule x where x.id = u.schedule_id offset 0) s
  order by u.employee_id, m.report_type
  on conflict (id) do nothing
  returning request_metadata ->> 'schedule_id' as schedule_id
)
insert into orrery.quarter_delta (schedule_id, total, completed, failed, skipped, reports)
select m.schedule_id::uuid, 0, 0, 0, 0, count(*) from made m group by m.schedule_id
