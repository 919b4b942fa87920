-- Questions to language models for which nobody waits: they are put down, sent together through the batch interface of their provider at a
-- lower price, and their answers end where direct answers end, in llm_calls.
--
-- Lock order: batch, then as in 2014.
set local lock_timeout = '5s';

create table orrery.llm_batches (
  id uuid primary key,
  provider text not null,
  model text not null,
  key_id text not null default '',
  state text not null default 'collected' check (state in ('collected', 'submitting', 'submitted', 'ended', 'failed')),
  items integer not null,
  bytes bigint not null,
  provider_batch_id text,
  created_at timestamptz not null default clock_timestamp(),
  submitting_at timestamptz,
  submitted_at timestamptz,
  give_up_at timestamptz not null,
  cancelled_at timestamptz,
  ended_at timestamptz,
  look_at timestamptz not null default clock_timestamp(),
  held_by uuid,
  held_until timestamptz,
  tries integer not null default 0,
  answered integer,
  failed integer,
  undone integer,
  error_code text,
  message text
);
comment on table orrery.llm_batches is 'One row for each batch of questions; the questions are rows of llm_calls, their texts stand in MongoDB, llm_audit';
comment on column orrery.llm_batches.id is 'Also the mark by which the provider''s batch is found again when its id was not noted';
comment on column orrery.llm_batches.provider is 'Name of the provider in the configuration';
comment on column orrery.llm_batches.model is 'Model that is asked';
comment on column orrery.llm_batches.key_id is 'Which key of the provider, by a name that does not tell it';
comment on column orrery.llm_batches.state is 'collected: nothing was sent; submitting: it may be with the provider; submitted: it is; ended: each item has its end; failed: the provider did not take it or lost it';
comment on column orrery.llm_batches.items is 'Questions in it';
comment on column orrery.llm_batches.bytes is 'Their size';
comment on column orrery.llm_batches.provider_batch_id is 'The provider''s id; null before it is known';
comment on column orrery.llm_batches.created_at is 'When its questions were collected';
comment on column orrery.llm_batches.submitting_at is 'When it was last about to be sent';
comment on column orrery.llm_batches.submitted_at is 'When it was known to be with the provider';
comment on column orrery.llm_batches.give_up_at is 'When it is cancelled';
comment on column orrery.llm_batches.cancelled_at is 'When the provider was asked to cancel it';
comment on column orrery.llm_batches.ended_at is 'When all its items had their end';
comment on column orrery.llm_batches.look_at is 'When a worker looks at it next';
comment on column orrery.llm_batches.held_by is 'The look that is under way; every write of a look names it';
comment on column orrery.llm_batches.held_until is 'When the worker that looks counts as dead';
comment on column orrery.llm_batches.tries is 'Times it was sent';
comment on column orrery.llm_batches.answered is 'Items with an answer; null before the end';
comment on column orrery.llm_batches.failed is 'Items that the provider refused or could not do';
comment on column orrery.llm_batches.undone is 'Items that were not done: expired, cancelled, lost';
comment on column orrery.llm_batches.error_code is 'Last failure, such as llm.overloaded';
comment on column orrery.llm_batches.message is 'Last failure in words';
create index llm_batches_open on orrery.llm_batches (look_at) where state in ('collected', 'submitting', 'submitted');
create index llm_batches_created on orrery.llm_batches (created_at);

alter table orrery.llm_calls
  drop constraint llm_calls_state_check,
  add constraint llm_calls_state_check
    check (state in ('queued', 'batched', 'in_flight', 'answered', 'failed', 'unknown', 'late', 'expired')),
  add column batch_id uuid references orrery.llm_batches (id),
  add column wire_bytes integer;
comment on column orrery.llm_calls.state is 'queued: waits for a batch; batched: in a batch; in_flight: under way; answered: the answer can be read again; failed; unknown: its worker died, it may have been paid; late: answered after another had asked again; expired: answered, the texts are gone';
comment on column orrery.llm_calls.batch_id is 'The batch that it is or was in; null: asked directly, or not yet collected';
comment on column orrery.llm_calls.wire_bytes is 'Size of the question as it is sent; only for batches';
-- A question waits once. Whoever cannot wait asks it directly all the same: these states are not in llm_calls_live.
create unique index llm_calls_waiting on orrery.llm_calls (request_digest) where state in ('queued', 'batched');
create index llm_calls_queued on orrery.llm_calls (provider, model, key_id, created_at) where state = 'queued';
create index llm_calls_batch on orrery.llm_calls (batch_id) where batch_id is not null;

-- As llm_permit, for a question that waits for a batch. r: as there, and bytes, wait_s (how long it may wait).
create function orrery.llm_put_down(r jsonb, out verdict text, out wait_s double precision, out detail text)
language plpgsql as $$
declare
  c orrery.llm_calls := jsonb_populate_record(null::orrery.llm_calls, r -> 'call');
begin
  select p.verdict, p.wait_s, p.detail into verdict, wait_s, detail from orrery.llm_permit(r) p;
  -- The row sleeps until its question is answered, so the question must outlive a crash of this server.
  perform set_config('synchronous_commit', 'on', true);
  if verdict <> 'go' then
    return;
  end if;
  -- Nothing is sent now: if it was permitted as the probe of its model, another call may try at once.
  update orrery.breaker x set probe_at = clock_timestamp()
  where x.name = orrery.llm_breaker_name(c.provider, c.model) and x.state = 'half_open' and x.probed_by = c.worker_id;
  update orrery.llm_calls x
  set state = 'queued', wire_bytes = (r ->> 'bytes')::integer,
      expires_at = clock_timestamp() + make_interval(secs => (r ->> 'wait_s')::double precision)
  where x.id = c.id;
end $$;
comment on function orrery.llm_put_down(jsonb) is 'Puts a question down for a batch: breaker, budgets, and what it may cost set aside';

-- p_failure as in llm_settle; null: nobody knows how it ended.
create function orrery.llm_undone(p_id uuid, p_failure jsonb) returns integer
language plpgsql as $$
begin
  update orrery.llm_calls x set state = 'unknown', ended_at = clock_timestamp() where x.id = p_id and x.state = 'batched';
  if not found then
    return 0;
  end if;
  perform orrery.llm_settle(p_id, null, p_failure);
  return 1;
end $$;
comment on function orrery.llm_undone(uuid, jsonb) is 'Ends a question of a batch without an answer; returns how many that were';

-- As in 2014, for what has come since.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace and p.proname like 'llm\_%' loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
  end loop;
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant select, insert, update, delete on orrery.llm_batches to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
  end if;
end $$;
