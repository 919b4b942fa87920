-- names_of_colleagues: full names of up to $4 other people of organization $1, those of department $3 first; $2 is the person.
select e.full_name from employees e
where e.organization_id = $1 and e.id <> $2 and e.full_name is not null
order by (e.department_id is not distinct from $3) desc, e.id
limit $4
