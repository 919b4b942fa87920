-- privileges that the user of this session lacks on what a worker uses: schemas, tables, sequences, functions.
-- By number and not by name: a name in a schema that the user may not use cannot be looked up.
select 2 as level, format('%s may not %s %s', current_user, replace(n.privilege, 'usage', 'use'), n.name) as found,
       format('sql: grant %s on %s to %I', n.privilege, concat_ws(' ', n.kind, n.name), current_user) as fix
from (
  select 'schema' as kind, format('%I', s.nspname) as name, 'usage' as privilege
  from pg_namespace s
  where (s.nspname = 'orrery' or s.nspname in (select btrim(x, ' "') from unnest(string_to_array(current_setting('search_path'), ',')) as x))
    and not has_schema_privilege(s.oid, 'usage')
  union all
  select null, t.name, p.privilege
  from (values
    ('report_generation_queue', 'select insert update'), ('entity_update_queue', 'select insert update'),
    ('quarterly_update_schedule', 'select insert update'), ('calculation_jobs', 'select insert update'),
    ('report_metadata', 'select insert update'), ('report_scores', 'select insert update'), ('report_versions', 'select insert'),
    ('report_generation_errors', 'select insert update'), ('calculation_audit_log', 'select insert'),
    ('employees', 'select'), ('organizations', 'select'), ('departments', 'select'), ('job_roles', 'select'), ('industries', 'select'),
    ('candidates', 'select'), ('entity_birth_data', 'select'), ('_orrery_migrations', 'select')) as t (name, privileges)
  cross join unnest(string_to_array(t.privileges, ' ')) as p (privilege)
  where not has_table_privilege(to_regclass(t.name), p.privilege)
  union all
  select null, format('orrery.%I', c.relname), p.privilege from pg_class c join pg_namespace s on s.oid = c.relnamespace
  cross join unnest(array['select', 'insert', 'update', 'delete']) as p (privilege)
  -- What the audit says is there to stay.
  where s.nspname = 'orrery' and c.relkind = 'r' and not (c.relname = 'audit' and p.privilege = 'delete')
    and not has_table_privilege(c.oid, p.privilege)
  union all
  -- Sequences of identity columns ask for no privilege of their own.
  select 'sequence', format('orrery.%I', c.relname), 'usage' from pg_class c join pg_namespace s on s.oid = c.relnamespace
  -- Asked of sequences only: of a table it is an error, and conditions have no order.
  where s.nspname = 'orrery' and case when c.relkind = 'S' then not has_sequence_privilege(c.oid, 'usage') end
    and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype = 'i')
  union all
  select 'function', f.oid::regprocedure::text, 'execute'
  from pg_proc f join pg_namespace s on s.oid = f.pronamespace
  where s.nspname = 'orrery' and f.prorettype <> 'trigger'::regtype and not has_function_privilege(f.oid, 'execute')
) n
