-- Removes calculation jobs and algorithm versions, and schema calc if the up migration made it.

set local lock_timeout = '5s';

drop table calc.calculation_jobs;
drop table calc.algorithm_versions;

do $$
begin
  if obj_description(to_regnamespace('calc'), 'pg_namespace') like '%Created by Orrery.' then
    drop schema calc;
  end if;
end
$$;
