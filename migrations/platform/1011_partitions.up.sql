-- Partitions: functions that make them ahead of time and move old ones to schema archive, and the first of them.
-- Both functions run with the rights of their owner, because the daemon's role does not own the tables.

set local lock_timeout = '5s';

do $$
begin
  if to_regnamespace('archive') is null then
    create schema archive;
    comment on schema archive is 'Partitions that left their table, kept until retention drops them. Created by Orrery.';
  end if;
end
$$;

create function public.orrery_ensure_partitions(
  parent regclass,
  unit   text,
  back   integer,
  ahead  integer
)
returns integer
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '5s'
as $$
declare
  parent_schema name;
  parent_name   name;
  key_column    name;
  step          interval;
  name_format   text;
  lower_bound   timestamptz;
  upper_bound   timestamptz;
  partition     name;
  catch_all     name;
  made          integer := 0;
begin
  select n.nspname, c.relname, a.attname
    into parent_schema, parent_name, key_column
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    join pg_partitioned_table p on p.partrelid = c.oid and p.partstrat = 'r'
    join pg_attribute a on a.attrelid = c.oid and a.attnum = p.partattrs[0]
   where c.oid = parent;
  if not found then
    raise exception '% is not partitioned by range', parent;
  end if;

  case unit
    when 'week' then step := '1 week'; name_format := 'IYYY"w"IW';
    when 'month' then step := '1 month'; name_format := 'YYYYMM';
    when 'quarter' then step := '3 months'; name_format := 'YYYY"q"Q';
    when 'year' then step := '1 year'; name_format := 'YYYY';
  end case;

  -- Two workers that both want next month's partition would otherwise meet in an error.
  perform pg_advisory_xact_lock(hashtextextended('orrery partitions of ' || parent::oid, 0));

  -- The catch-all keeps an insert from failing when nobody made the partition in time.
  catch_all := parent_name || '_default';
  if to_regclass(format('%I.%I', parent_schema, catch_all)) is null then
    execute format('create table %I.%I partition of %s default', parent_schema, catch_all, parent);
  end if;

  for i in -back .. ahead loop
    lower_bound := date_trunc(unit, now()) + i * step;
    upper_bound := lower_bound + step;
    partition := parent_name || '_p' || to_char(lower_bound, name_format);
    continue when to_regclass(format('%I.%I', parent_schema, partition)) is not null
               or to_regclass(format('archive.%I', partition)) is not null;

    -- Attaching locks the parent less than "partition of" does, and rows that fell into the catch-all can move first.
    execute format('create table %I.%I (like %s including all)', parent_schema, partition, parent);
    execute format('lock table %I.%I in access exclusive mode', parent_schema, catch_all);
    execute format(
      'with moved as (delete from %1$I.%2$I where %4$I >= %5$L and %4$I < %6$L returning *)
       insert into %1$I.%3$I select * from moved',
      parent_schema, catch_all, partition, key_column, lower_bound, upper_bound);
    execute format('alter table %s attach partition %I.%I for values from (%L) to (%L)',
                   parent, parent_schema, partition, lower_bound, upper_bound);
    made := made + 1;
  end loop;
  return made;
end
$$;

comment on function public.orrery_ensure_partitions(regclass, text, integer, integer) is
  'Makes the partitions of parent from back units before the present one to ahead units after it (unit: week, month, quarter or year, in UTC) and the catch-all; returns how many were missing. Called daily by Orrery.';

create function public.orrery_archive_partitions(
  parent     regclass,
  older_than interval
)
returns setof text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set timezone = 'UTC'
set lock_timeout = '5s'
as $$
declare
  part     record;
  reference record;
begin
  for part in
    select c.oid,
           c.relname,
           substring(pg_get_expr(c.relpartbound, c.oid) from 'TO \(''([^'']+)''\)')::timestamptz as upper_bound
      from pg_inherits i
      join pg_class c on c.oid = i.inhrelid
     where i.inhparent = parent
     order by c.relname
  loop
    -- The catch-all has no bound and stays.
    continue when part.upper_bound is null or part.upper_bound > now() - older_than;

    execute format('alter table %s detach partition %s', parent, part.oid::regclass);
    -- A reference that stayed behind would keep people from being deleted, and old jobs from being purged.
    for reference in select conname from pg_constraint where conrelid = part.oid and contype = 'f' loop
      execute format('alter table %s drop constraint %I', part.oid::regclass, reference.conname);
    end loop;
    execute format('alter table %s set schema archive', part.oid::regclass);
    return next part.relname;
  end loop;
end
$$;

comment on function public.orrery_archive_partitions(regclass, interval) is
  'Moves the partitions of parent that ended longer than older_than ago to schema archive, without their foreign keys; returns their names. Called monthly by Orrery.';

revoke execute on function public.orrery_ensure_partitions(regclass, text, integer, integer) from public;
revoke execute on function public.orrery_archive_partitions(regclass, interval) from public;

select public.orrery_ensure_partitions('public.report_access_log', 'month', 1, 3),
       public.orrery_ensure_partitions('public.report_generation_errors', 'month', 1, 3),
       public.orrery_ensure_partitions('calc.calculation_audit_log', 'month', 1, 3),
       public.orrery_ensure_partitions('calc.performance_metrics', 'week', 1, 5);
