-- privileges that the user of this session lacks on what a worker writes.
select 2 as level, format('%s may not %s %s', current_user, n.privilege, n.name) as found,
       format('sql: grant %s on %s to %I', n.privilege, n.name, current_user) as fix
from (
  select t.name, p.privilege from unnest(array['report_generation_queue', 'entity_update_queue', 'quarterly_update_schedule', 'calculation_jobs']) as t (name)
  cross join unnest(array['select', 'insert', 'update']) as p (privilege)
  union all
  select t.name, p.privilege from unnest(array['report_metadata', 'report_versions', 'report_scores', 'report_generation_errors', 'calculation_audit_log']) as t (name)
  cross join unnest(array['select', 'insert']) as p (privilege)
  union all
  select t.name, 'select' from unnest(array['employees', 'organizations', 'departments', 'job_roles', 'industries', 'candidates', 'entity_birth_data']) as t (name)
  union all
  select format('orrery.%I', c.relname), p.privilege from pg_class c join pg_namespace s on s.oid = c.relnamespace
  cross join unnest(array['select', 'insert', 'update', 'delete']) as p (privilege)
  -- What the audit says is there to stay.
  where s.nspname = 'orrery' and c.relkind = 'r' and not (c.relname = 'audit' and p.privilege = 'delete')
) n
where to_regclass(n.name) is not null and not has_table_privilege(to_regclass(n.name), n.privilege)
