-- names_of_organization: full names of up to $3 people of organization $1, those of department $2 first.
select e.full_name from employees e
where e.organization_id = $1 and e.full_name is not null
order by (e.department_id is not distinct from $2) desc, e.id
limit $3
