set local lock_timeout = '5s';

do $$
begin
  if exists (select 1 from pg_roles where rolname = 'planetshr_readonly') then
    revoke all on all tables in schema orrery from planetshr_readonly;
    revoke all on all functions in schema orrery from planetshr_readonly;
    revoke usage on schema orrery from planetshr_readonly;
  end if;
end $$;

drop function orrery.failure_code(text, uuid);
drop index if exists orrery_newest_calculations;
drop index if exists orrery_newest_entities;
drop index if exists orrery_newest_reports;
drop table orrery.audit;
