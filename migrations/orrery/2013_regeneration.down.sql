set local lock_timeout = '5s';

do $$
begin
  if (select c.relkind in ('r', 'p') from pg_class c where c.oid = to_regclass('entity_birth_data')) then
    drop trigger if exists orrery_corrected on entity_birth_data;
  end if;
end $$;
drop function orrery.birth_data_changed();
drop function orrery.mark_regeneration(uuid, text);
drop function orrery.roll_up_reports();
drop function orrery.count_report(uuid, uuid, timestamptz, double precision, double precision, integer);
drop function orrery.is_automatic(jsonb);
drop function orrery.stats_type(text);
drop table orrery.roll_up;
drop table orrery.benchmark;
drop table orrery.score_sum;
drop table orrery.benchmark_mark;
drop table orrery.regeneration;
