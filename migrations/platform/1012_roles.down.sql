-- Takes back what the roles were granted in this database. The roles themselves stay: they belong to the cluster,
-- where other databases may use them. "drop role planetshr_app, planetshr_worker, planetshr_readonly" removes them.

set local lock_timeout = '5s';

do $$
declare
  role_name name;
  relation  record;
begin
  foreach role_name in array array['planetshr_app', 'planetshr_worker', 'planetshr_readonly'] loop
    continue when to_regrole(role_name) is null;
    for relation in
      select c.oid::regclass as name
        from pg_class c
        join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p')
         and (n.nspname = 'calc'
              or obj_description(c.oid, 'pg_class') like '%Created by Orrery.'
              or c.oid in (to_regclass('public.report_metadata'),
                           to_regclass('public.report_versions'),
                           to_regclass('public.report_scores'),
                           to_regclass('public.report_generation_queue'),
                           to_regclass('public.report_generation_errors'),
                           to_regclass('public.report_access_log')))
    loop
      execute format('revoke all on %s from %I', relation.name, role_name);
    end loop;
    execute format('revoke all on function public.orrery_ensure_partitions(regclass, text, integer, integer) from %I', role_name);
    execute format('revoke all on function public.orrery_archive_partitions(regclass, interval) from %I', role_name);
    execute format('revoke usage on schema public, calc, archive from %I', role_name);
  end loop;
end
$$;
