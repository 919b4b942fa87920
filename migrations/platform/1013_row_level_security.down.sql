-- Turns row level security off and removes its policies and functions.

set local lock_timeout = '5s';

select public.orrery_set_row_level_security(false);

do $$
declare
  policy record;
begin
  for policy in
    select polname, polrelid::regclass as relation
      from pg_policy
     where polname in ('tenant_isolation', 'orrery_worker')
       and pg_get_expr(polqual, polrelid) ~ '^true$|orrery_current_organization'
  loop
    execute format('drop policy %I on %s', policy.polname, policy.relation);
  end loop;
end
$$;

drop function public.orrery_set_row_level_security(boolean);
drop function public.orrery_current_organization();
