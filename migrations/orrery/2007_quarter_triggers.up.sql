-- A schedule row is due at the start of its execution window, in UTC.
set local lock_timeout = '5s';

create function orrery.quarter_inserted() returns trigger
language plpgsql security definer as $$
begin
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'quarter', n.id, '', 5, (n.scheduled_date + n.execution_start_time) at time zone 'UTC', coalesce(n.created_at, now()), 'ready'
  from new_rows n where n.status = 'scheduled'
  on conflict do nothing;
  if found then
    perform pg_notify('orrery_wake', 'quarter');
  end if;
  return null;
end $$;
comment on function orrery.quarter_inserted() is 'Makes dispatch rows for new rows and wakes the workers';

create trigger orrery_inserted after insert on quarterly_update_schedule
referencing new table as new_rows for each statement execute function orrery.quarter_inserted();

create function orrery.quarter_changed() returns trigger
language plpgsql security definer as $$
begin
  -- A change to a row that runs, such as its priority, leaves the run alone.
  if tg_op = 'UPDATE' and new.status = 'in_progress' then
    return null;
  end if;

  if tg_op = 'DELETE' or new.status <> 'scheduled' then
    delete from orrery.dispatch d where d.queue = 'quarter' and d.job_id = old.id;
    -- The worker that still runs it is fenced: its token is gone. The notice only makes it stop sooner.
    perform pg_notify('orrery_cancel', 'quarter:' || old.id::text);
    return null;
  end if;
  if old.status <> 'scheduled' then
    update orrery.quarantine q set released_at = now() where q.queue = 'quarter' and q.job_id = new.id and q.released_at is null;
  end if;
  insert into orrery.dispatch as d (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  values ('quarter', new.id, '', 5, (new.scheduled_date + new.execution_start_time) at time zone 'UTC', coalesce(new.created_at, now()), 'ready')
  on conflict (queue, job_id) do update
  set priority = excluded.priority, run_at = excluded.run_at, state = 'ready',
      token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null;
  perform pg_notify('orrery_wake', 'quarter');
  return null;
end $$;
comment on function orrery.quarter_changed() is 'Follows what an application or an operator changes on a row';

create trigger orrery_changed after update on quarterly_update_schedule for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on'
      and (old.status, old.scheduled_date, old.execution_start_time, old.execution_end_time) is distinct from (new.status, new.scheduled_date, new.execution_start_time, new.execution_end_time))
execute function orrery.quarter_changed();

create trigger orrery_deleted after delete on quarterly_update_schedule for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on')
execute function orrery.quarter_changed();
