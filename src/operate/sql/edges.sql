-- edges: rows of report_generation_queue that row $1 waits for or waited for, and rows that wait for it; at most 200.
with found as (
  select 'waits_for' as direction, 'depends_on' as kind, q.depends_on_queue_id as id
  from report_generation_queue q where q.id = $1 and q.depends_on_queue_id is not null
  union
  select 'waits_for', e.kind, e.parent from orrery.dependency e where e.child = $1
  union
  select 'holds_up', 'depends_on', q.id from report_generation_queue q where q.depends_on_queue_id = $1
  union
  select 'holds_up', e.kind, e.child from orrery.dependency e where e.parent = $1
  union
  select 'holds_up', 'blocks', b.child
  from report_generation_queue q cross join lateral unnest(q.blocks_queue_ids) as b (child)
  where q.id = $1 and b.child is not null
)
select f.direction, f.kind, f.id, p.status::text as status, p.report_type::text as report_type,
       exists (
         select from orrery.dependency e
         where e.parent = case f.direction when 'waits_for' then f.id else $1 end
           and e.child = case f.direction when 'waits_for' then $1 else f.id end and e.kind = f.kind) as open
from found f left join report_generation_queue p on p.id = f.id
order by f.direction desc, f.kind desc, f.id
limit 200
