-- An urgent row lifts what it waits for, and looking after waiting rows costs what their parents cost, not what they cost.
set local lock_timeout = '5s';

create function orrery.lift(p_children uuid[]) returns void
language plpgsql security definer as $$
begin
  if not exists (select 1 from orrery.dependency e where e.child = any (p_children)) then
    return;
  end if;
  with recursive up (parent, priority) as (
    select e.parent, d.priority from orrery.dependency e
    join orrery.dispatch d on d.queue = 'report' and d.job_id = e.child
    where e.child = any (p_children)
    union
    select e.parent, u.priority from up u join orrery.dependency e on e.child = u.parent
  ), best as (
    select u.parent, max(u.priority) as priority from up u group by u.parent
  ), low as (
    -- A row that is just being claimed needs no lift.
    select d.job_id, b.priority from best b
    join orrery.dispatch d on d.queue = 'report' and d.job_id = b.parent and d.priority < b.priority and d.state <> 'leased'
    for update of d skip locked
  )
  update orrery.dispatch d set priority = l.priority from low l where d.queue = 'report' and d.job_id = l.job_id;
end $$;
comment on function orrery.lift(uuid[]) is 'Gives every row that these rows wait for, directly or through others, at least their priority';

-- Every parent of an open edge once; the walk jumps from one to the next by index.
create function orrery.parents() returns table (parent uuid)
language sql stable as $$
  with recursive walk as (
    (select e.parent from orrery.dependency e order by e.parent limit 1)
    union all
    select (select e.parent from orrery.dependency e where e.parent > w.parent order by e.parent limit 1)
    from walk w where w.parent is not null
  )
  select w.parent from walk w where w.parent is not null
$$;
comment on function orrery.parents() is 'Rows that others wait for';

create or replace function orrery.fail_cycles() returns integer
language plpgsql security definer as $$
declare
  members uuid[];
