-- breakers: all breakers, those that are not closed first.
select b.name, b.queues, b.state, b.failures, nullif(b.reason, '') as reason, b.opened_at, b.probe_at
from orrery.breaker b order by b.state = 'closed', b.name
