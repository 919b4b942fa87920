-- Takes back the search path of the database, if it is still the one that the up migration sets.

set local lock_timeout = '5s';

do $$
begin
  if exists (
    select
      from pg_db_role_setting s
      join pg_database d on d.oid = s.setdatabase
     where d.datname = current_database()
       and s.setrole = 0
       and 'search_path=public, calc, analytics' = any (s.setconfig)
       and pg_has_role(d.datdba, 'usage')
  ) then
    execute format('alter database %I reset search_path', current_database());
  end if;
end
$$;
