-- release_quarter: up to $2 rows of schedule $1 that were held may run again. Written as hold_quarter.sql.
with page as materialized (
  select d.ctid as at from orrery.dispatch d
  cross join lateral (select from entity_update_queue q where q.id = d.job_id and q.schedule_id = $1 limit 1) own
  where d.queue = 'entity' and d.state = 'waiting'
  order by d.job_id
  limit $2
  for update of d skip locked
)
update orrery.dispatch d set state = 'ready'
where d.ctid = any (array(select p.at from page p))
