-- Removes the partition functions, and schema archive if the up migration made it; with archived partitions in it
-- that fails, because they hold data that stands nowhere else.
-- Partitions that are attached stay: they belong to their tables and go with them.

set local lock_timeout = '5s';

drop function public.orrery_archive_partitions(regclass, interval);
drop function public.orrery_ensure_partitions(regclass, text, integer, integer);

do $$
begin
  if obj_description(to_regnamespace('archive'), 'pg_namespace') like '%Created by Orrery.' then
    drop schema archive;
  end if;
end
$$;
