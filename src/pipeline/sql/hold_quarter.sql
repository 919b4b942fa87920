-- hold_quarter: up to $2 open rows of schedule $1 wait until its window opens or it is resumed. What runs goes on.
-- Rows that are held leave the partial index that is read, so the next page begins where this one ended; LATERAL with LIMIT looks each row
-- up by key, and rows are changed by place, as in claim_*.sql, whatever the statistics say. Only dispatch rows are locked, and none is waited for.
with page as materialized (
  select d.ctid as at from orrery.dispatch d
  cross join lateral (select from entity_update_queue q where q.id = d.job_id and q.schedule_id = $1 limit 1) own
  where d.queue = 'entity' and d.state = 'ready'
  order by d.organization_id
  limit $2
  for update of d skip locked
)
update orrery.dispatch d set state = 'waiting'
where d.ctid = any (array(select p.at from page p))
