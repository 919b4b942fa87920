-- Row level security: one policy per table that shows a session the rows of the organization named in its setting
-- app.organization_id, and one that shows planetshr_worker all rows.
--
-- Policies are always made and only applied where somebody asks for it, because an application that sets no
-- organization would see nothing: set orrery.enable_rls to on for the migration, or call
-- orrery_set_row_level_security(true) later. The owner of the tables and superusers see everything either way.

set local lock_timeout = '5s';

create function public.orrery_current_organization()
returns uuid
language sql
stable
as $$
  select nullif(current_setting('app.organization_id', true), '')::uuid
$$;

comment on function public.orrery_current_organization() is
  'Organization of the session, from its setting app.organization_id; null when not set, and then no row is visible';

do $$
declare
  policy record;
begin
  for policy in
    select relation, condition
      from (values
        ('public.branches',                 'organization_id = public.orrery_current_organization()'),
        ('public.departments',              'organization_id = public.orrery_current_organization()'),
        ('public.job_roles',                'organization_id = public.orrery_current_organization()'),
        ('public.employees',                'organization_id = public.orrery_current_organization()'),
        ('public.candidates',               'organization_id = public.orrery_current_organization()'),
        ('public.entity_birth_data',        'organization_id = public.orrery_current_organization()'),
        ('public.report_metadata',          'organization_id = public.orrery_current_organization()'),
        -- These have no organization of their own; that of their employee counts.
        ('public.report_versions',          'employee'),
        ('public.report_scores',            'employee'),
        ('public.report_generation_queue',  'employee'),
        ('public.report_generation_errors', 'employee'),
        ('public.report_access_log',        'employee'),
        ('calc.calculation_jobs',           'organization_id = public.orrery_current_organization()::text'),
        ('calc.entity_update_queue',        'organization_id = public.orrery_current_organization()::text'),
        ('calc.calculation_audit_log',      'organization_id = public.orrery_current_organization()::text'),
        ('calc.performance_metrics',        'organization_id = public.orrery_current_organization()::text')
      ) as list (relation, condition)
     -- A policy on a table that the platform made could open what its own policies close.
     where relation not in ('public.branches', 'public.departments', 'public.job_roles', 'public.employees',
                            'public.candidates', 'public.entity_birth_data')
        or obj_description(to_regclass(relation), 'pg_class') like '%Created by Orrery.'
  loop
    if policy.condition = 'employee' then
      policy.condition := 'exists (select from public.employees e where e.id = employee_id'
                          ' and e.organization_id = public.orrery_current_organization())';
    end if;
    execute format('create policy tenant_isolation on %s using (%s) with check (%s)',
                   policy.relation, policy.condition, policy.condition);
    if to_regrole('planetshr_worker') is not null then
      execute format('create policy orrery_worker on %s to planetshr_worker using (true) with check (true)',
                     policy.relation);
    end if;
  end loop;
end
$$;

create function public.orrery_set_row_level_security(enabled boolean)
returns integer
language plpgsql
set lock_timeout = '5s'
as $$
declare
  relation record;
  changed  integer := 0;
begin
  for relation in
    select c.oid::regclass as name
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
     where p.polname = 'tenant_isolation'
       and c.relnamespace in ('public'::regnamespace, 'calc'::regnamespace)
       and c.relrowsecurity <> enabled
     order by c.oid::regclass::text
  loop
    execute format('alter table %s %s row level security', relation.name,
                   case when enabled then 'enable' else 'disable' end);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

comment on function public.orrery_set_row_level_security(boolean) is
  'Turns the tenant_isolation policies on or off; returns how many tables changed. Called by operators, as owner of the tables';
revoke execute on function public.orrery_set_row_level_security(boolean) from public;

select public.orrery_set_row_level_security(true)
 where current_setting('orrery.enable_rls', true) = 'on';
