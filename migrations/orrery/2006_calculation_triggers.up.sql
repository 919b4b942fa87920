-- Rows of calculation_jobs that an application inserts as pending are work; the daemon records its own calculations in the same table.
set local lock_timeout = '5s';

create function orrery.calculation_inserted() returns trigger
language plpgsql security definer as $$
begin
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'calculation', n.id, n.organization_id, least(greatest(coalesce(n.priority, 5), 1), 10), now(), coalesce(n.created_at, now()), 'ready'
  from new_rows n where n.job_status = 'pending'
  on conflict do nothing;
  if found then
    perform pg_notify('orrery_wake', 'calculation');
  end if;
  return null;
end $$;
comment on function orrery.calculation_inserted() is 'Makes dispatch rows for new rows and wakes the workers';

create trigger orrery_inserted after insert on calculation_jobs
referencing new table as new_rows for each statement execute function orrery.calculation_inserted();

create function orrery.calculation_changed() returns trigger
language plpgsql security definer as $$
begin
  -- A change to a row that runs, such as its priority, leaves the run alone.
  if tg_op = 'UPDATE' and new.job_status = 'in_progress' then
    return null;
  end if;

  if tg_op = 'DELETE' or new.job_status <> 'pending' then
    delete from orrery.dispatch d where d.queue = 'calculation' and d.job_id = old.id;
    -- The worker that still runs it is fenced: its token is gone. The notice only makes it stop sooner.
    perform pg_notify('orrery_cancel', 'calculation:' || old.id::text);
    return null;
  end if;
  if old.job_status <> 'pending' then
    update orrery.quarantine q set released_at = now() where q.queue = 'calculation' and q.job_id = new.id and q.released_at is null;
  end if;
  insert into orrery.dispatch as d (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  values ('calculation', new.id, new.organization_id, least(greatest(coalesce(new.priority, 5), 1), 10), now(), coalesce(new.created_at, now()), 'ready')
  on conflict (queue, job_id) do update
  set priority = excluded.priority, run_at = excluded.run_at, state = 'ready',
      token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null;
  perform pg_notify('orrery_wake', 'calculation');
  return null;
end $$;
comment on function orrery.calculation_changed() is 'Follows what an application or an operator changes on a row';

create trigger orrery_changed after update on calculation_jobs for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on'
      and (old.job_status, old.priority) is distinct from (new.job_status, new.priority))
execute function orrery.calculation_changed();

create trigger orrery_deleted after delete on calculation_jobs for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on')
execute function orrery.calculation_changed();
