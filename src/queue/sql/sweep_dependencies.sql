-- sweep_dependencies: edges of pending rows that no trigger saw.
insert into orrery.dependency (parent, child, kind)
select p.id, q.id, 'depends_on'
from report_generation_queue q join report_generation_queue p on p.id = q.depends_on_queue_id
where q.status = 'pending' and p.status <> 'completed'
  and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id)
union
select q.id, b.child, 'blocks'
from report_generation_queue q cross join lateral unnest(q.blocks_queue_ids) as b (child)
where q.status = 'pending' and b.child is not null
  and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id)
on conflict do nothing
