-- durability: settings that let a crash destroy the database.
select 2 as level, s.name || ' is off' as found, format('sql: alter system set %s to on', s.name) as fix
from pg_settings s
where s.name in ('fsync', 'full_page_writes') and s.setting = 'off'
