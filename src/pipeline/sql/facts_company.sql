-- facts_company: all that is known of organizations $1 as companies, in the parts of facts_employee.
-- OFFSET 0 keeps the order: rows are found by key, and only those are asked by way of JSON. A plan may read a small table whole.
with company as materialized (
  select o.id, o.industry_id, to_jsonb(o) as data from (select * from organizations x where x.id = any ($1) offset 0) o where to_jsonb(o) ->> 'deleted_at' is null
)
select 'person' as part, c.id, null::uuid as member,
       (c.data || jsonb_build_object('organization_id', c.id, 'full_name', c.data -> 'name'))::text as data from company c
union all
select 'company', c.id, null, c.data::text from company c
union all
select 'birth', c.id, null, row_to_json(b)::text from company c join entity_birth_data b on b.entity_type = 'company' and b.entity_id = c.id
union all
select 'industry', i.id, null, to_jsonb(i)::text from industries i where i.id in (select c.industry_id from company c)
