-- batch_collect: makes batch $7 of the questions that wait for provider $1, model $2 and key $3: when the oldest has waited for $4 seconds, or
-- there are $5 of them, or they have $6 bytes. $8: seconds until it is given up. The oldest go first; a question larger than $6 goes alone.
with waiting as materialized (
  select c.id, c.created_at, c.wire_bytes from orrery.llm_calls c
  where c.state = 'queued' and c.provider = $1 and c.model = $2 and c.key_id = $3
  order by c.created_at, c.id limit $5 for update skip locked
), summed as (
  select w.id, w.created_at, w.wire_bytes, sum(w.wire_bytes) over (order by w.created_at, w.id) as bytes_so_far from waiting w
), ripe as (
  select 1 from waiting w
  having min(w.created_at) <= clock_timestamp() - make_interval(secs => $4) or count(*) >= $5 or sum(w.wire_bytes) >= $6
), taken as materialized (
  select s.id, s.wire_bytes from summed s, ripe where s.bytes_so_far <= $6 or s.bytes_so_far = s.wire_bytes
), made as (
  insert into orrery.llm_batches (id, provider, model, key_id, items, bytes, give_up_at)
  select $7, $1, $2, $3, count(*), sum(t.wire_bytes), clock_timestamp() + make_interval(secs => $8) from taken t having count(*) > 0
  returning id, items
), moved as (
  update orrery.llm_calls c set state = 'batched', batch_id = m.id from made m where c.id = any (array(select t.id from taken t))
)
select m.items from made m
