-- What a quarter's run remembers between two looks, and its counts, which follow every change of an entity row whoever makes it: each
-- statement adds one row of differences, so no two of them wait for each other, and a look sums up what has come since the last.
set local lock_timeout = '5s';

create table orrery.quarter_run (
  schedule_id uuid primary key,
  started_at timestamptz,
  paused boolean not null default false,
  note text,
  forced boolean not null default false,
  kind integer not null default 1,
  after_department uuid not null default '00000000-0000-0000-0000-000000000000',
  after_id uuid not null default '00000000-0000-0000-0000-000000000000',
  expanded_at timestamptz,
  seen_at timestamptz,
  seen bigint not null default 0,
  works boolean not null default false,
  rate double precision,
  tenths integer not null default 0
);
comment on table orrery.quarter_run is 'One row for each schedule that was looked at, or that an operator has acted on';
comment on column orrery.quarter_run.schedule_id is 'Row of quarterly_update_schedule';
comment on column orrery.quarter_run.started_at is 'First look inside the window; null before';
comment on column orrery.quarter_run.paused is 'An operator holds it: its rows wait until it is resumed';
comment on column orrery.quarter_run.note is 'Why it is paused, by whom';
comment on column orrery.quarter_run.forced is 'An operator has started it: it runs on outside its window, until it ends or is paused';
comment on column orrery.quarter_run.kind is 'Kind of entities whose rows are being made, as expand_quarter.sql numbers them';
comment on column orrery.quarter_run.after_department is 'How far the rows of that kind are made';
comment on column orrery.quarter_run.after_id is 'How far the rows of that kind are made';
comment on column orrery.quarter_run.expanded_at is 'When the last row was made; null while there are more';
comment on column orrery.quarter_run.seen_at is 'Last look';
comment on column orrery.quarter_run.seen is 'Rows that had ended by then';
comment on column orrery.quarter_run.works is 'Whether rows could run at the last look';
comment on column orrery.quarter_run.rate is 'Rows that end in a second, smoothed over half a minute; null while nothing is known';
comment on column orrery.quarter_run.tenths is 'Tenths of the quarter that were told as quarter.progress';

create table orrery.quarter_count (
  schedule_id uuid primary key,
  total bigint not null default 0,
  completed bigint not null default 0,
  failed bigint not null default 0,
  skipped bigint not null default 0,
  changed_at timestamptz not null default now()
);
comment on table orrery.quarter_count is 'How the entity rows of a schedule stand, but for what orrery.quarter_delta says';
comment on column orrery.quarter_count.schedule_id is 'Row of quarterly_update_schedule';
comment on column orrery.quarter_count.total is 'All rows';
comment on column orrery.quarter_count.completed is 'Rows that completed';
comment on column orrery.quarter_count.failed is 'Rows that failed';
comment on column orrery.quarter_count.skipped is 'Rows that were skipped';
comment on column orrery.quarter_count.changed_at is 'When differences were last summed up, or the rows themselves counted';

