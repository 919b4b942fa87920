-- facts_candidate: all that is known of candidate $1, in the shape of facts_employee.
select to_jsonb(e) as person, to_jsonb(o) as company, to_jsonb(d) as department, to_jsonb(r) as role,
       to_jsonb(i) as industry, to_jsonb(b) as birth, to_jsonb(f) as founding
from candidates e
join organizations o on o.id = e.organization_id
left join departments d on d.id = e.department_id
left join job_roles r on r.id = e.job_role_id
left join industries i on i.id = o.industry_id
left join entity_birth_data b on b.entity_type = 'candidate' and b.entity_id = e.id
left join entity_birth_data f on f.entity_type = 'company' and f.entity_id = o.id
where e.id = $1 and to_jsonb(e) ->> 'deleted_at' is null
