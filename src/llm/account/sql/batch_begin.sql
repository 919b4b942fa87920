-- batch_begin: look $2 is about to send batch $1. From now on it may be with the provider, and paid.
with begun as (
  update orrery.llm_batches b
  set state = 'submitting', submitting_at = clock_timestamp(), tries = b.tries + 1,
      items = (select count(*) from orrery.llm_calls c where c.batch_id = b.id and c.state = 'batched')
  where b.id = $1 and b.held_by = $2 and b.state in ('collected', 'submitting')
  returning b.id
), sent as (
  update orrery.llm_calls c set sent_at = clock_timestamp() from begun b where c.batch_id = b.id and c.state = 'batched'
)
select exists (select 1 from begun)
