-- pace: reports that completed and failed in each five minutes of the last three hours, among the newest $1 events, oldest first.
with ended as (
  select date_bin('5 minutes', o.created_at, timestamptz 'epoch') as at, o.topic
  from (select e.topic, e.created_at from orrery.outbox e order by e.id desc limit $1) o
  where o.created_at > clock_timestamp() - interval '3 hours 5 minutes' and o.topic like 'report.%'
)
select s.at,
       count(*) filter (where e.topic in ('report.completed', 'report.unchanged')) as completed,
       count(*) filter (where e.topic = 'report.failed') as failed
from generate_series(
  date_bin('5 minutes', clock_timestamp() - interval '2 hours 55 minutes', timestamptz 'epoch'),
  date_bin('5 minutes', clock_timestamp(), timestamptz 'epoch'), interval '5 minutes') as s (at)
left join ended e on e.at = s.at
group by s.at order by s.at
