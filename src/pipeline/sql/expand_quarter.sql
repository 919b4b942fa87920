-- expand_quarter: makes entity rows of schedule $1 for up to $5 entities of kind $2 after ($3 department, $4 id). The kinds: 1 employees
-- by department, 2 employees without one, 3 candidates, 4 companies.
-- Only while token $6 holds; the lock keeps whoever cancels the quarter waiting until the page is there to be cancelled too.
-- Safe to repeat: the unique key of the queue and the order make a second run add nothing.
-- Returns and notes how far it came, so that the next page can go on; no row means that this kind has ended, or that the lease is gone.
-- Each branch names its kind as a condition on a parameter, so that the others are not run, and reads its page by an index. People of
-- a department follow each other, because they are compared with each other: whoever reads one has read them all.
-- Who takes part is asked of the page and not of the table: how many do cannot be estimated, and the page would be found by reading everything.
with held as materialized (
  select from orrery.dispatch d where d.queue = 'quarter' and d.job_id = $1 and d.token = $6 and d.state = 'leased' for key share
), page as (
  (select 'employee' as entity_type, e.department_id, e.id, e.organization_id,
          e.whole ->> 'deleted_at' is null and coalesce(e.whole ->> 'status', 'active') <> 'left' as takes_part
   from (select x.id, x.department_id, x.organization_id, to_jsonb(x) as whole from employees x where $2 = 1 and exists (select from held) and (x.department_id, x.id) > ($3, $4)
         order by x.department_id, x.id limit $5) e)
  union all
  (select 'employee', null, e.id, e.organization_id,
          e.whole ->> 'deleted_at' is null and coalesce(e.whole ->> 'status', 'active') <> 'left'
   from (select x.id, x.organization_id, to_jsonb(x) as whole from employees x where $2 = 2 and exists (select from held) and x.department_id is null and x.id > $4
         order by x.id limit $5) e)
  union all
  (select 'candidate', null, c.id, c.organization_id, c.whole ->> 'deleted_at' is null and coalesce(c.whole ->> 'status', 'open') = 'open'
   from (select x.id, x.organization_id, to_jsonb(x) as whole from candidates x where $2 = 3 and exists (select from held) and x.id > $4 order by x.id limit $5) c)
  union all
  (select 'company', null, o.id, o.id, to_jsonb(o) ->> 'deleted_at' is null
   from (select * from organizations x where $2 = 4 and exists (select from held) and x.id > $4 order by x.id limit $5) o)
), made as (
  insert into entity_update_queue
    (schedule_id, entity_type, entity_id, organization_id, subscription_active, subscription_tier, queue_status, priority)
  select $1, p.entity_type, p.id::text, p.organization_id::text,
         coalesce(o.whole ->> 'subscription_status', 'ACTIVE') not in ('EXPIRED', 'CANCELLED'),
         left(o.whole ->> 'subscription_tier', 50), 'queued', 3
  from page p
  cross join lateral (select to_jsonb(x) as whole from organizations x where x.id = p.organization_id offset 0) o
  where p.takes_part and exists (select 1 from entity_birth_data b where b.entity_type = p.entity_type and b.entity_id = p.id)
  order by p.department_id, p.id
  on conflict do nothing
), reached as (
  select coalesce(p.department_id, $3) as department, p.id from page p order by p.department_id desc, p.id desc limit 1
), noted as (
  update orrery.quarter_run r set after_department = x.department, after_id = x.id from reached x where r.schedule_id = $1
)
select x.department, x.id from reached x
