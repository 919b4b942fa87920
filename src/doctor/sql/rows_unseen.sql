-- rows_unseen: open rows older than five minutes that the queue knows nothing of.
select 2 as level, format('%s of %s', count(*), u.name) as found, 'start a worker: it sweeps every queue.sweep_s seconds' as fix
from (
  select 'report_generation_queue' as name, q.id from report_generation_queue q
  where q.status = 'pending' and q.created_at::timestamptz < clock_timestamp() - interval '5 minutes'
    and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id)
  union all
  select 'entity_update_queue', q.id from entity_update_queue q
  where q.queue_status = 'queued' and q.queued_at::timestamptz < clock_timestamp() - interval '5 minutes'
    and not exists (select 1 from orrery.dispatch d where d.queue = 'entity' and d.job_id = q.id)
) u
group by u.name
