-- open: rows that have not ended, by queue.
select queue,
       count(*) filter (where state = 'ready' and run_at <= now()) as ready,
       count(*) filter (where state = 'ready' and run_at > now()) as later,
       count(*) filter (where state = 'waiting') as waiting,
       count(*) filter (where state = 'leased') as running,
       extract(epoch from now() - min(enqueued_at) filter (where state = 'ready' and run_at <= now()))::float8 as oldest_s
from orrery.dispatch group by queue order by queue
