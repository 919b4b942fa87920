-- Calls of language models: what was asked and paid, what it may cost, how fast it may be asked, and when to leave a model alone.
-- Texts stand in MongoDB; here are ids, counts and digests.
--
-- Lock order of the functions: call, bucket, breaker, ledger. Each is one round trip and holds its locks for that long only.
-- They commit without waiting for the disk, since many calls share a bucket, a breaker and a ledger row; what must
-- not be lost, the answer that was paid, is committed by a statement of its own that touches the row of its call alone.
set local lock_timeout = '5s';

create table orrery.llm_prices (
  id bigint generated always as identity primary key,
  provider text not null,
  model text not null,
  valid_from date not null,
  source text not null check (source in ('orrery', 'operator')),
  input bigint not null check (input >= 0),
  cached_input bigint not null check (cached_input >= 0),
  cache_write bigint not null check (cache_write >= 0),
  output bigint not null check (output >= 0),
  reasoning bigint not null check (reasoning >= 0),
  batch_percent integer not null default 100 check (batch_percent between 0 and 100),
  imported_at timestamptz not null default now(),
  unique (provider, model, valid_from, source)
);
comment on table orrery.llm_prices is 'What tokens cost, in nano-USD for a million tokens; a price that is no longer valid stays, because calls refer to it';
comment on column orrery.llm_prices.id is 'Named by the calls that it was applied to';
comment on column orrery.llm_prices.provider is 'Price list, such as openai; local for servers of one''s own';
comment on column orrery.llm_prices.model is 'Model; * stands for any characters, and the longest pattern that fits wins';
comment on column orrery.llm_prices.valid_from is 'First day (UTC); the latest day that has come wins';
comment on column orrery.llm_prices.source is 'orrery: shipped with the program; operator: imported, wins over a shipped one of the same day';
comment on column orrery.llm_prices.input is 'Tokens of the prompt that came from no cache';
comment on column orrery.llm_prices.cached_input is 'Tokens of the prompt read from the provider''s cache';
comment on column orrery.llm_prices.cache_write is 'Tokens of the prompt written to the provider''s cache';
comment on column orrery.llm_prices.output is 'Tokens of the answer without reasoning';
comment on column orrery.llm_prices.reasoning is 'Tokens of reasoning';
comment on column orrery.llm_prices.batch_percent is 'Share of the price in a batch';
comment on column orrery.llm_prices.imported_at is 'When the row was made';

