-- facts_candidate: all that is known of candidates $1, in parts, each row once however many of them share it; $2 members of a department at
-- most, always the same ones. Whole rows as JSON, so that platforms may have more or fewer columns.
-- OFFSET 0 keeps the order: rows are found by key, and only those are asked by way of JSON. A plan may read a small table whole.
with person as materialized (
  select e.id, e.organization_id, e.department_id, e.job_role_id, row_to_json(e)::text as data
  from (select * from candidates x where x.id = any ($1) offset 0) e where to_jsonb(e) ->> 'deleted_at' is null
), company as materialized (
  select o.id, o.industry_id, to_jsonb(o) as data from organizations o where o.id in (select p.organization_id from person p)
)
select 'person' as part, p.id, null::uuid as member, p.data from person p
union all
select 'birth', p.id, null, row_to_json(b)::text from person p join entity_birth_data b on b.entity_type = 'candidate' and b.entity_id = p.id
union all
select 'company', c.id, null, c.data::text from company c
union all
select 'founding', c.id, null, row_to_json(b)::text from company c join entity_birth_data b on b.entity_type = 'company' and b.entity_id = c.id
union all
select 'industry', i.id, null, to_jsonb(i)::text from industries i where i.id in (select c.industry_id from company c)
union all
select 'department', d.id, null, to_jsonb(d)::text from departments d where d.id in (select p.department_id from person p)
union all
select 'role', r.id, null, to_jsonb(r)::text from job_roles r where r.id in (select p.job_role_id from person p)
union all
select 'member', d.id, m.id, m.data
from (select distinct p.department_id as id from person p where p.department_id is not null) d
cross join lateral (
  select e.id, row_to_json(b)::text as data
  from (select x.id, to_jsonb(x) as whole from employees x where x.department_id = d.id order by x.id offset 0) e
  join entity_birth_data b on b.entity_type = 'employee' and b.entity_id = e.id
  where e.whole ->> 'deleted_at' is null and coalesce(e.whole ->> 'status', 'active') <> 'left'
  order by e.id
  limit $2
) m
