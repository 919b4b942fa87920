-- Removes notifications, but only the tables that the up migration made: a platform's own stay.

set local lock_timeout = '5s';

do $$
declare
  name text;
begin
  foreach name in array array['notifications'] loop
    if obj_description(to_regclass(format('public.%I', name)), 'pg_class') like '%Created by Orrery.' then
      execute format('drop table public.%I', name);
    end if;
  end loop;
end
$$;
