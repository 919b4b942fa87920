-- Lets applications write plain table names: new sessions find the tables of public, calc and analytics.
-- A search path that somebody chose for this database stays. Orrery itself does not depend on it.

set local lock_timeout = '5s';

do $$
declare
  owned boolean;
begin
  select pg_has_role(datdba, 'usage') into owned from pg_database where datname = current_database();
  if not owned then
    raise notice 'search_path is not set: % does not own database %', current_user, current_database();
    return;
  end if;
  if not exists (
    select
      from pg_db_role_setting s
      join pg_database d on d.oid = s.setdatabase
     where d.datname = current_database()
       and s.setrole = 0
       and exists (select from unnest(s.setconfig) as setting where setting like 'search\_path=%')
  ) then
    execute format('alter database %I set search_path = public, calc, analytics', current_database());
  end if;
end
$$;
