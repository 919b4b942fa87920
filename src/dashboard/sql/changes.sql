-- changes: a number that differs once rows of the queues or what steers them have changed. Counters that PostgreSQL keeps anyway,
-- so that a page which is looked at costs no scan of a queue.
select coalesce(sum(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint
from pg_stat_user_tables
where schemaname = 'orrery' and relname = any ('{dispatch,breaker,queue_policy,organization_policy,quarter_run,audit}')
