-- What became of every lease, written by the database itself in the transactions that change it. The daemon keeps no such log:
-- its dispatch row is gone when the application's row has ended.
create schema chaos;

create table chaos.lease (
  n bigint generated always as identity primary key,
  at timestamptz not null default clock_timestamp(),
  event text not null,
  queue text not null,
  job_id uuid not null,
  organization_id text not null,
  priority integer not null,
  token bigint,
  worker_id text,
  heartbeat_at timestamptz,
  crashes integer not null
);

create function chaos.note() returns trigger language plpgsql security definer as $$
declare
  what text;
  about orrery.dispatch;
begin
  if tg_op = 'INSERT' then
    what := new.state;
    about := new;
  elsif tg_op = 'DELETE' then
    what := case when old.state = 'leased' then 'ended' else 'gone' end;
    about := old;
  elsif new.state = 'leased' then
    what := 'claimed';
    about := new;
  elsif old.state = 'leased' then
    -- A rescue gives the attempt back and is no snooze; it counts a death only over a row that had begun.
    what := case when new.attempts < old.attempts and new.snoozes = old.snoozes then 'rescued' else 'returned' end;
    about := old;
  else
    what := new.state;
    about := new;
  end if;
  insert into chaos.lease (event, queue, job_id, organization_id, priority, token, worker_id, heartbeat_at, crashes)
  values (what, about.queue, about.job_id, about.organization_id, about.priority, about.token, about.worker_id,
          about.heartbeat_at, about.crashes);
  return null;
end $$;

create trigger chaos_born_or_gone after insert or delete on orrery.dispatch for each row execute function chaos.note();
create trigger chaos_moved after update on orrery.dispatch for each row
when ((old.state, old.token) is distinct from (new.state, new.token)) execute function chaos.note();
