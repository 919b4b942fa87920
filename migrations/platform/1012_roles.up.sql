-- Three roles without login, to be granted to the users with which programs sign in: planetshr_app for the
-- applications, planetshr_worker for Orrery, planetshr_readonly for analysts.
-- They are made only where they are missing and the migrating user may make roles; without them there is nothing
-- to grant. Roles belong to the whole cluster, so another database may have made them in the same instant.

set local lock_timeout = '5s';

do $$
declare
  role_name name;
begin
  if not (select rolsuper or rolcreaterole from pg_roles where rolname = current_user) then
    raise notice 'roles are not made: % may not create roles', current_user;
    return;
  end if;
  foreach role_name in array array['planetshr_app', 'planetshr_worker', 'planetshr_readonly'] loop
    begin
      if to_regrole(role_name) is null then
        execute format('create role %I nologin', role_name);
      end if;
    exception
      when duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

do $$
declare
  core_tables   text;
  report_tables text := 'public.report_metadata, public.report_versions, public.report_scores, '
                        'public.report_generation_queue, public.report_generation_errors, public.report_access_log';
  calc_tables   text := 'calc.algorithm_versions, calc.calculation_jobs, calc.quarterly_update_schedule, '
                        'calc.entity_update_queue, calc.calculation_audit_log, calc.performance_metrics';
begin
  -- Rights on tables that the platform made are the platform's to give.
  select string_agg(format('public.%I', name), ', ')
    into core_tables
    from unnest(array['industries', 'organizations', 'branches', 'departments', 'job_roles', 'users',
                      'employees', 'candidates', 'entity_birth_data', 'notifications']) as name
   where obj_description(to_regclass(format('public.%I', name)), 'pg_class') like '%Created by Orrery.';

  if to_regrole('planetshr_worker') is not null then
    grant usage on schema public, calc, archive to planetshr_worker;
    execute format('grant select, insert, update, delete on %s, %s to planetshr_worker', report_tables, calc_tables);
    grant execute on function public.orrery_ensure_partitions(regclass, text, integer, integer) to planetshr_worker;
    grant execute on function public.orrery_archive_partitions(regclass, interval) to planetshr_worker;
    if core_tables is not null then
      execute format('grant select, insert, update, delete on %s to planetshr_worker', core_tables);
    end if;
  end if;

  if to_regrole('planetshr_app') is not null then
    grant usage on schema public, calc to planetshr_app;
    execute format('grant select on %s, %s to planetshr_app', report_tables, calc_tables);
    grant insert on public.report_generation_queue, public.report_access_log, calc.calculation_jobs,
                    calc.entity_update_queue, calc.quarterly_update_schedule to planetshr_app;
    -- What an application may change afterwards: cancel, put back, reorder, reschedule.
    grant update (status, priority, scheduled_for, updated_at) on public.report_generation_queue to planetshr_app;
    grant update (queue_status, priority, updated_at) on calc.entity_update_queue to planetshr_app;
    grant update (job_status, priority, updated_at) on calc.calculation_jobs to planetshr_app;
    grant update (status, scheduled_date, updated_at) on calc.quarterly_update_schedule to planetshr_app;
    if core_tables is not null then
      execute format('grant select, insert, update, delete on %s to planetshr_app', core_tables);
    end if;
  end if;

  if to_regrole('planetshr_readonly') is not null then
    grant usage on schema public, calc to planetshr_readonly;
    execute format('grant select on %s, %s to planetshr_readonly', report_tables, calc_tables);
    if core_tables is not null then
      execute format('grant select on %s to planetshr_readonly', core_tables);
    end if;
    if core_tables like '%entity_birth_data%' then
      revoke select on public.entity_birth_data from planetshr_readonly;
    end if;
  end if;
end
$$;
