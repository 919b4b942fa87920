-- department_births: birth data of the people in department $1 without employee $2; at most $3, always the same ones.
select to_jsonb(b)
from employees e join entity_birth_data b on b.entity_type = 'employee' and b.entity_id = e.id
where e.department_id = $1 and e.id <> $2 and to_jsonb(e) ->> 'deleted_at' is null
  and coalesce(to_jsonb(e) ->> 'status', 'active') <> 'left'
order by e.id
limit $3
