-- prices_put: puts prices $1 (an array of objects with the columns) into the table under source $2. One that is there and differs is changed:
-- what calls have cost stands with them.
insert into orrery.llm_prices as p
  (provider, model, valid_from, source, input, cached_input, cache_write, output, reasoning, batch_percent)
select distinct on (x.provider, x.model, x.valid_from)
       x.provider, x.model, x.valid_from, $2, x.input, x.cached_input, x.cache_write, x.output, x.reasoning, x.batch_percent
from jsonb_to_recordset($1) as x (provider text, model text, valid_from date, input bigint, cached_input bigint, cache_write bigint,
                                  output bigint, reasoning bigint, batch_percent integer)
on conflict (provider, model, valid_from, source) do update
set input = excluded.input, cached_input = excluded.cached_input, cache_write = excluded.cache_write, output = excluded.output,
    reasoning = excluded.reasoning, batch_percent = excluded.batch_percent, imported_at = now()
where (p.input, p.cached_input, p.cache_write, p.output, p.reasoning, p.batch_percent)
  is distinct from (excluded.input, excluded.cached_input, excluded.cache_write, excluded.output, excluded.reasoning, excluded.batch_percent)
