-- What holds a whole queue up: an operator's pause, or a dependency that is down.
set local lock_timeout = '5s';

create table orrery.queue_policy (
  queue text primary key check (queue in ('report', 'entity', 'quarter', 'calculation')),
  paused boolean not null default false,
  note text,
  changed_at timestamptz not null default now()
);
comment on table orrery.queue_policy is 'Switches of the operator for a whole queue; no row means that it runs';
comment on column orrery.queue_policy.queue is 'Which queue';
comment on column orrery.queue_policy.paused is 'Claim nothing of this queue; what runs goes on';
comment on column orrery.queue_policy.note is 'Why, by whom';
comment on column orrery.queue_policy.changed_at is 'When the switch was last set';

create table orrery.breaker (
  name text primary key,
  queues text[] not null,
  state text not null default 'closed' check (state in ('closed', 'open', 'half_open')),
  failures integer not null default 0,
  failed_at timestamptz not null default now(),
  reason text not null default '',
  opened_at timestamptz,
  openings integer not null default 0,
  probe_at timestamptz,
  probed_by text
);
comment on table orrery.breaker is 'Circuit breakers, shared by all workers: while one is not closed, nothing of its queues is claimed';
comment on column orrery.breaker.name is 'The dependency, such as mongodb';
comment on column orrery.breaker.queues is 'Queues whose rows cannot run without it';
comment on column orrery.breaker.state is 'closed: work flows; open: it rests until probe_at; half_open: one worker tries the dependency';
comment on column orrery.breaker.failures is 'Failures in a row, none older than the window; back to 0 when it closes';
comment on column orrery.breaker.failed_at is 'Last failure';
comment on column orrery.breaker.reason is 'What the last failure said';
comment on column orrery.breaker.opened_at is 'When it opened; null while closed';
comment on column orrery.breaker.openings is 'Probes that failed since it opened; each doubles the rest';
comment on column orrery.breaker.probe_at is 'When the next probe is due; while half open: when the probe of a worker that died may be taken over';
comment on column orrery.breaker.probed_by is 'Worker that holds the probe';

create function orrery.held_up(p_queue text) returns boolean
language sql stable as $$
  select exists (select 1 from orrery.queue_policy p where p.queue = p_queue and p.paused)
      or exists (select 1 from orrery.breaker b where b.state <> 'closed' and p_queue = any (b.queues))
$$;
comment on function orrery.held_up(text) is 'Whether nothing of this queue may be claimed now';

alter table orrery.worker add column fenced bigint not null default 0, add column lane_of text;
comment on column orrery.worker.fenced is 'Writes that this worker was refused because its lease was gone';
comment on column orrery.worker.lane_of is 'Worker that opened this lane, which runs alone the rows that a worker died over; null for an ordinary worker';

alter table orrery.result add column token bigint;
comment on column orrery.result.token is 'Token of the claim that completed the row; the documents carry the same';

create function orrery.breaker_failed(p_name text, p_queues text[], p_reason text, p_failures integer, p_window_s double precision, p_rest_s double precision)
returns boolean
language plpgsql as $$
declare
  b orrery.breaker;
begin
  insert into orrery.breaker (name, queues) values (p_name, p_queues) on conflict (name) do nothing;
  select * into b from orrery.breaker where name = p_name for update;
  b.failures := case when b.failed_at < clock_timestamp() - make_interval(secs => p_window_s) then 1 else b.failures + 1 end;
  update orrery.breaker
  set queues = p_queues, failures = b.failures, failed_at = clock_timestamp(), reason = p_reason where name = p_name;
  -- Jobs that were under way when it opened do not open it again.
  if b.state <> 'closed' or b.failures < p_failures then
    return false;
  end if;
  update orrery.breaker
  set state = 'open', opened_at = clock_timestamp(), openings = 0, probe_at = clock_timestamp() + make_interval(secs => p_rest_s)
  where name = p_name;
  insert into orrery.outbox (topic, payload) values ('breaker.opened', jsonb_build_object('name', p_name));
  return true;
end $$;
comment on function orrery.breaker_failed(text, text[], text, integer, double precision, double precision) is 'Counts a failure; true when it opened the breaker';

create function orrery.breaker_closed(p_name text) returns void
language plpgsql as $$
begin
  update orrery.breaker
  set state = 'closed', failures = 0, opened_at = null, openings = 0, probe_at = null, probed_by = null
  where name = p_name and state <> 'closed';
  if found then
    insert into orrery.outbox (topic, payload) values ('breaker.closed', jsonb_build_object('name', p_name));
    perform pg_notify('orrery_wake', q) from (select unnest(queues) from orrery.breaker where name = p_name) as b (q);
  end if;
end $$;
comment on function orrery.breaker_closed(text) is 'The dependency answers: closes the breaker and wakes its queues';
