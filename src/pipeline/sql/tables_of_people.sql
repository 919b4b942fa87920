-- tables_of_people: those of users and candidates that have an organization and a name, and that the user of this session may read.
-- A platform may have none of that name, or one of another shape, and need not let a worker read it.
select t.name
from (values ('users'), ('candidates')) t (name)
where (
  select count(*) from pg_attribute a
  where a.attrelid = to_regclass(t.name) and not a.attisdropped and has_column_privilege(a.attrelid, a.attnum, 'select')
    and (a.attname = 'full_name' or (a.attname = 'organization_id' and a.atttypid = 'uuid'::regtype))
) = 2