create table orrery.quarter_delta (
  id bigint generated always as identity primary key,
  schedule_id uuid not null,
  total bigint not null,
  completed bigint not null,
  failed bigint not null,
  skipped bigint not null
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
comment on table orrery.quarter_delta is 'Differences since quarter_count: one row for each statement that changed entity rows of a schedule';
comment on column orrery.quarter_delta.id is 'Order of the statements';
comment on column orrery.quarter_delta.schedule_id is 'Row of quarterly_update_schedule';
comment on column orrery.quarter_delta.total is 'Rows more, or fewer if negative';
comment on column orrery.quarter_delta.completed is 'Completed rows more or fewer';
comment on column orrery.quarter_delta.failed is 'Failed rows more or fewer';
comment on column orrery.quarter_delta.skipped is 'Skipped rows more or fewer';
create index quarter_delta_schedule on orrery.quarter_delta (schedule_id);

create table orrery.quarter_error (
  job_id uuid primary key,
  schedule_id uuid not null,
  code text not null,
  entity_type text not null,
  entity_id text not null,
  message text,
  failed_at timestamptz not null default clock_timestamp()
);
comment on table orrery.quarter_error is 'One row for each entity row of a schedule that stands as failed';
comment on column orrery.quarter_error.job_id is 'Row of entity_update_queue';
comment on column orrery.quarter_error.schedule_id is 'Row of quarterly_update_schedule';
comment on column orrery.quarter_error.code is 'Code of the last error; application when an application has set the row to failed';
comment on column orrery.quarter_error.entity_type is 'employee, candidate or company';
comment on column orrery.quarter_error.entity_id is 'The entity';
comment on column orrery.quarter_error.message is 'What the error said';
comment on column orrery.quarter_error.failed_at is 'When';
create index quarter_error_code on orrery.quarter_error (schedule_id, code, failed_at);

-- Rows of a schedule that exist by now.
insert into orrery.quarter_count (schedule_id, total, completed, failed, skipped)
select q.schedule_id, count(*), count(*) filter (where q.queue_status = 'completed'),
       count(*) filter (where q.queue_status = 'failed'), count(*) filter (where q.queue_status = 'skipped')
from entity_update_queue q where q.schedule_id is not null group by q.schedule_id;

insert into orrery.quarter_error (job_id, schedule_id, code, entity_type, entity_id, message)
select q.id, q.schedule_id, 'unknown', q.entity_type, q.entity_id, q.error_message
from entity_update_queue q where q.schedule_id is not null and q.queue_status = 'failed';

insert into orrery.quarter_run (schedule_id, started_at, expanded_at)
select r.job_id, r.finished_at, r.finished_at from orrery.result r where r.queue = 'quarter.expanded';
delete from orrery.result where queue = 'quarter.expanded';

create function orrery.entity_counted() returns trigger
language plpgsql security definer as $$
begin
  -- Three times the same, because each operation has other tables. Rows that no schedule has cost the first condition alone.
  if tg_op = 'INSERT' then
    insert into orrery.quarter_delta (schedule_id, total, completed, failed, skipped)
    select n.schedule_id, count(*), count(*) filter (where n.queue_status = 'completed'),
           count(*) filter (where n.queue_status = 'failed'), count(*) filter (where n.queue_status = 'skipped')
    from new_rows n where n.schedule_id is not null group by n.schedule_id;
  elsif tg_op = 'DELETE' then
    insert into orrery.quarter_delta (schedule_id, total, completed, failed, skipped)
    select o.schedule_id, - count(*), - count(*) filter (where o.queue_status = 'completed'),
           - count(*) filter (where o.queue_status = 'failed'), - count(*) filter (where o.queue_status = 'skipped')
    from old_rows o where o.schedule_id is not null group by o.schedule_id;
    delete from orrery.quarter_error e using old_rows o where o.queue_status = 'failed' and e.job_id = o.id;
    return null;
  else
    insert into orrery.quarter_delta (schedule_id, total, completed, failed, skipped)
    select x.schedule_id, sum(x.total), sum(x.completed), sum(x.failed), sum(x.skipped)
    from (
      select n.schedule_id, 1 as total, (n.queue_status = 'completed')::integer as completed,
             (n.queue_status = 'failed')::integer as failed, (n.queue_status = 'skipped')::integer as skipped
      from new_rows n where n.schedule_id is not null
      union all
      select o.schedule_id, -1, - (o.queue_status = 'completed')::integer, - (o.queue_status = 'failed')::integer,
             - (o.queue_status = 'skipped')::integer
      from old_rows o where o.schedule_id is not null
    ) x
    group by x.schedule_id
    having sum(x.total) <> 0 or sum(x.completed) <> 0 or sum(x.failed) <> 0 or sum(x.skipped) <> 0;
    if exists (select from old_rows o where o.queue_status = 'failed') then
      delete from orrery.quarter_error e using old_rows o, new_rows n
      where o.queue_status = 'failed' and n.id = o.id and n.queue_status <> 'failed' and e.job_id = o.id;
    end if;
  end if;
  if exists (select from new_rows n where n.queue_status = 'failed' and n.schedule_id is not null) then
    -- The worker has noted its failures with their codes in the same statement; what is missing here was set by somebody else.
    insert into orrery.quarter_error (job_id, schedule_id, code, entity_type, entity_id, message)
    select n.id, n.schedule_id, 'application', n.entity_type, n.entity_id, n.error_message
    from new_rows n where n.queue_status = 'failed' and n.schedule_id is not null
    on conflict (job_id) do nothing;
  end if;
  return null;
end $$;
comment on function orrery.entity_counted() is 'Keeps the counts of quarters true, whoever changes entity rows';

create trigger orrery_counted_insert after insert on entity_update_queue
referencing new table as new_rows for each statement execute function orrery.entity_counted();
create trigger orrery_counted_update after update on entity_update_queue
referencing old table as old_rows new table as new_rows for each statement execute function orrery.entity_counted();
create trigger orrery_counted_delete after delete on entity_update_queue
referencing old table as old_rows for each statement execute function orrery.entity_counted();

create function orrery.quarter_counts(p_schedule uuid)
returns table (total bigint, completed bigint, failed bigint, skipped bigint, open bigint)
language sql stable as $$
  select x.total, x.completed, x.failed, x.skipped, x.total - x.completed - x.failed - x.skipped
  from (
    select coalesce(sum(y.total), 0)::bigint as total, coalesce(sum(y.completed), 0)::bigint as completed,
           coalesce(sum(y.failed), 0)::bigint as failed, coalesce(sum(y.skipped), 0)::bigint as skipped
    from (
      select c.total, c.completed, c.failed, c.skipped from orrery.quarter_count c where c.schedule_id = p_schedule
      union all
      select d.total, d.completed, d.failed, d.skipped from orrery.quarter_delta d where d.schedule_id = p_schedule
    ) y
  ) x
$$;
comment on function orrery.quarter_counts(uuid) is 'How the entity rows of a schedule stand now, without reading them';

create function orrery.quarter_errors(p_schedule uuid) returns jsonb
language sql stable as $$
  select jsonb_agg(jsonb_build_object('code', g.code, 'entities', g.entities, 'message', s.message, 'sample', s.sample)
                   order by g.entities desc, g.code)
  from (
    select e.code, count(*) as entities from orrery.quarter_error e
    where e.schedule_id = p_schedule group by e.code order by 2 desc, 1 limit 20
  ) g
  cross join lateral (
    select (array_agg(f.message order by f.failed_at))[1] as message,
           jsonb_agg(f.entity_type || ' ' || f.entity_id order by f.failed_at) as sample
    from (
      select e.message, e.entity_type, e.entity_id, e.failed_at from orrery.quarter_error e
      where e.schedule_id = p_schedule and e.code = g.code order by e.failed_at limit 5
    ) f
  ) s
$$;
comment on function orrery.quarter_errors(uuid) is 'Failed entities of a schedule by code: how many, what the first said, and the first five; null if there are none';

create function orrery.look_at_quarter(p_schedule uuid) returns void
language sql security definer as $$
  update orrery.dispatch d set run_at = clock_timestamp() where d.queue = 'quarter' and d.job_id = p_schedule and d.state = 'ready';
  select pg_notify('orrery_wake', 'quarter');
$$;
comment on function orrery.look_at_quarter(uuid) is 'Lets a worker look at a quarter at once';

create function orrery.quarter_moved() returns trigger
language plpgsql security definer as $$
begin
  perform orrery.look_at_quarter(new.id);
  return null;
end $$;
comment on function orrery.quarter_moved() is 'The window of a running quarter was changed: a worker looks at once whether it is open';

create trigger orrery_moved after update on quarterly_update_schedule for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on' and new.status = 'in_progress' and old.status = 'in_progress'
      and (old.scheduled_date, old.execution_start_time, old.execution_end_time) is distinct from (new.scheduled_date, new.execution_start_time, new.execution_end_time))
execute function orrery.quarter_moved();

-- The sweep reads open rows only, a page at a time.
create index orrery_open_entities on entity_update_queue (id) where queue_status in ('queued', 'processing');

comment on column orrery.dispatch.state is 'ready: may be claimed; waiting: for a dependency, or for the window of its quarter; leased: a worker has it';

-- As in 2014, for what has come since.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace
             and p.proname in ('entity_counted', 'quarter_counts', 'quarter_errors', 'look_at_quarter', 'quarter_moved') loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
  end loop;
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant select, insert, update, delete on orrery.quarter_run, orrery.quarter_count, orrery.quarter_delta, orrery.quarter_error
      to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
  end if;
end $$;
