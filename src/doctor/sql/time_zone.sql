-- time_zone that sessions of applications begin with.
select 1 as level, 'sessions begin with ' || s.reset_val as found,
       format('sql: alter database %I set timezone to ''UTC''', current_database()) as fix
from (
  select coalesce(
    (select substr(c.setting, length('timezone=') + 1)
     from pg_db_role_setting r join pg_database d on d.oid = r.setdatabase cross join lateral unnest(r.setconfig) as c (setting)
     where d.datname = current_database() and r.setrole = 0 and lower(c.setting) like 'timezone=%'),
    (select p.reset_val from pg_settings p where p.name = 'TimeZone')) as reset_val
) s
where upper(s.reset_val) not in ('UTC', 'ETC/UTC', 'GMT', 'ETC/GMT', 'UCT', 'ZULU')
