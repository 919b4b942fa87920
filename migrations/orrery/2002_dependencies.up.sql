-- Waiting, waking and failing of dependent reports. Edges live in orrery.dependency, so none of this
-- needs an index or a column on the application's table.
-- Lock order everywhere: the application's row first, then its dispatch row.
set local lock_timeout = '5s';

-- Our own updates of the applications' tables must not come back through the update triggers.
create function orrery.quiet(p_on boolean) returns text
language plpgsql as $$
declare
  before text := coalesce(current_setting('orrery.internal', true), '');
begin
  perform set_config('orrery.internal', case when p_on then 'on' else '' end, true);
  return before;
end $$;
comment on function orrery.quiet(boolean) is 'Switches the update triggers off (true) or on for the rest of the transaction; returns the former setting';

create function orrery.wake_dependents(p_parent uuid) returns integer
language plpgsql security definer as $$
declare
  children uuid[];
  woken integer;
begin
  select array_agg(e.child order by e.child) into children from orrery.dependency e where e.parent = p_parent;
  if children is null then
    return 0;
  end if;
  -- Two parents of one child may complete at once: whoever comes second waits here and then sees the other's edge gone.
  perform 1 from orrery.dispatch d where d.queue = 'report' and d.job_id = any (children) order by d.job_id for update;
  delete from orrery.dependency e where e.parent = p_parent;
  update orrery.dispatch d set state = 'ready'
  where d.queue = 'report' and d.job_id = any (children) and d.state = 'waiting'
    and not exists (select 1 from orrery.dependency e where e.child = d.job_id);
  get diagnostics woken = row_count;
  if woken > 0 then
    perform pg_notify('orrery_wake', 'report');
  end if;
  return woken;
end $$;
comment on function orrery.wake_dependents(uuid) is 'A row has completed: frees the rows that waited for it alone';

create function orrery.fail_reports(p_ids uuid[], p_code text, p_message text) returns integer
language plpgsql security definer as $$
declare
  before text := orrery.quiet(true);
  failed integer;
begin
  with ended as (
    update report_generation_queue q
    set status = 'failed', completed_at = clock_timestamp(), updated_at = clock_timestamp(), last_error = p_message
    where q.id = any (p_ids) and q.status = 'pending'
    returning q.id, q.employee_id, q.report_type
  ), recorded as (
    insert into report_generation_errors (queue_id, employee_id, report_type, error_type, error_code, error_message, processing_stage)
    select e.id, e.employee_id, e.report_type, p_code, 'permanent', p_message, 'dependency' from ended e
  ), told as (
    insert into orrery.outbox (topic, payload)
    select 'report.failed', jsonb_build_object('queue_id', e.id, 'code', p_code) from ended e
  ), gone as (
    delete from orrery.dispatch d using ended e where d.queue = 'report' and d.job_id = e.id
  )
  select count(*) into failed from ended;
  delete from orrery.dependency e where e.child = any (p_ids);
  delete from orrery.report_slot s where s.queue_id = any (p_ids);
  perform set_config('orrery.internal', before, true);
  return failed;
end $$;
comment on function orrery.fail_reports(uuid[], text, text) is 'Ends pending rows as failed, with an error row and an event each';

create function orrery.fail_dependents(p_parent uuid) returns integer
language plpgsql security definer as $$
declare
  level uuid[] := array[p_parent];
  children uuid[];
  failed integer := 0;
begin
  -- Level by level; edges go before the next level is read, so a cycle ends.
  loop
    select array_agg(distinct e.child) into children from orrery.dependency e where e.parent = any (level);
    exit when children is null;
    delete from orrery.dependency e where e.parent = any (level);
    failed := failed + orrery.fail_reports(children, 'dependency.failed',
      format('depends_on_queue_id or blocks_queue_ids: row %s, which this row waits for, did not complete; put that row right and set this one to pending again', p_parent));
    level := children;
  end loop;
  return failed;
end $$;
comment on function orrery.fail_dependents(uuid) is 'A row has failed or was cancelled: fails every row that waits for it, directly or through others';

create function orrery.fail_cycles() returns integer
language plpgsql security definer as $$
declare
  members uuid[];
begin
  with recursive walk (start, at) as (
    select e.child, e.parent from orrery.dependency e
    join orrery.dispatch d on d.queue = 'report' and d.job_id = e.child and d.state = 'waiting'
    union
    select w.start, e.parent from walk w join orrery.dependency e on e.child = w.at
  )
  select array_agg(distinct w.start) into members from walk w where w.start = w.at;
  if members is null then
    return 0;
  end if;
  return orrery.fail_reports(members, 'dependency.cycle',
    'depends_on_queue_id or blocks_queue_ids: the row waits for itself, directly or through others; remove one of the edges and set the row to pending again');
end $$;
comment on function orrery.fail_cycles() is 'Fails waiting rows that can never run because they wait for themselves';

create function orrery.settle_waiting() returns table (what text, rows bigint)
language plpgsql security definer as $$
declare
  parent uuid;
  n bigint := 0;
begin
  what := 'failed in a cycle'; rows := orrery.fail_cycles(); return next;

  -- Edges whose parent has completed or is gone hold nobody up.
  for parent in
    select distinct e.parent from orrery.dependency e
    left join report_generation_queue q on q.id = e.parent
    where q.id is null or q.status = 'completed'
  loop
    n := n + orrery.wake_dependents(parent);
  end loop;
  what := 'woken'; rows := n; return next;

  n := 0;
  for parent in
    select distinct e.parent from orrery.dependency e
    join report_generation_queue q on q.id = e.parent
    where q.status in ('failed', 'cancelled')
  loop
    n := n + orrery.fail_dependents(parent);
  end loop;
  what := 'failed with their parent'; rows := n; return next;

  update orrery.dispatch d set state = 'ready'
  where d.queue = 'report' and d.state = 'waiting'
    and not exists (select 1 from orrery.dependency e where e.child = d.job_id);
  get diagnostics n = row_count;
  if n > 0 then
    perform pg_notify('orrery_wake', 'report');
  end if;
  what := 'waited for nothing'; rows := n; return next;
end $$;
comment on function orrery.settle_waiting() is 'Puts right what concurrent transactions left between parents and children; run every few seconds';
