-- batch_hold: takes one batch of providers $1 that is due for a look, for look $2 and $3 seconds.
update orrery.llm_batches b
set held_by = $2, held_until = clock_timestamp() + make_interval(secs => $3)
where b.id = (
  select x.id from orrery.llm_batches x
  where x.state in ('collected', 'submitting', 'submitted') and x.look_at <= clock_timestamp() and x.provider = any ($1)
    and coalesce(x.held_until, '-infinity') <= clock_timestamp()
  order by x.look_at limit 1 for update skip locked)
returning b.id, b.provider, b.model, b.state, b.provider_batch_id, b.submitting_at, b.submitted_at, b.tries, b.held_by,
          b.give_up_at <= clock_timestamp() as overdue, b.cancelled_at is not null as cancelled
