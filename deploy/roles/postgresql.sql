-- Roles of least privilege in PostgreSQL. Run it in the platform's database as a superuser, before the first "orrery migrate up" and again
-- after each:
--
--   psql -X -v ON_ERROR_STOP=1 -d planetshr -f deploy/roles/postgresql.sql
--
-- Safe to repeat. It sets no passwords (\password orrery_worker does) and takes nothing from roles of others.
--
--   orrery_migrator  runs "orrery migrate"; owns what that makes
--   orrery_worker    runs "orrery run", and the commands that change something
--   orrery_operator  looks: status, explain, doctor, psql; birth data is not shown, nothing can be changed
--   orrery_app       an application: inserts into the queues, reads them and its results; no people are written, no birth data is read

\set ON_ERROR_STOP on
set client_min_messages = warning;
-- As postgres.search_path of the configuration has it.
set search_path = public, calc, analytics;

begin;

do $$
declare
  name text;
begin
  foreach name in array array['planetshr_app', 'planetshr_worker', 'planetshr_readonly'] loop
    if to_regrole(name) is null then
      execute format('create role %I nologin', name);
    end if;
  end loop;
  foreach name in array array['orrery_migrator', 'orrery_worker', 'orrery_operator', 'orrery_app'] loop
    if to_regrole(name) is null then
      execute format('create role %I login nosuperuser nocreatedb nocreaterole', name);
    end if;
    execute format('grant connect on database %I to %I', current_database(), name);
  end loop;
  execute format('grant create on database %I to orrery_migrator', current_database());
  -- A statement that forgot its end, or a session that forgot its transaction, must not hold the queues up.
  alter role orrery_operator set default_transaction_read_only = on;
  alter role orrery_operator set statement_timeout = '60s';
  alter role orrery_operator set idle_in_transaction_session_timeout = '60s';
end
$$;

grant planetshr_worker to orrery_worker;
grant planetshr_readonly, pg_monitor to orrery_operator;
grant create, usage on schema public to orrery_migrator;

-- Rights on tables that the migrations did not make: where Orrery was attached to them. On those that it made they are there already.
do $$
declare
  grants record;
  schema name;
begin
  for grants in
    select found.relation, t.worker, t.app
    from (values
      ('report_generation_queue',   'select, insert, update', 'select, insert'),
      ('entity_update_queue',       'select, insert, update', 'select, insert'),
      ('quarterly_update_schedule', 'select, insert, update', 'select, insert'),
      ('calculation_jobs',          'select, insert, update', 'select, insert'),
      ('report_metadata',           'select, insert, update', 'select'),
      ('report_versions',           'select, insert, update', 'select'),
      ('report_scores',             'select, insert, update', 'select'),
      ('report_generation_errors',  'select, insert, update', 'select'),
      ('calculation_audit_log',     'select, insert',         'select'),
      ('performance_metrics',       'select, insert',         'select'),
      ('algorithm_versions',        'select',                 'select'),
      ('report_access_log',         'select',                 'select, insert'),
      ('report_generation_stats',   'select',                 'select'),
      ('industries',                'select',                 'select'),
      ('organizations',             'select',                 'select'),
      ('branches',                  'select',                 'select'),
      ('departments',               'select',                 'select'),
      ('job_roles',                 'select',                 'select'),
      ('users',                     'select',                 'select'),
      ('employees',                 'select',                 'select'),
      ('candidates',                'select',                 'select'),
      ('entity_birth_data',         'select',                 null)
    ) as t (name, worker, app)
    cross join lateral (select to_regclass(t.name) as relation) found
    where found.relation is not null
  loop
    execute format('grant %s on %s to planetshr_worker', grants.worker, grants.relation);
    if grants.app is not null then
      execute format('grant %s on %s to orrery_app', grants.app, grants.relation);
      execute format('grant select on %s to planetshr_readonly', grants.relation);
    end if;
    -- The functions and triggers of schema orrery act on them with the rights of whoever made them.
    if not (select c.relowner = 'orrery_migrator'::regrole from pg_class c where c.oid = grants.relation) then
      execute format('grant select, insert, update, delete, references, trigger on %s to orrery_migrator', grants.relation);
    end if;
    select n.nspname into schema from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = grants.relation;
    execute format('grant usage on schema %I to planetshr_worker, planetshr_readonly, orrery_app, orrery_migrator', schema);
  end loop;
end
$$;

-- Orrery's own schema, once it is there.
do $$
begin
  if to_regnamespace('orrery') is not null then
    grant usage on schema orrery to planetshr_worker, orrery_operator, orrery_app;
    grant select, insert, update, delete on all tables in schema orrery to planetshr_worker;
    grant usage on all sequences in schema orrery to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
    grant select on all tables in schema orrery to orrery_operator;
    grant execute on function orrery.quarter_counts(uuid), orrery.quarter_errors(uuid) to orrery_operator;
    grant execute on function
      orrery.enqueue_report(uuid, text, uuid, text, integer, timestamptz, text, jsonb, uuid),
      orrery.enqueue_entity(text, uuid, text, integer),
      orrery.enqueue_calculation(text, text, uuid, uuid, jsonb, text, integer),
      orrery.result_of(text, uuid),
      orrery.id_of_key(text, text, text), orrery.refuse(text, text, text), orrery.check_common(text, integer)
      to orrery_app;
  end if;
  if to_regclass('_orrery_migrations') is not null then
    grant select on _orrery_migrations to planetshr_worker, orrery_operator;
  end if;
end
$$;

commit;
