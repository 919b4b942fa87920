-- Functions with the rights of their owner must not resolve names by the caller's search path:
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
