-- left: calls that are under way for longer than any call lasts: their worker is gone.
select c.id, c.provider, c.sent_at is not null as sent
from orrery.llm_calls c
where c.settled_at is null and c.expires_at <= clock_timestamp() and c.state = 'in_flight'
order by c.expires_at limit 100
