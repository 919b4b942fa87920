-- connections: room for one more worker, which takes `given.connections` and seven more; also what the database itself is limited to.
select 1 as level, format('%s of %s are taken, and a worker takes %s', n.taken, n.most, g.connections + 7) as found,
       case when n.own_limit then format('sql: alter database %I connection limit -1', current_database())
            else 'raise max_connections, lower postgres.max_connections, or put PgBouncer in front' end as fix
from (
  select count(*) as taken, false as own_limit,
         current_setting('max_connections')::bigint - current_setting('superuser_reserved_connections')::bigint as most
  from pg_stat_activity a where a.backend_type = 'client backend'
  union all
  select (select count(*) from pg_stat_activity a where a.datname = current_database()), true, d.datconnlimit
  from pg_database d where d.datname = current_database() and d.datconnlimit >= 0
) n
cross join given g
where n.taken + g.connections + 7 > n.most
