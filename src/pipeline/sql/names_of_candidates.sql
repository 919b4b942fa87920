-- names_of_candidates: full names of up to $2 candidates of organization $1, whatever became of them.
select distinct c.full_name::text
from candidates c
where c.organization_id = $1 and c.full_name is not null
order by 1
limit $2
