-- places_of_organization: places of up to $2 rows of birth and founding data of organization $1.
select distinct p.name
from (select b.city, b.country, b.location from entity_birth_data b where b.organization_id = $1 order by b.id limit $2) b
cross join lateral (values (b.city), (b.country), (b.location)) p (name)
where p.name is not null
