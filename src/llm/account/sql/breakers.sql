-- breakers: breakers of models; the counts are those of the last minute as far as they were needed.
select b.name, b.state, b.failures, b.reason, b.opened_at, b.probe_at,
       (select coalesce(sum(x), 0) from unnest(b.calls) x)::bigint as calls_of_minute,
       (select coalesce(sum(x), 0) from unnest(b.failed_calls) x)::bigint as failed_of_minute
from orrery.breaker b where b.queues = '{}' order by b.state = 'closed', b.name
