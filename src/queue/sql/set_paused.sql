-- set_paused: holds queue $1 ($2 true) or lets it go, with note $3; workers look at once.
with switched as (
  insert into orrery.queue_policy (queue, paused, note) values ($1, $2, $3)
  on conflict (queue) do update set paused = excluded.paused, note = excluded.note, changed_at = now()
  returning queue
)
select pg_notify('orrery_wake', s.queue) from switched s
