-- regenerate_marked: queues the current reports of people who were marked, a page at a time, and takes the marks. Returns how many
-- marks were taken and how many rows were made.
-- A mark waits while a report of the person runs: that run may have read what was there before. A row that has not begun will
-- read what is there now, so it is enough.
with marked as materialized (
  select r.employee_id, r.cause from orrery.regeneration r
  where r.due_at <= clock_timestamp()
    and not exists (select 1 from report_generation_queue q where q.employee_id = r.employee_id and q.status = 'processing')
  order by r.due_at
  limit 200
  for update of r skip locked
), taken as (
  delete from orrery.regeneration r where r.employee_id = any (array(select m.employee_id from marked m)) returning r.employee_id
), made as (
  insert into report_generation_queue (employee_id, report_type, priority, requested_by, request_reason, request_metadata)
  select m.employee_id, x.report_type, 3, x.created_by,
         case m.cause when 'data_corrected' then 'data_correction' else 'quarterly_update' end,
         jsonb_build_object('regeneration', m.cause, 'report_id', x.report_id)
  from marked m
  cross join lateral (
    select 1 from employees e join organizations o on o.id = e.organization_id
    where e.id = m.employee_id
      and to_jsonb(e) ->> 'deleted_at' is null and coalesce(to_jsonb(e) ->> 'status', 'active') <> 'left'
      and coalesce((to_jsonb(o) ->> 'auto_regenerate_enabled')::boolean, true)
      and coalesce(to_jsonb(o) ->> 'subscription_status', 'ACTIVE') <> all (array['EXPIRED', 'CANCELLED'])
    offset 0
  ) live
  cross join lateral (
    select y.report_id, y.report_type, y.created_by from report_metadata y
    where y.employee_id = m.employee_id and y.is_latest and y.status = 'completed' and y.deleted_at is null
      and coalesce(y.auto_regenerate_enabled, true)
    offset 0
  ) x
  where not exists (
    select 1 from report_generation_queue q
    where q.employee_id = m.employee_id and q.report_type = x.report_type and q.status = 'pending')
  returning 1
)
select (select count(*) from taken) as looked, (select count(*) from made) as made