create table orrery.llm_calls (
  id uuid primary key,
  request_digest text not null check (request_digest ~ '^[0-9a-f]{64}$'),
  state text not null check (state in ('in_flight', 'answered', 'failed', 'unknown', 'late', 'expired')),
  organization_id text not null default '',
  queue text,
  job_id uuid,
  token bigint,
  worker_id text,
  purpose text not null,
  section text not null default '',
  provider text not null,
  model text not null,
  key_id text not null default '',
  step integer not null default 0,
  prompt_id text not null,
  prompt_version text not null,
  prompt_hash text not null default '',
  schema_version text,
  params jsonb not null default '{}',
  month date not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  reserved_tokens bigint not null default 0,
  reserved_nano_usd bigint,
  tries integer not null default 0,
  sent_at timestamptz,
  ended_at timestamptz,
  latency_ms integer,
  http_status integer,
  finish text,
  error_code text,
  provider_code text,
  request_id text,
  answered_model text,
  input_tokens bigint,
  cached_input_tokens bigint,
  cache_write_tokens bigint,
  output_tokens bigint,
  reasoning_tokens bigint,
  usage_estimated boolean,
  price_id bigint references orrery.llm_prices (id),
  cost_nano_usd bigint,
  assumed boolean not null default false,
  settled_at timestamptz,
  usable boolean,
  repairs text[] not null default '{}',
  violations text[] not null default '{}',
  reads integer not null default 0,
  held_answer jsonb
) with (fillfactor = 80);
comment on table orrery.llm_calls is 'One row for each call of a language model that was sent: what it was for, how it ended, what it cost. No texts, no personal data';
comment on column orrery.llm_calls.id is 'Also the id of the texts in MongoDB, llm_audit';
comment on column orrery.llm_calls.request_digest is 'SHA-256 of all that decides the answer; at most one call of a digest is under way or answered';
comment on column orrery.llm_calls.state is 'in_flight: under way; answered: the answer can be read again; failed; unknown: its worker died, it may have been paid; late: answered after another had asked again; expired: answered, the texts are gone';
comment on column orrery.llm_calls.organization_id is 'Tenant that pays; empty when unknown';
comment on column orrery.llm_calls.queue is 'Queue of the row it was made for; null outside of jobs';
comment on column orrery.llm_calls.job_id is 'The row it was made for';
comment on column orrery.llm_calls.token is 'Token of the claim that made it';
comment on column orrery.llm_calls.worker_id is 'Worker that made it';
comment on column orrery.llm_calls.purpose is 'What it is for, such as report.section';
comment on column orrery.llm_calls.section is 'Part of the work it covers, such as all or a section id';
comment on column orrery.llm_calls.provider is 'Name of the provider in the configuration';
comment on column orrery.llm_calls.model is 'Model that was asked';
comment on column orrery.llm_calls.key_id is 'Which key of the provider, by a name that does not tell it';
comment on column orrery.llm_calls.step is 'Place in the chain of providers, from 0';
comment on column orrery.llm_calls.prompt_id is 'Prompt';
comment on column orrery.llm_calls.prompt_version is 'Its version';
comment on column orrery.llm_calls.prompt_hash is 'SHA-256 of its sources';
comment on column orrery.llm_calls.schema_version is 'SHA-256 of the schema of the answer; null for plain text';
comment on column orrery.llm_calls.params is 'Parameters that were sent: max_output, temperature, seed, locale, nonce';
comment on column orrery.llm_calls.month is 'Month (UTC) on whose ledger it stands';
comment on column orrery.llm_calls.created_at is 'When it was permitted';
comment on column orrery.llm_calls.expires_at is 'When a call that is still in_flight counts as abandoned';
comment on column orrery.llm_calls.reserved_tokens is 'Tokens set aside for it: question and largest answer';
comment on column orrery.llm_calls.reserved_nano_usd is 'What these would cost; null when the price is unknown';
comment on column orrery.llm_calls.tries is 'HTTP requests let through';
comment on column orrery.llm_calls.sent_at is 'When the last of them might begin; null: nothing was sent';
comment on column orrery.llm_calls.ended_at is 'When answer or failure was written down';
comment on column orrery.llm_calls.latency_ms is 'From the last request to the last byte';
comment on column orrery.llm_calls.http_status is 'Last status; null without an answer';
comment on column orrery.llm_calls.finish is 'Why the model stopped';
comment on column orrery.llm_calls.error_code is 'Code of the failure, such as llm.timeout';
comment on column orrery.llm_calls.provider_code is 'What the provider called the failure';
comment on column orrery.llm_calls.request_id is 'The provider''s id for its support';
comment on column orrery.llm_calls.answered_model is 'Model that says it answered';
comment on column orrery.llm_calls.input_tokens is 'Tokens of the prompt, cached ones included; null when the provider said nothing';
comment on column orrery.llm_calls.cached_input_tokens is 'Of these, read from the provider''s cache';
comment on column orrery.llm_calls.cache_write_tokens is 'Of these, written to the provider''s cache';
comment on column orrery.llm_calls.output_tokens is 'Tokens of the answer, reasoning included';
comment on column orrery.llm_calls.reasoning_tokens is 'Of these, reasoning';
comment on column orrery.llm_calls.usage_estimated is 'Whether the tokens are our estimate';
comment on column orrery.llm_calls.price_id is 'Price that was applied; null: unknown';
comment on column orrery.llm_calls.cost_nano_usd is 'Cost in billionths of a dollar; null: price or tokens unknown';
comment on column orrery.llm_calls.assumed is 'Whether the budget counts what was set aside, because nobody knows what it cost';
comment on column orrery.llm_calls.settled_at is 'When it was booked in llm_spend';
comment on column orrery.llm_calls.usable is 'What the judge of the answer said; null before';
comment on column orrery.llm_calls.repairs is 'Steps of repair';
comment on column orrery.llm_calls.violations is 'Codes of what was wrong with the answer';
comment on column orrery.llm_calls.reads is 'Times the answer was read again instead of being paid again';
comment on column orrery.llm_calls.held_answer is 'The audit document, only while MongoDB cannot take it';
create unique index llm_calls_live on orrery.llm_calls (request_digest) where state in ('in_flight', 'answered');
create index llm_calls_job on orrery.llm_calls (job_id, queue) where job_id is not null;
create index llm_calls_created on orrery.llm_calls (created_at);
create index llm_calls_organization on orrery.llm_calls (organization_id, created_at);
create index llm_calls_open on orrery.llm_calls (expires_at) where settled_at is null;
create index llm_calls_held on orrery.llm_calls (created_at) where held_answer is not null;

create table orrery.llm_limits (
  organization_id text primary key,
  month_nano_usd bigint check (month_nano_usd >= 0),
  month_tokens bigint check (month_tokens >= 0),
  month_calls bigint check (month_calls >= 0),
  note text,
  changed_at timestamptz not null default now()
);
comment on table orrery.llm_limits is 'What an organization may spend in a month; no row means the limits of the configuration';
comment on column orrery.llm_limits.organization_id is 'Tenant';
comment on column orrery.llm_limits.month_nano_usd is 'Billionths of a dollar in a month (UTC); null: no limit';
comment on column orrery.llm_limits.month_tokens is 'Tokens in a month; null: no limit';
comment on column orrery.llm_limits.month_calls is 'Calls in a month; null: no limit';
comment on column orrery.llm_limits.note is 'Why, by whom';
comment on column orrery.llm_limits.changed_at is 'When it was last set';

