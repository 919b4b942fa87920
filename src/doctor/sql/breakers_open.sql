-- breakers_open: those of the queues hold rows back; those of models send reports to the next provider.
select case when b.queues = '{}' then 1 else 2 end as level,
       format('%s, since %s: %s', b.name, date_trunc('second', b.opened_at), b.reason) as found,
       format(E'mend what it says: it closes by itself then, or at once by the next line\nsql: select orrery.breaker_closed(%L)', b.name) as fix
from orrery.breaker b where b.state <> 'closed'
order by b.name
