-- prices: all prices.
select p.id, p.provider, p.model, p.valid_from, p.source, p.input, p.cached_input, p.cache_write, p.output, p.reasoning, p.batch_percent
from orrery.llm_prices p order by p.provider, p.model, p.valid_from, p.source
