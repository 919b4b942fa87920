-- rows_quarantined until an operator releases them.
select 1 as level, format('%s %s, %s deaths', q.queue, q.job_id, q.crashes) as found, 'orrery jobs release ' || q.job_id as fix
from orrery.quarantine q where q.released_at is null
order by q.quarantined_at desc limit 20