create table orrery.llm_spend (
  organization_id text not null,
  month date not null,
  calls bigint not null default 0,
  tokens bigint not null default 0,
  spent_nano_usd bigint not null default 0,
  assumed_nano_usd bigint not null default 0,
  unpriced_calls bigint not null default 0,
  open_calls bigint not null default 0,
  reserved_tokens bigint not null default 0,
  reserved_nano_usd bigint not null default 0,
  primary key (organization_id, month)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
comment on table orrery.llm_spend is 'The ledger: what each organization has spent on models in a month, and what is set aside for calls under way';
comment on column orrery.llm_spend.organization_id is 'Tenant';
comment on column orrery.llm_spend.month is 'First day of the month (UTC)';
comment on column orrery.llm_spend.calls is 'Calls that were sent and have ended';
comment on column orrery.llm_spend.tokens is 'Their tokens';
comment on column orrery.llm_spend.spent_nano_usd is 'Their cost, as far as it is known';
comment on column orrery.llm_spend.assumed_nano_usd is 'What was set aside for calls whose cost nobody knows; counts against the limit';
comment on column orrery.llm_spend.unpriced_calls is 'Answered calls of models without a price';
comment on column orrery.llm_spend.open_calls is 'Calls under way';
comment on column orrery.llm_spend.reserved_tokens is 'Tokens set aside for them';
comment on column orrery.llm_spend.reserved_nano_usd is 'Cost set aside for them';

create table orrery.llm_buckets (
  provider text not null,
  model text not null,
  key_id text not null default '',
  requests_limit double precision,
  tokens_limit double precision,
  guessed boolean not null default false,
  pace double precision not null default 1,
  pace_at timestamptz not null default now(),
  slowed_at timestamptz,
  next_request_at timestamptz not null default '-infinity',
  next_token_at timestamptz not null default '-infinity',
  token_s double precision not null default 0,
  largest bigint not null default 0,
  largest_before bigint not null default 0,
  largest_at timestamptz not null default '-infinity',
  blocked_until timestamptz not null default '-infinity',
  return_at timestamptz not null default '-infinity',
  used_at timestamptz,
  primary key (provider, model, key_id)
) with (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
comment on table orrery.llm_buckets is 'How fast the whole fleet may ask a model with one key: requests and tokens, evenly spread, and what was learnt from refusals';
comment on column orrery.llm_buckets.provider is 'Name of the provider in the configuration';
comment on column orrery.llm_buckets.model is 'Model';
comment on column orrery.llm_buckets.key_id is 'Which key of the provider';
comment on column orrery.llm_buckets.requests_limit is 'Requests in a minute as the provider says or as guessed; null: unknown. The configured limit counts too, and the smaller wins';
comment on column orrery.llm_buckets.tokens_limit is 'Tokens in a minute as the provider says; null: unknown';
comment on column orrery.llm_buckets.guessed is 'Whether requests_limit is what was going on when the provider refused; forgotten when twice of it goes well';
comment on column orrery.llm_buckets.pace is 'Share of the limits that is used: halved by a refusal, low after a pause';
comment on column orrery.llm_buckets.pace_at is 'When it was set; it grows evenly from then on';
comment on column orrery.llm_buckets.slowed_at is 'Last halving; refusals of requests from before it do not halve again';
comment on column orrery.llm_buckets.next_request_at is 'Theoretical arrival time of the next request (GCRA)';
comment on column orrery.llm_buckets.next_token_at is 'When the tokens handed out so far are used up';
comment on column orrery.llm_buckets.token_s is 'Seconds for each token when they were last handed out; to give back what was not used';
comment on column orrery.llm_buckets.largest is 'Tokens of the largest request since largest_at; so much of the limit is kept for one request alone';
comment on column orrery.llm_buckets.largest_before is 'The same of the minute before largest_at';
comment on column orrery.llm_buckets.largest_at is 'When the count of the largest began anew; after a minute it does again';
comment on column orrery.llm_buckets.blocked_until is 'The provider asked to wait until then';
comment on column orrery.llm_buckets.return_at is 'When the last of those that were sent away is to come back; so that they do not come at once';
comment on column orrery.llm_buckets.used_at is 'Last request that was let through';

alter table orrery.breaker
  add column slice bigint not null default 0,
  add column calls integer[] not null default '{0,0,0,0,0,0}',
  add column failed_calls integer[] not null default '{0,0,0,0,0,0}';
comment on column orrery.breaker.queues is 'Queues whose rows cannot run without it; empty for a language model, whose calls are refused one by one';
comment on column orrery.breaker.slice is 'Breakers of models: number of the last tenth of a minute that was counted';
comment on column orrery.breaker.calls is 'Breakers of models: requests in each of the last six such slices';
comment on column orrery.breaker.failed_calls is 'Breakers of models: failures in them';

-- Rows that were put off for such a reason run now: what they waited for has changed.
create function orrery.llm_unpark(p_codes text[], p_organization text) returns bigint
language plpgsql as $$
declare
  freed bigint;
begin
  with parked as (
    select d.queue, d.job_id from orrery.dispatch d
    where d.state = 'ready' and d.last_code = any (p_codes) and d.run_at > clock_timestamp()
      and (p_organization is null or d.organization_id = p_organization)
    for update skip locked
  ), woken as (
    update orrery.dispatch d set run_at = clock_timestamp()
    from parked p where d.queue = p.queue and d.job_id = p.job_id
    returning d.queue
  ), counted as (
    select w.queue, count(*) as rows from woken w group by w.queue
  ), told as (
    select c.rows, pg_notify('orrery_wake', c.queue) from counted c
  )
  select coalesce(sum(t.rows), 0) into freed from told t;
  return freed;
end $$;
comment on function orrery.llm_unpark(text[], text) is 'Lets rows that were put off with one of these codes run now, of one organization or of all; returns how many';

create function orrery.llm_limits_changed() returns trigger
language plpgsql as $$
begin
  perform orrery.llm_unpark('{llm.budget_exceeded}', coalesce(new.organization_id, old.organization_id));
  return null;
end $$;
comment on function orrery.llm_limits_changed() is 'A changed limit lets rows look again whether there is budget';
create trigger llm_limits_changed after insert or update or delete on orrery.llm_limits
  for each row execute function orrery.llm_limits_changed();

create function orrery.llm_breaker_name(p_provider text, p_model text) returns text
language sql immutable as $$ select 'llm:' || p_provider || '/' || p_model $$;
comment on function orrery.llm_breaker_name(text, text) is 'Name of a model''s breaker';

-- A call in its first second: breaker, then the same question under way, then budgets of job and organization. Writes the call down and sets
-- aside what it may cost. r: call (a row of llm_calls), month_* and job_* limits, probe_s.
-- verdict: go, circuit_open, busy, job_budget, budget.
create function orrery.llm_permit(r jsonb, out verdict text, out wait_s double precision, out detail text)
language plpgsql as $$
declare
  c orrery.llm_calls := jsonb_populate_record(null::orrery.llm_calls, r -> 'call');
  moment timestamptz := clock_timestamp();
  first_day date := date_trunc('month', moment at time zone 'UTC')::date;
  name_of_breaker text := orrery.llm_breaker_name(c.provider, c.model);
  other orrery.llm_calls;
  b orrery.breaker;
  s orrery.llm_spend;
  l orrery.llm_limits;
  used record;
begin
  perform set_config('synchronous_commit', 'off', true);
  wait_s := 0;
  detail := '';

  select * into b from orrery.breaker x where x.name = name_of_breaker;
  if b.state <> 'closed' and b.probe_at > moment then
    verdict := 'circuit_open';
    wait_s := extract(epoch from b.probe_at - moment);
    detail := b.reason;
    return;
  end if;

  select * into other from orrery.llm_calls x
  where x.request_digest = c.request_digest and x.state in ('in_flight', 'answered') for update;
  if found then
    -- A newer run of the same row, or the same run that asks again, has given the earlier call up.
    if other.state = 'in_flight' and (other.expires_at <= moment
        or (other.job_id = c.job_id and other.queue = c.queue and other.token <= c.token)) then
      perform orrery.llm_abandon(other.id);
    else
      verdict := 'busy';
      wait_s := case other.state when 'answered' then 0 else least(5, extract(epoch from other.expires_at - moment)) end;
      return;
    end if;
  end if;

  if c.job_id is not null then
    select count(*) as calls,
           coalesce(sum(coalesce(x.input_tokens + x.output_tokens, x.reserved_tokens)), 0) as tokens,
           coalesce(sum(coalesce(x.cost_nano_usd, x.reserved_nano_usd, 0)), 0) as nano_usd
    into used from orrery.llm_calls x where x.job_id = c.job_id and x.queue = c.queue;
    detail := case
      when used.calls + 1 > (r ->> 'job_calls')::bigint then 'calls'
      when used.tokens + c.reserved_tokens > (r ->> 'job_tokens')::bigint then 'tokens'
      when used.nano_usd + coalesce(c.reserved_nano_usd, 0) > (r ->> 'job_nano_usd')::bigint then 'usd' end;
    if detail is not null then
      verdict := 'job_budget';
      return;
    end if;
  end if;

  insert into orrery.llm_spend (organization_id, month) values (c.organization_id, first_day) on conflict do nothing;
  -- Lock order: a breaker comes before the ledger. The probe is taken while the budget can still refuse, so it is taken last and
  -- by an update that waits for nobody.
  select * into s from orrery.llm_spend x where x.organization_id = c.organization_id and x.month = first_day for update;
  select * into l from orrery.llm_limits x where x.organization_id = c.organization_id;
  if not found then
    l.month_calls := (r ->> 'month_calls')::bigint;
    l.month_tokens := (r ->> 'month_tokens')::bigint;
    l.month_nano_usd := (r ->> 'month_nano_usd')::bigint;
  end if;
  detail := case
    when s.calls + s.open_calls + 1 > l.month_calls then 'calls'
    when s.tokens + s.reserved_tokens + c.reserved_tokens > l.month_tokens then 'tokens'
    when s.spent_nano_usd + s.assumed_nano_usd + s.reserved_nano_usd + coalesce(c.reserved_nano_usd, 0) > l.month_nano_usd then 'usd' end;
  if detail is not null then
    verdict := 'budget';
    wait_s := extract(epoch from (first_day + interval '1 month') at time zone 'UTC' - moment);
    return;
  end if;

  if b.state <> 'closed' then
    update orrery.breaker x
    set state = 'half_open', probed_by = c.worker_id, probe_at = clock_timestamp() + make_interval(secs => (r ->> 'probe_s')::double precision)
    where x.name = (select y.name from orrery.breaker y
                    where y.name = name_of_breaker and y.state <> 'closed' and y.probe_at <= moment for update skip locked);
    if not found then
      verdict := 'circuit_open';
      wait_s := 5;
      detail := b.reason;
      return;
    end if;
  end if;

  c.state := 'in_flight';
  c.month := first_day;
  c.created_at := moment;
  c.expires_at := moment + make_interval(secs => (r ->> 'limit_s')::double precision);
  c.tries := 0;
  c.assumed := false;
  c.reads := 0;
  c.repairs := '{}';
  c.violations := '{}';
  insert into orrery.llm_calls select c.* on conflict (request_digest) where state in ('in_flight', 'answered') do nothing;
  if not found then
    verdict := 'busy';
    wait_s := 1;
    return;
  end if;
  update orrery.llm_spend x
  set open_calls = x.open_calls + 1, reserved_tokens = x.reserved_tokens + c.reserved_tokens,
      reserved_nano_usd = x.reserved_nano_usd + coalesce(c.reserved_nano_usd, 0)
  where x.organization_id = c.organization_id and x.month = first_day;
  verdict := 'go';
end $$;
comment on function orrery.llm_permit(jsonb) is 'Whether a call may begin: breaker, the same question, budgets; if so it is written down and its cost set aside';

create function orrery.llm_pace(b orrery.llm_buckets, moment timestamptz, p_ramp_s double precision) returns double precision
language sql immutable as $$
  select case when p_ramp_s > 0
    then least(case when b.guessed then 2 else 1 end, b.pace + greatest(0, extract(epoch from moment - b.pace_at)) / p_ramp_s)
    else case when b.guessed then 2 else 1 end end
$$;
comment on function orrery.llm_pace(orrery.llm_buckets, timestamptz, double precision) is 'Share of the limits that may be used now: it grows by the whole in p_ramp_s seconds';

-- Two limits in one: requests by the generic cell rate algorithm, tokens by spacing. All times are handed out by this clock, so
-- any number of workers together keep the limits exactly.
--
-- Requests: with a burst b and an interval t no window of w seconds holds more than b + floor(w / t) requests. t = 61 / (limit - b + 1)
-- therefore keeps the limit in every minute, with a second to spare for requests that are under way for different times.
-- b is one second's worth, since some providers measure a minute's limit over seconds.
--
-- Tokens: after a request of n tokens the next waits n * t. A window then holds w / t tokens and the last request in full, so
-- t = 61 / (limit - the largest request of this and the last minute). When a larger one comes it waits for the difference. One that is larger than half of
-- the limit has a window for itself.
--
-- Who would wait for longer than p_patience_s is sent away and gets a time to come back, one after the other.
create function orrery.llm_admit(
  p_call uuid, p_provider text, p_model text, p_key text, p_tokens bigint, p_requests_limit double precision,
  p_tokens_limit double precision, p_patience_s double precision, p_ramp_s double precision,
  out admitted boolean, out wait_s double precision)
language plpgsql as $$
declare
  span constant double precision := 61;
  moment timestamptz;
  b orrery.llm_buckets;
  requests double precision;
  tokens double precision;
  burst double precision;
  interval_s double precision := 0;
  spare double precision;
  advance_s double precision := 0;
  growth_s double precision := 0;
  largest bigint;
  turn timestamptz;
  slot timestamptz;
begin
  perform set_config('synchronous_commit', 'off', true);
  select * into b from orrery.llm_buckets x where x.provider = p_provider and x.model = p_model and x.key_id = p_key;
  -- Without any limit there is nothing that workers share, and nothing to wait in line for.
  if coalesce(p_requests_limit, p_tokens_limit, b.requests_limit, b.tokens_limit) is null
     and coalesce(b.blocked_until, '-infinity') <= clock_timestamp() then
    update orrery.llm_calls x set tries = x.tries + 1, sent_at = clock_timestamp() where x.id = p_call;
    admitted := true;
    wait_s := 0;
    return;
  end if;
  if b.provider is null then
    insert into orrery.llm_buckets (provider, model, key_id) values (p_provider, p_model, p_key) on conflict do nothing;
  end if;
  select * into b from orrery.llm_buckets x where x.provider = p_provider and x.model = p_model and x.key_id = p_key for update;
  moment := clock_timestamp();

  b.pace := orrery.llm_pace(b, moment, p_ramp_s);
  if b.guessed and b.pace >= 2 then
    b.guessed := false;
    b.requests_limit := null;
  end if;
  requests := least(p_requests_limit, b.requests_limit);
  tokens := least(p_tokens_limit, b.tokens_limit);
  -- After a pause the limits are reached over minutes: providers refuse sharp rises. One request in a second is no rise.
  if p_ramp_s > 0 and moment > coalesce(b.used_at, '-infinity') + make_interval(secs => p_ramp_s) then
    b.pace := least(b.pace, greatest(0.25, least(1, 60 / requests)));
  end if;
  b.pace_at := moment;
  if requests is not null then
    burst := greatest(1, floor(requests / 60));
    interval_s := span / (requests - burst + 1) / b.pace;
  end if;
  if tokens is not null then
    turn := greatest(moment, b.next_token_at);
    if turn >= b.largest_at + make_interval(secs => span) then
      b.largest_before := case when turn < b.largest_at + make_interval(secs => 2 * span) then b.largest else 0 end;
      b.largest := 0;
      b.largest_at := turn;
    end if;
    largest := greatest(b.largest, b.largest_before);
    spare := tokens - greatest(largest, p_tokens);
    b.token_s := case when spare > 0 then span / spare / b.pace else 0 end;
    advance_s := case when spare > p_tokens then p_tokens * b.token_s else span / b.pace end;
    if p_tokens > largest then
      growth_s := least(span / b.pace, case when spare > 0 then (p_tokens - largest) * b.token_s else span / b.pace end);
    end if;
  end if;

  slot := greatest(moment, b.blocked_until,
                   b.next_request_at - make_interval(secs => (coalesce(burst, 1) - 1) * interval_s),
                   b.next_token_at + make_interval(secs => growth_s));
  wait_s := extract(epoch from slot - moment);
  admitted := wait_s <= p_patience_s;
  if not admitted then
    b.return_at := least(greatest(b.return_at, slot) + make_interval(secs => greatest(interval_s, advance_s)), moment + interval '15 minutes');
    wait_s := greatest(wait_s, extract(epoch from b.return_at - moment));
    update orrery.llm_buckets x
    set return_at = b.return_at, pace = b.pace, pace_at = b.pace_at, guessed = b.guessed, requests_limit = b.requests_limit
    where x.provider = p_provider and x.model = p_model and x.key_id = p_key;
    return;
  end if;
  update orrery.llm_buckets x
  set pace = b.pace, pace_at = b.pace_at, guessed = b.guessed, requests_limit = b.requests_limit, used_at = slot,
      next_request_at = greatest(slot, b.next_request_at) + make_interval(secs => interval_s),
      next_token_at = greatest(slot, b.next_token_at) + make_interval(secs => advance_s),
      token_s = b.token_s, largest = greatest(b.largest, p_tokens), largest_before = b.largest_before, largest_at = b.largest_at
  where x.provider = p_provider and x.model = p_model and x.key_id = p_key;
  update orrery.llm_calls x set tries = x.tries + 1, sent_at = slot where x.id = p_call;
end $$;
comment on function orrery.llm_admit(uuid, text, text, text, bigint, double precision, double precision, double precision, double precision)
  is 'Gives a request its time to begin, or says when to come back';

-- One HTTP request and what it taught. r: call, provider, model, key, limited, hint_s, requests, requests_left, requests_reset_s,
-- tokens, tokens_left, tokens_reset_s (from headers), ramp_s; breaker: answered, counts or opens; reason; in_a_row, least_calls, share_percent, rest_s,
-- rest_cap_s, hold_s. Returns opened, closed or an empty text.
create function orrery.llm_seen(r jsonb) returns text
language plpgsql as $$
begin
  perform set_config('synchronous_commit', 'off', true);
  perform orrery.llm_learn(r);
  return orrery.llm_count(orrery.llm_breaker_name(r ->> 'provider', r ->> 'model'), r);
end $$;
comment on function orrery.llm_seen(jsonb) is 'Counts one HTTP request for the breaker and lets the bucket learn from it';

create function orrery.llm_learn(r jsonb) returns void
language plpgsql as $$
declare
  moment timestamptz := clock_timestamp();
  limited boolean := (r ->> 'limited')::boolean;
  said_requests double precision := (r ->> 'requests')::double precision;
  said_tokens double precision := (r ->> 'tokens')::double precision;
  ramp_s double precision := (r ->> 'ramp_s')::double precision;
  until timestamptz;
  b orrery.llm_buckets;
begin
  until := greatest(
    case when limited then moment + make_interval(secs => (r ->> 'hint_s')::double precision) end,
    case when (r ->> 'requests_left')::bigint = 0 then moment + make_interval(secs => (r ->> 'requests_reset_s')::double precision) end,
    case when (r ->> 'tokens_left')::bigint = 0 then moment + make_interval(secs => (r ->> 'tokens_reset_s')::double precision) end);
  select * into b from orrery.llm_buckets x where x.provider = r ->> 'provider' and x.model = r ->> 'model' and x.key_id = r ->> 'key';
  if not limited and until is null
     and (said_requests is null or said_requests is not distinct from b.requests_limit)
     and (said_tokens is null or said_tokens is not distinct from b.tokens_limit) then
    return;
  end if;
  insert into orrery.llm_buckets (provider, model, key_id) values (r ->> 'provider', r ->> 'model', r ->> 'key') on conflict do nothing;
  select * into b from orrery.llm_buckets x
  where x.provider = r ->> 'provider' and x.model = r ->> 'model' and x.key_id = r ->> 'key' for update;
  if said_requests is not null then
    b.requests_limit := greatest(1, said_requests);
    b.guessed := false;
  end if;
  b.tokens_limit := coalesce(said_tokens, b.tokens_limit);
  -- One burst of refusals is one lesson: requests that began before the last halving do not halve again.
  if limited and (b.slowed_at is null or b.slowed_at < (select x.sent_at from orrery.llm_calls x where x.id = (r ->> 'call')::uuid)) then
    if b.requests_limit is null and not (r ->> 'configured')::boolean then
      -- Nobody says what the limit is: what was going on was too much.
      b.guessed := true;
      b.pace := 1;
      b.requests_limit := greatest(1, (
        select count(*) from orrery.llm_calls x
        where x.provider = b.provider and x.model = b.model and x.key_id = b.key_id
          -- A call begins at most an hour before its last request.
          and x.created_at > moment - interval '1 hour' and x.sent_at > moment - interval '1 minute' and x.sent_at <= moment));
    else
      b.pace := orrery.llm_pace(b, moment, ramp_s);
    end if;
    b.pace := greatest(0.05, b.pace / 2);
    b.pace_at := moment;
    b.slowed_at := moment;
  end if;
  update orrery.llm_buckets x
  set requests_limit = b.requests_limit, tokens_limit = b.tokens_limit, guessed = b.guessed, pace = b.pace, pace_at = b.pace_at,
      slowed_at = b.slowed_at, blocked_until = greatest(x.blocked_until, until)
  where x.provider = b.provider and x.model = b.model and x.key_id = b.key_id;
end $$;
comment on function orrery.llm_learn(jsonb) is 'A refusal halves the pace and blocks as long as the provider asks; headers tell the limits';

-- Opens after so many failures in a row, or when so large a share of enough calls of the last minute failed; at once where a person must act.
create function orrery.llm_count(p_name text, r jsonb) returns text
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
    b.reason := r ->> 'reason';
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
comment on function orrery.llm_count(text, jsonb) is 'Counts one request of a model for its breaker';

-- Books a call that has ended, once. p_failure: how it failed (columns of llm_calls), null when its answer was recorded. A call of
-- which nothing was sent leaves no trace. What comes after its call was given up replaces what was assumed.
create function orrery.llm_settle(p_id uuid, p_used_tokens bigint, p_failure jsonb) returns void
language plpgsql as $$
declare
  c orrery.llm_calls;
  f orrery.llm_calls := jsonb_populate_record(null::orrery.llm_calls, p_failure);
  first_time boolean;
  no_longer_assumed bigint := 0;
begin
  perform set_config('synchronous_commit', 'off', true);
  select * into c from orrery.llm_calls x where x.id = p_id for update;
  if not found or c.settled_at is not null and not c.assumed
     or c.state = 'in_flight' and c.sent_at is not null and (p_failure is null or f.error_code = 'llm.store_unavailable') then
    -- Not ended: an answer that our own stores could not take may be there all the same, and is looked for by the next run.
    return;
  end if;
  first_time := c.settled_at is null;
  if c.sent_at is null then
    delete from orrery.llm_calls x where x.id = p_id;
    -- If it was the probe of its model, another call may try at once.
    update orrery.breaker x set probe_at = clock_timestamp()
    where x.name = orrery.llm_breaker_name(c.provider, c.model) and x.state = 'half_open' and x.probed_by = c.worker_id;
    update orrery.llm_spend x
    set open_calls = x.open_calls - 1, reserved_tokens = x.reserved_tokens - c.reserved_tokens,
        reserved_nano_usd = x.reserved_nano_usd - coalesce(c.reserved_nano_usd, 0)
    where x.organization_id = c.organization_id and x.month = c.month;
    return;
  end if;
  if c.state in ('in_flight', 'unknown') and p_failure is not null then
    c.state := 'failed';
    c.ended_at := clock_timestamp();
    c.error_code := f.error_code;
    c.provider_code := f.provider_code;
    c.http_status := f.http_status;
    c.request_id := f.request_id;
    c.input_tokens := f.input_tokens;
    c.cached_input_tokens := f.cached_input_tokens;
    c.cache_write_tokens := f.cache_write_tokens;
    c.output_tokens := f.output_tokens;
    c.reasoning_tokens := f.reasoning_tokens;
    c.usage_estimated := f.usage_estimated;
    c.price_id := f.price_id;
    c.cost_nano_usd := f.cost_nano_usd;
  end if;
  if c.assumed then
    no_longer_assumed := coalesce(c.reserved_nano_usd, 0);
  end if;
  -- Whoever did not answer in time may have worked and may send a bill.
  c.assumed := c.cost_nano_usd is null and (c.state = 'unknown' or c.state = 'failed' and c.error_code = 'llm.timeout');
  update orrery.llm_calls x
  set state = c.state, ended_at = c.ended_at, error_code = c.error_code, provider_code = c.provider_code, http_status = c.http_status,
      request_id = c.request_id, input_tokens = c.input_tokens, cached_input_tokens = c.cached_input_tokens,
      cache_write_tokens = c.cache_write_tokens, output_tokens = c.output_tokens, reasoning_tokens = c.reasoning_tokens,
      usage_estimated = c.usage_estimated, price_id = c.price_id, cost_nano_usd = c.cost_nano_usd, assumed = c.assumed,
      settled_at = clock_timestamp()
  where x.id = p_id;
  if first_time and p_used_tokens < c.reserved_tokens then
    update orrery.llm_buckets x
    set next_token_at = x.next_token_at - make_interval(secs => (c.reserved_tokens - p_used_tokens) * x.token_s)
    where x.provider = c.provider and x.model = c.model and x.key_id = c.key_id and x.token_s > 0;
  end if;
  update orrery.llm_spend x
  set calls = x.calls + first_time::integer, open_calls = x.open_calls - first_time::integer,
      reserved_tokens = x.reserved_tokens - case when first_time then c.reserved_tokens else 0 end,
      reserved_nano_usd = x.reserved_nano_usd - case when first_time then coalesce(c.reserved_nano_usd, 0) else 0 end,
      assumed_nano_usd = x.assumed_nano_usd - no_longer_assumed + case when c.assumed then coalesce(c.reserved_nano_usd, 0) else 0 end,
      tokens = x.tokens + coalesce(c.input_tokens + c.output_tokens, 0),
      spent_nano_usd = x.spent_nano_usd + coalesce(c.cost_nano_usd, 0),
      unpriced_calls = x.unpriced_calls + (c.state in ('answered', 'late') and c.cost_nano_usd is null)::integer
  where x.organization_id = c.organization_id and x.month = c.month;
end $$;
comment on function orrery.llm_settle(uuid, bigint, jsonb) is 'Books a call that has ended: what was set aside goes back, what was used is spent';

-- A call whose worker is gone. Nobody knows whether the provider answered, and so whether it was paid.
create function orrery.llm_abandon(p_id uuid) returns void
language plpgsql as $$
begin
  update orrery.llm_calls x set state = 'unknown', ended_at = clock_timestamp() where x.id = p_id and x.state = 'in_flight';
  if found then
    perform orrery.llm_settle(p_id, null, null);
  end if;
end $$;
comment on function orrery.llm_abandon(uuid) is 'Gives a call up whose worker is gone';

-- As in 2012, for the functions of this migration.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace and p.proname like 'llm\_%' loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
  end loop;
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant select, insert, update, delete on orrery.llm_prices, orrery.llm_calls, orrery.llm_limits, orrery.llm_spend, orrery.llm_buckets
      to planetshr_worker;
    grant usage on all sequences in schema orrery to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
  end if;
end $$;
