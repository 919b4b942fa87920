-- vacuum: whether dead rows of the queues are taken away.
select 2 as level, format('autovacuum is off for %s', c.oid::regclass) as found,
       format('sql: alter table %s reset (autovacuum_enabled)', c.oid::regclass) as fix
from pg_class c
where c.oid in (to_regclass('orrery.dispatch'), to_regclass('report_generation_queue'), to_regclass('entity_update_queue'), to_regclass('calculation_jobs'))
  and exists (select 1 from unnest(c.reloptions) o where o in ('autovacuum_enabled=false', 'autovacuum_enabled=off'))
union all
select 2, 'autovacuum is off for the whole server', 'sql: alter system set autovacuum to on'
where current_setting('autovacuum') = 'off'
union all
select 1, format('%s has %s dead rows beside %s live ones', t.relid::regclass, t.n_dead_tup, t.n_live_tup), format('sql: vacuum %s', t.relid::regclass)
from pg_stat_user_tables t
where t.relid in (to_regclass('orrery.dispatch'), to_regclass('report_generation_queue'), to_regclass('entity_update_queue'), to_regclass('calculation_jobs'))
  and t.n_dead_tup > 10000 and t.n_dead_tup > 2 * t.n_live_tup
