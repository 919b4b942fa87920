-- rows_orphaned: rows that run according to their status while nobody holds them, for longer than `given.orphan_s` and a minute.
select 2 as level, format('report_generation_queue %s, running since %s', q.id, date_trunc('second', q.started_at)) as found,
       'start a worker: it puts them back within queue.sweep_s seconds' as fix
from report_generation_queue q
where q.status = 'processing' and coalesce(q.started_at, q.updated_at)::timestamptz < clock_timestamp() - make_interval(secs => (select g.orphan_s from given g) + 60)
  and not exists (select 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = q.id and d.state = 'leased')
limit 20
