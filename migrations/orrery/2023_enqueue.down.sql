set local lock_timeout = '5s';

do $$
begin
  if to_regrole('planetshr_app') is not null then
    revoke usage on schema orrery from planetshr_app;
  end if;
  if to_regrole('planetshr_worker') is not null then
    revoke select on _orrery_migrations from planetshr_worker;
  end if;
end $$;
drop function orrery.take_events(text[], integer);
drop function orrery.result_of(text, uuid);
drop function orrery.enqueue_calculation(text, text, uuid, uuid, jsonb, text, integer);
drop function orrery.enqueue_entity(text, uuid, text, integer);
drop function orrery.enqueue_report(uuid, text, uuid, text, integer, timestamptz, text, jsonb, uuid);
drop function orrery.check_common(text, integer);
drop function orrery.refuse(text, text, text);
drop function orrery.id_of_key(text, text, text);
