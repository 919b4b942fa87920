-- Every row that any application inserts into entity_update_queue is seen.
set local lock_timeout = '5s';

create function orrery.entity_inserted() returns trigger
language plpgsql security definer as $$
begin
  insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  select 'entity', n.id, n.organization_id, least(greatest(coalesce(n.priority, 5), 1), 10), now(), coalesce(n.queued_at, now()), 'ready'
  from new_rows n where n.queue_status = 'queued'
  on conflict do nothing;
  if found then
    perform pg_notify('orrery_wake', 'entity');
  end if;
  return null;
end $$;
comment on function orrery.entity_inserted() is 'Makes dispatch rows for new rows and wakes the workers';

create trigger orrery_inserted after insert on entity_update_queue
referencing new table as new_rows for each statement execute function orrery.entity_inserted();

create function orrery.entity_changed() returns trigger
language plpgsql security definer as $$
begin
  -- A change to a row that runs, such as its priority, leaves the run alone.
  if tg_op = 'UPDATE' and new.queue_status = 'processing' then
    return null;
  end if;

  if tg_op = 'DELETE' or new.queue_status <> 'queued' then
    delete from orrery.dispatch d where d.queue = 'entity' and d.job_id = old.id;
    -- The worker that still runs it is fenced: its token is gone. The notice only makes it stop sooner.
    perform pg_notify('orrery_cancel', 'entity:' || old.id::text);
    return null;
  end if;
  if old.queue_status <> 'queued' then
    update orrery.quarantine q set released_at = now() where q.queue = 'entity' and q.job_id = new.id and q.released_at is null;
  end if;
  insert into orrery.dispatch as d (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
  values ('entity', new.id, new.organization_id, least(greatest(coalesce(new.priority, 5), 1), 10), now(), coalesce(new.queued_at, now()), 'ready')
  on conflict (queue, job_id) do update
  set priority = excluded.priority, run_at = excluded.run_at, state = 'ready',
      token = null, worker_id = null, leased_at = null, heartbeat_at = null, lease_expires_at = null;
  perform pg_notify('orrery_wake', 'entity');
  return null;
end $$;
comment on function orrery.entity_changed() is 'Follows what an application or an operator changes on a row';

create trigger orrery_changed after update on entity_update_queue for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on'
      and (old.queue_status, old.priority) is distinct from (new.queue_status, new.priority))
execute function orrery.entity_changed();

create trigger orrery_deleted after delete on entity_update_queue for each row
when (coalesce(current_setting('orrery.internal', true), '') <> 'on')
execute function orrery.entity_changed();
