-- skip_entities: ends rows $1 as skipped whose tokens $2 still hold, with reason $3. A row that does not come back is fenced.
-- Locked in order of id and found by key, as in complete_*.sql.
with held as materialized (
  select q.id from entity_update_queue q where q.id = any (array(select unnest($1::uuid[]))) order by q.id for update
), released as (
  delete from orrery.dispatch d
  where d.queue = 'entity' and d.job_id = any (array(select h.id from held h)) and d.state || '' = 'leased'
    and (d.token in (select unnest($2::bigint[]))) is true
  returning d.job_id
)
update entity_update_queue q
set queue_status = 'skipped', completed_at = clock_timestamp(), error_message = $3, updated_at = clock_timestamp()
where q.id = any (array(select r.job_id from released r))
returning q.id
