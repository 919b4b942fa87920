-- names_of_organization: full names and numbers of up to $3 employees of organization $1, those of department $2 first.
-- By way of JSON, because a platform may number nobody; only of those who are read.
select e.full_name, to_jsonb(e) ->> 'employee_code'
from (
  select x.* from employees x where x.organization_id = $1
  order by (x.department_id is not distinct from $2) desc, x.id
  limit $3
) e
