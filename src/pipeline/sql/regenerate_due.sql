-- regenerate_due: queues the reports that are due on day $1, oldest first, a page at a time. Returns how many were looked at and
-- how many rows were made.
-- A report that was looked at has another date, so it does not come back at once: in $2 days where a row was made (a report that is
-- written meanwhile has a date of its own), tomorrow where none was. Retired versions are never due.
-- The id of a row is derived from report and due date, and the dates move in the same statement: one row, whatever number of
-- workers look. The literal limit lets the partial index on the date be used with any statistics.
with due as materialized (
  select m.id, m.report_id, m.employee_id, m.organization_id, m.report_type, m.created_by, m.is_latest, m.deleted_at,
         m.scheduled_regeneration_date as due_on
  from report_metadata m
  where m.scheduled_regeneration_date <= $1 and m.auto_regenerate_enabled = true and m.status = 'completed'
  order by m.scheduled_regeneration_date
  limit 500
  for update skip locked
), looked as materialized (
  select d.*,
         d.is_latest and d.deleted_at is null and coalesce(p.live, false)
         and not exists (
           select 1 from report_generation_queue q
           where q.employee_id = d.employee_id and q.report_type = d.report_type and q.status = any (array['pending', 'processing'])
         ) as wanted
  from due d
  left join lateral (
    select to_jsonb(e) ->> 'deleted_at' is null and coalesce(to_jsonb(e) ->> 'status', 'active') <> 'left'
           and coalesce((to_jsonb(o) ->> 'auto_regenerate_enabled')::boolean, true)
           and coalesce(to_jsonb(o) ->> 'subscription_status', 'ACTIVE') <> all (array['EXPIRED', 'CANCELLED']) as live
    from employees e join organizations o on o.id = e.organization_id
    where e.id = d.employee_id
    offset 0
  ) p on true
), moved as (
  update report_metadata m
  set scheduled_regeneration_date = case when not l.is_latest then null when l.wanted then $1 + $2::integer else $1 + 1 end,
      updated_at = clock_timestamp()
  from looked l
  where m.id = l.id
), made as (
  insert into report_generation_queue
    (id, employee_id, report_type, priority, requested_by, request_reason, request_metadata)
  select md5('orrery:due:' || l.report_id || ':' || to_char(l.due_on, 'YYYY-MM-DD'))::uuid, l.employee_id, l.report_type, 3, l.created_by,
         'quarterly_update',
         jsonb_build_object('regeneration', 'due', 'report_id', l.report_id, 'due', to_char(l.due_on, 'YYYY-MM-DD'))
  from looked l
  where l.wanted
  on conflict (id) do nothing
  returning 1
)
select (select count(*) from looked) as looked, (select count(*) from made) as made
