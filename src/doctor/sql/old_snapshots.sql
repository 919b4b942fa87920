-- old_snapshots: transactions, prepared transactions and replication slots that keep dead rows.
select 1 as level,
       format('a transaction of %s (pid %s, %s) is %s old', a.usename, a.pid, coalesce(nullif(a.application_name, ''), 'unnamed'),
              date_trunc('second', clock_timestamp() - a.xact_start)) as found,
       format('sql: select pg_terminate_backend(%s)', a.pid) as fix
from pg_stat_activity a
where a.backend_xmin is not null and a.xact_start < clock_timestamp() - interval '10 minutes' and a.backend_type = 'client backend'
union all
select 1, format('a prepared transaction (%s) is %s old', p.gid, date_trunc('second', clock_timestamp() - p.prepared)),
       format('sql: rollback prepared %L', p.gid)
from pg_prepared_xacts p where p.prepared < clock_timestamp() - interval '10 minutes' and p.database = current_database()
union all
select 1, format('the replication slot %s keeps rows and is not used', s.slot_name),
       format('sql: select pg_drop_replication_slot(%L)', s.slot_name)
from pg_replication_slots s where not s.active and (s.xmin is not null or s.catalog_xmin is not null)
