-- As 2008, for what has come since. Functions with the rights of their owner must not resolve names by the caller's search path:
-- they keep the one that the migration ran with, which is how the configured schemas reach them.
set local lock_timeout = '5s';

do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
  end loop;
end $$;

-- The worker's role of the platform may do what a worker does; the migrating role needs no grants.
do $$
begin
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant usage on schema orrery to planetshr_worker;
    grant select, insert, update, delete on all tables in schema orrery to planetshr_worker;
    grant usage on all sequences in schema orrery to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
  end if;
end $$;
