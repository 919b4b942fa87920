-- batch_open_items: questions of batch $1 without an end: their bytes, and what is told of them when they have one.
select c.id, coalesce(c.wire_bytes, 0) as bytes, c.purpose, c.schema_version is not null as json,
       (c.params ->> 'max_output')::bigint as max_output, (c.params ->> 'temperature')::double precision as temperature
from orrery.llm_calls c where c.batch_id = $1 and c.state = 'batched' order by c.created_at, c.id
