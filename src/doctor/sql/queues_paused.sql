-- queues_paused by an operator.
select 1 as level, format('%s, since %s%s', p.queue, date_trunc('second', p.changed_at), coalesce(': ' || p.note, '')) as found,
       'orrery queues resume ' || p.queue as fix
from orrery.queue_policy p where p.paused
order by p.queue
