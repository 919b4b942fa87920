-- happened: how many rows of each queue completed and failed in the last hour, among the newest $1 events. Entities and calculations
-- tell of failures only.
select split_part(o.topic, '.', 1) as queue,
       count(*) filter (where o.topic in ('report.completed', 'report.unchanged', 'quarter.completed')) as completed,
       count(*) filter (where o.topic like '%.failed') as failed
from (select e.topic, e.created_at from orrery.outbox e order by e.id desc limit $1) o
where o.created_at > clock_timestamp() - interval '1 hour'
group by 1
