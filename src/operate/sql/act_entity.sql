-- act_entity: sets those of the rows $1 that stand in one of the words $3 to word $2, and returns them with the word before. $4: only rows in
-- quarantine. Locked in order of id, so actions side by side do not deadlock; an ordinary change, which the triggers follow.
with held as materialized (
  select q.id, q.queue_status::text as before from entity_update_queue q
  where q.id = any ($1) and q.queue_status = any ($3)
    and (not $4 or exists (
      select from orrery.quarantine x where x.queue = 'entity' and x.job_id = q.id and x.released_at is null))
  order by q.id
  for update of q
)
update entity_update_queue q
set queue_status = $2, updated_at = clock_timestamp()
from held h where q.id = h.id
returning q.id, h.before