begin
  -- Whoever is part of a cycle waits and is waited for, so the walk starts at such rows alone.
  with recursive walk (start, at) as (
    select p.parent, e.parent from orrery.parents() p
    join orrery.dispatch d on d.queue = 'report' and d.job_id = p.parent and d.state = 'waiting'
    join orrery.dependency e on e.child = p.parent
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

create or replace function orrery.settle_waiting() returns table (what text, rows bigint)
language plpgsql security definer as $$
declare
  parent uuid;
  n bigint := 0;
begin
  -- One worker at a time is enough.
  if not pg_try_advisory_xact_lock(hashtext('orrery.settle_waiting')) then
    return;
  end if;
  what := 'failed in a cycle'; rows := orrery.fail_cycles(); return next;

  -- Edges whose parent has completed or is gone hold nobody up.
  for parent in
    select p.parent from orrery.parents() p
    left join report_generation_queue q on q.id = p.parent
    where q.id is null or q.status = 'completed'
  loop
    n := n + orrery.wake_dependents(parent);
  end loop;
  what := 'woken'; rows := n; return next;

  n := 0;
  for parent in
    select p.parent from orrery.parents() p
    join report_generation_queue q on q.id = p.parent
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

create function orrery.reports_completed(p_ids uuid[]) returns void
language plpgsql security definer as $$
begin
  perform orrery.wake_dependents(e.parent)
  from (select distinct d.parent from orrery.dependency d where d.parent = any (p_ids) order by d.parent) e;
  update report_generation_errors r
  set retry_successful = true, resolved_at = now(), resolution_notes = 'a later attempt completed'
  where r.queue_id = any (p_ids) and r.resolved_at is null;
end $$;
comment on function orrery.reports_completed(uuid[]) is 'What follows when reports complete: dependants wake, earlier errors count as settled';

create or replace function orrery.report_inserted() returns trigger
language plpgsql security definer as $$
begin
  insert into orrery.dependency (parent, child, kind)
  select n.depends_on_queue_id, n.id, 'depends_on' from new_rows n
  left join report_generation_queue p on p.id = n.depends_on_queue_id
  where n.depends_on_queue_id is not null and n.status = 'pending' and p.status is distinct from 'completed'
  union
  select n.id, b.child, 'blocks' from new_rows n cross join lateral unnest(n.blocks_queue_ids) as b (child)
  where b.child is not null and n.status <> 'completed'
  on conflict do nothing;

  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'report', n.id, coalesce(e.organization_id::text, ''), n.priority,
         coalesce(n.scheduled_for::timestamptz, now()), n.created_at::timestamptz,
         case when exists (select 1 from orrery.dependency d where d.child = n.id) then 'waiting' else 'ready' end
  from new_rows n left join employees e on e.id = n.employee_id
  where n.status = 'pending'
  on conflict do nothing;

  update orrery.dispatch d set state = 'waiting'
  from new_rows n cross join lateral unnest(n.blocks_queue_ids) as b (child)
  where n.blocks_queue_ids is not null and n.status <> 'completed'
    and d.queue = 'report' and d.state = 'ready' and d.job_id = b.child;

  perform orrery.lift(array(
    select n.id from new_rows n where n.depends_on_queue_id is not null
    union select b.child from new_rows n cross join lateral unnest(n.blocks_queue_ids) as b (child)));

  if exists (select 1 from new_rows n where n.status = 'pending') then
    perform pg_notify('orrery_wake', 'report');
  end if;
  return null;
end $$;

create or replace function orrery.report_changed() returns trigger
language plpgsql security definer as $$
begin
  if tg_op = 'UPDATE' and new.status in ('pending', 'processing') and new.blocks_queue_ids is distinct from old.blocks_queue_ids then
    perform orrery.set_blocked(new.id, new.blocks_queue_ids);
    perform orrery.lift(new.blocks_queue_ids);
  end if;
  -- A change to a row that runs, such as its priority, leaves the run alone.
  if tg_op = 'UPDATE' and new.status = 'processing' then
    return null;
  end if;

  if tg_op = 'DELETE' or new.status <> 'pending' then
    delete from orrery.dispatch d where d.queue = 'report' and d.job_id = old.id;
    delete from orrery.report_slot s where s.queue_id = old.id;
    -- The worker that still runs it is fenced: its token is gone. The notice only makes it stop sooner.
    perform pg_notify('orrery_cancel', 'report:' || old.id::text);
    if tg_op = 'DELETE' or new.status in ('failed', 'cancelled') then
      perform orrery.fail_dependents(old.id);
    elsif new.status = 'completed' then
      perform orrery.wake_dependents(old.id);
    end if;
    return null;
  end if;

  delete from orrery.dependency e where e.child = new.id and e.kind = 'depends_on';
  insert into orrery.dependency (parent, child, kind)
  select p.id, new.id, 'depends_on' from report_generation_queue p
  where p.id = new.depends_on_queue_id and p.status <> 'completed'
  on conflict do nothing;
  if old.status <> 'pending' then
    perform orrery.set_blocked(new.id, new.blocks_queue_ids);
    update orrery.quarantine q set released_at = now() where q.queue = 'report' and q.job_id = new.id and q.released_at is null;
  end if;

  insert into orrery.dispatch as d (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'report', new.id, coalesce(e.organization_id::text, ''), new.priority,
         coalesce(new.scheduled_for::timestamptz, now()), new.created_at::timestamptz,
         case when exists (select 1 from orrery.dependency x where x.child = new.id) then 'waiting' else 'ready' end
  from (select 1) as one left join employees e on e.id = new.employee_id
  on conflict (queue, job_id) do update
  set priority = excluded.priority, run_at = excluded.run_at, state = excluded.state,
      token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null;
  -- It lifts what it waits for, and is lifted by what waits for it.
  perform orrery.lift(array(select e.child from orrery.dependency e where e.parent = new.id) || new.id);
  perform pg_notify('orrery_wake', 'report');
  return null;
end $$;
