-- indexes along which rows are claimed and found; also any of Orrery's that is broken.
select 2 as level, format('index %s is missing', n.name) as found, 'make index ' || n.name as fix
from unnest(array['dispatch_ready', 'dispatch_age', 'dispatch_suspect', 'dispatch_leased', 'dispatch_waiting']) as n (name)
where to_regnamespace('orrery') is not null and to_regclass('orrery.' || n.name) is null
union all
select 2, format('index %s is not valid', i.indexrelid::regclass), format('sql: reindex index %s', i.indexrelid::regclass)
from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace s on s.oid = c.relnamespace
where not i.indisvalid
  and (s.nspname = 'orrery' or c.oid in (to_regclass('report_generation_queue'), to_regclass('entity_update_queue'), to_regclass('calculation_jobs')))
