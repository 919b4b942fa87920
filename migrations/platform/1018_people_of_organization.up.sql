-- Who belongs to an organization: read so that a report names nobody else. The indexes of 1002 hold live rows only and cannot serve
-- statements that also run where the column deleted_at does not exist; users had none. What a platform has of that kind is left as it is.
set local lock_timeout = '5s';

do $$
declare
  people text;
begin
  foreach people in array array['users', 'employees', 'candidates'] loop
    if exists (select from pg_class c join pg_attribute a on a.attrelid = c.oid
               where c.oid = to_regclass(format('public.%I', people)) and c.relkind in ('r', 'p') and a.attname = 'organization_id')
       and not exists (select from pg_index i join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
                       where i.indrelid = to_regclass(format('public.%I', people)) and i.indisvalid and i.indpred is null
                         and a.attname = 'organization_id') then
      execute format('create index %I on public.%I (organization_id)', people || '_organization_member', people);
    end if;
  end loop;
end
$$;
