-- The worker reads people, companies and their birth data, and never writes them: it keeps SELECT only.
set local lock_timeout = '5s';

do $$
declare
  core_tables text;
begin
  if to_regrole('planetshr_worker') is null then
    return;
  end if;
  select string_agg(format('public.%I', name), ', ')
    into core_tables
    from unnest(array['industries', 'organizations', 'branches', 'departments', 'job_roles', 'users',
                      'employees', 'candidates', 'entity_birth_data', 'notifications']) as name
   where obj_description(to_regclass(format('public.%I', name)), 'pg_class') like '%Created by Orrery.';
  if core_tables is not null then
    execute format('revoke insert, update, delete on %s from planetshr_worker', core_tables);
  end if;
end
$$;
