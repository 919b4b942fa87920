set local lock_timeout = '5s';

create or replace function public.orrery_set_row_level_security(enabled boolean)
returns integer
language plpgsql
set lock_timeout = '5s'
as $$
declare
  relation record;
  changed  integer := 0;
begin
  for relation in
    select c.oid::regclass as name
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
     where p.polname = 'tenant_isolation'
       and c.relnamespace in ('public'::regnamespace, 'calc'::regnamespace)
       and c.relrowsecurity <> enabled
     order by c.oid::regclass::text
  loop
    execute format('alter table %s %s row level security', relation.name,
                   case when enabled then 'enable' else 'disable' end);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

drop table analytics.report_generation_stats;

-- The schema goes with its last table, and only if it was made here.
do $$
begin
  if obj_description(to_regnamespace('analytics'), 'pg_namespace') like '%Created by Orrery.'
     and not exists (select from pg_class where relnamespace = to_regnamespace('analytics')) then
    drop schema analytics;
  end if;
end
$$;
