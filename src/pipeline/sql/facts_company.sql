-- facts_company: all that is known of organization $1 as a company, in the shape of facts_employee.
select to_jsonb(o) || jsonb_build_object('organization_id', o.id, 'full_name', o.name) as person, to_jsonb(o) as company,
       null::jsonb as department, null::jsonb as role, to_jsonb(i) as industry, to_jsonb(b) as birth, null::jsonb as founding
from organizations o
left join industries i on i.id = o.industry_id
left join entity_birth_data b on b.entity_type = 'company' and b.entity_id = o.id
where o.id = $1 and to_jsonb(o) ->> 'deleted_at' is null
