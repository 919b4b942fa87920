-- Every row that any application inserts into report_generation_queue is seen, whatever INSERT or COPY it used.
set local lock_timeout = '5s';

-- Makes the edges of row p_parent say what its blocks_queue_ids say; who is newly held up waits, who is let go is ready.
create function orrery.set_blocked(p_parent uuid, p_children uuid[]) returns void
language plpgsql security definer as $$
declare
  released uuid[];
begin
  with gone as (
    delete from orrery.dependency e
    where e.parent = p_parent and e.kind = 'blocks' and not (e.child = any (coalesce(p_children, '{}')))
    returning e.child
  )
  select array_agg(g.child) into released from gone g;
  insert into orrery.dependency (parent, child, kind)
  select p_parent, c.child, 'blocks' from unnest(p_children) as c (child) where c.child is not null
  on conflict do nothing;
  update orrery.dispatch d set state = 'waiting'
  where d.queue = 'report' and d.state = 'ready' and d.job_id = any (p_children);
  update orrery.dispatch d set state = 'ready'
  where d.queue = 'report' and d.state = 'waiting' and d.job_id = any (released)
    and not exists (select 1 from orrery.dependency e where e.child = d.job_id);
end $$;
comment on function orrery.set_blocked(uuid, uuid[]) is 'Follows a change of blocks_queue_ids';

create function orrery.report_inserted() returns trigger
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

  if exists (select 1 from new_rows n where n.status = 'pending') then
    perform pg_notify('orrery_wake', 'report');
  end if;
  return null;
end $$;
comment on function orrery.report_inserted() is 'Makes dispatch rows and dependency edges for new rows and wakes the workers';

create trigger orrery_inserted after insert on report_generation_queue
referencing new table as new_rows for each statement execute function orrery.report_inserted();

-- An application or an operator changes a row: cancel, re-prioritise, reschedule, put a failed one back, make it wait.
create function orrery.report_changed() returns trigger
language plpgsql security definer as $$
begin
  if tg_op = 'UPDATE' and new.status in ('pending', 'processing') and new.blocks_queue_ids is distinct from old.blocks_queue_ids then
    perform orrery.set_blocked(new.id, new.blocks_queue_ids);
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
  perform pg_notify('orrery_wake', 'report');
  return null;
end $$;
comment on function orrery.report_changed() is 'Follows what an application or an operator changes on a row';

create trigger orrery_changed after update on report_generation_queue for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on'
      and (old.status, old.priority, old.scheduled_for, old.depends_on_queue_id, old.blocks_queue_ids)
          is distinct from (new.status, new.priority, new.scheduled_for, new.depends_on_queue_id, new.blocks_queue_ids))
execute function orrery.report_changed();

create trigger orrery_deleted after delete on report_generation_queue for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on')
execute function orrery.report_changed();
