-- expand_quarter: makes entity rows of schedule $1 for up to $4 entities after ($2 kind, $3 id) in a fixed order.
-- Safe to repeat: the unique key of the queue and the order make a second run add nothing.
-- Returns how far it came, so that the next page can go on; no row means the end.
with entity as (
  select 1 as kind, 'employee' as entity_type, e.id, e.organization_id from employees e
  where to_jsonb(e) ->> 'deleted_at' is null and coalesce(to_jsonb(e) ->> 'status', 'active') <> 'left'
  union all
  select 2, 'candidate', c.id, c.organization_id from candidates c
  where to_jsonb(c) ->> 'deleted_at' is null and coalesce(to_jsonb(c) ->> 'status', 'open') = 'open'
  union all
  select 3, 'company', o.id, o.id from organizations o where to_jsonb(o) ->> 'deleted_at' is null
), page as (
  select x.kind, x.entity_type, x.id, x.organization_id,
         coalesce(to_jsonb(o) ->> 'subscription_status', 'ACTIVE') not in ('EXPIRED', 'CANCELLED') as active,
         to_jsonb(o) ->> 'subscription_tier' as tier
  from entity x join organizations o on o.id = x.organization_id
  where (x.kind, x.id) > ($2, $3)
  order by x.kind, x.id
  limit $4
), made as (
  insert into entity_update_queue
    (schedule_id, entity_type, entity_id, organization_id, subscription_active, subscription_tier, queue_status, priority)
  select $1, p.entity_type, p.id::text, p.organization_id::text, p.active, left(p.tier, 50), 'queued', 3
  from page p
  where exists (select 1 from entity_birth_data b where b.entity_type = p.entity_type and b.entity_id = p.id)
  on conflict do nothing
)
select p.kind, p.id from page p order by p.kind desc, p.id desc limit 1
