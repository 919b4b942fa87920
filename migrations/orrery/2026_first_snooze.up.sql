-- Since when a row is put off again and again, so that its 24 hours of patience count from there and not from the day the row was made;
-- and the breaker of a model says why it opened until it closes.
set local lock_timeout = '5s';

alter table orrery.dispatch add column first_snoozed_at timestamptz;
comment on column orrery.dispatch.first_snoozed_at is 'When the row was first put off since its last attempt that counted; null: it was not, or what it waits for has an end of its own (a batch, a new budget, a person)';

create or replace function orrery.llm_count(p_name text, r jsonb) returns text
language plpgsql as $$
declare
  moment timestamptz := clock_timestamp();
  now_slice bigint := floor(extract(epoch from moment) / 10);
  verdict text := r ->> 'breaker';
  rest_s double precision := (r ->> 'rest_s')::double precision;
  cap_s double precision := (r ->> 'rest_cap_s')::double precision;
  place integer := now_slice % 6 + 1;
  b orrery.breaker;
  all_calls bigint;
  all_failed bigint;
  probing boolean;
begin
  insert into orrery.breaker (name, queues) values (p_name, '{}') on conflict (name) do nothing;
  select * into b from orrery.breaker x where x.name = p_name for update;
  for age in 0 .. least(5, now_slice - b.slice - 1)::integer loop
    b.calls[(now_slice - age) % 6 + 1] := 0;
    b.failed_calls[(now_slice - age) % 6 + 1] := 0;
  end loop;
  b.slice := greatest(b.slice, now_slice);
  b.calls[place] := b.calls[place] + 1;
  probing := b.state = 'half_open';

  if verdict = 'answered' then
    if b.state = 'closed' or probing then
      b.failures := 0;
    end if;
    if probing then
      b.state := 'closed';
      b.opened_at := null;
      b.openings := 0;
      b.probe_at := null;
      b.probed_by := null;
    end if;
  else
    b.failures := b.failures + 1;
    b.failed_at := moment;
    b.failed_calls[place] := b.failed_calls[place] + 1;
    -- What opened it stays its reason, so that calls that were under way do not hide it. Only a failure over which a person must act takes
    -- the place of one that passes by itself.
    if b.state = 'closed' or verdict = 'opens' and b.reason !~ '^llm\.(auth|quota_exhausted):' then
      b.reason := r ->> 'reason';
    end if;
    select sum(x) into all_calls from unnest(b.calls) x;
    select sum(x) into all_failed from unnest(b.failed_calls) x;
    -- Calls that were under way when it opened change nothing, unless they show that a person must act.
    if probing or verdict = 'opens' or b.state = 'closed' and (b.failures >= (r ->> 'in_a_row')::integer
        or all_calls >= (r ->> 'least_calls')::bigint and all_failed * 100 >= all_calls * (r ->> 'share_percent')::bigint) then
      b.openings := case when probing then b.openings + 1 else 0 end;
      b.opened_at := case when b.state = 'closed' then moment else b.opened_at end;
      b.probe_at := moment + make_interval(secs => case when verdict = 'opens' then (r ->> 'hold_s')::double precision
                                                        else least(cap_s, rest_s * power(2, least(b.openings, 20))) end);
      b.probed_by := null;
      -- What was counted has had its effect.
      b.calls := '{0,0,0,0,0,0}';
      b.failed_calls := '{0,0,0,0,0,0}';
      if b.state = 'closed' then
        insert into orrery.outbox (topic, payload) values ('breaker.opened', jsonb_build_object('name', p_name));
      end if;
      verdict := case when b.state = 'closed' then 'opened' else '' end;
      b.state := 'open';
    end if;
  end if;

  update orrery.breaker x
  set state = b.state, failures = b.failures, failed_at = b.failed_at, reason = b.reason, opened_at = b.opened_at, openings = b.openings,
      probe_at = b.probe_at, probed_by = b.probed_by, slice = b.slice, calls = b.calls, failed_calls = b.failed_calls
  where x.name = p_name;
  if verdict = 'answered' and probing then
    insert into orrery.outbox (topic, payload) values ('breaker.closed', jsonb_build_object('name', p_name));
    perform orrery.llm_unpark('{llm.circuit_open,llm.auth,llm.quota_exhausted}', null);
    return 'closed';
  end if;
  return case verdict when 'opened' then 'opened' else '' end;
end $$;

comment on column orrery.breaker.reason is 'What the last failure said; of a model whose breaker is not closed, why it opened';

-- As in 2014: what is replaced has lost it.
do $$
begin
  execute format('alter function orrery.llm_count(text, jsonb) set search_path to %s, pg_temp', current_setting('search_path'));
end $$;
