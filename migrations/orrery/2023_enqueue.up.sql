-- Functions for applications: enqueue with checked arguments and an idempotency key, read what a row made, take events. A plain INSERT
-- stays as good. The functions that enqueue run with the rights of the caller, so his grants and row level security hold.
set local lock_timeout = '5s';

-- The id of a row follows from its key: a second call finds the row of the first by the primary key, with no table of keys to keep.
-- The organization is part of it, so that tenants with equal keys do not meet. Form: UUID version 8.
create function orrery.id_of_key(p_queue text, p_organization text, p_key text) returns uuid
language sql immutable strict parallel safe as $$
  select overlay(overlay(left(encode(sha256(convert_to(p_queue || e'\x1f' || p_organization || e'\x1f' || p_key, 'UTF8')), 'hex'), 32)
                 placing '8' from 13 for 1) placing 'a' from 17 for 1)::uuid
$$;
comment on function orrery.id_of_key(text, text, text) is 'Id of the row that a queue, an organization and an idempotency key stand for';

-- The field is named in the message and in the field "column" of the error.
create function orrery.refuse(p_field text, p_problem text, p_hint text) returns void
language plpgsql as $$
begin
  if p_hint is null then
    raise exception using errcode = 'invalid_parameter_value', message = p_field || ': ' || p_problem, column = p_field;
  end if;
  raise exception using errcode = 'invalid_parameter_value', message = p_field || ': ' || p_problem, hint = p_hint, column = p_field;
end $$;
comment on function orrery.refuse(text, text, text) is 'Refuses an argument of a function that enqueues';

create function orrery.check_common(p_key text, p_priority integer) returns void
language plpgsql as $$
begin
  if p_key is not null and (p_key = '' or length(p_key) > 200) then
    perform orrery.refuse('key', format('has %s characters, must have 1 to 200', length(p_key)), 'leave it out where repeating is harmless');
  end if;
  if p_priority is null or p_priority not between 1 and 10 then
    perform orrery.refuse('priority', format('is %s, must be from 1 to 10', coalesce(p_priority::text, 'null')), '10 is the most urgent; 5 is usual');
  end if;
end $$;
comment on function orrery.check_common(text, integer) is 'Checks what the functions that enqueue have in common';

create function orrery.enqueue_report(
  employee_id uuid, report_type text, requested_by uuid, key text default null, priority integer default 5,
  scheduled_for timestamptz default null, reason text default 'manual_request', metadata jsonb default null,
  depends_on uuid default null)
returns uuid
language plpgsql as $$
#variable_conflict use_column
declare
  types constant text[] := array['personality_role_specific', 'behavior_company_specific', 'compatibility_job_role',
    'compatibility_department', 'compatibility_company', 'compatibility_industry', 'questionnaire_qa', 'training_development'];
  employee jsonb;
  new_id uuid;
  standing record;
begin
  perform orrery.check_common(enqueue_report.key, enqueue_report.priority);
  if enqueue_report.report_type is null or not (enqueue_report.report_type = any (types)) then
    perform orrery.refuse('report_type', format('%s is no type of report', coalesce(quote_literal(enqueue_report.report_type), 'null')),
                          'one of ' || array_to_string(types, ', '));
  end if;
  select to_jsonb(e) into employee from employees e where e.id = enqueue_report.employee_id;
  if employee is null or employee ->> 'deleted_at' is not null then
    perform orrery.refuse('employee_id', format('%s is no employee whom this session can see',
                          coalesce(enqueue_report.employee_id::text, 'null')), null);
  end if;
  if not exists (select from users u where u.id = enqueue_report.requested_by) then
    perform orrery.refuse('requested_by', format('%s is no user', coalesce(enqueue_report.requested_by::text, 'null')),
                          'scheduled work uses a user made for it');
  end if;
  if length(enqueue_report.reason) > 100 then
    perform orrery.refuse('reason', format('has %s characters, may have 100', length(enqueue_report.reason)), null);
  end if;
  if jsonb_typeof(enqueue_report.metadata) <> 'object' then
    perform orrery.refuse('metadata', format('is a JSON %s, must be an object', jsonb_typeof(enqueue_report.metadata)), null);
  end if;
  if enqueue_report.depends_on is not null
     and not exists (select from report_generation_queue q where q.id = enqueue_report.depends_on) then
    perform orrery.refuse('depends_on', format('%s is no row of report_generation_queue', enqueue_report.depends_on),
                          'enqueue what must come first first');
  end if;

  new_id := coalesce(orrery.id_of_key('report', employee ->> 'organization_id', enqueue_report.key), gen_random_uuid());
  insert into report_generation_queue
    (id, employee_id, report_type, priority, status, scheduled_for, requested_by, request_reason, request_metadata, depends_on_queue_id)
  values
    (new_id, enqueue_report.employee_id, enqueue_report.report_type, enqueue_report.priority, 'pending', enqueue_report.scheduled_for,
     enqueue_report.requested_by, enqueue_report.reason, enqueue_report.metadata, enqueue_report.depends_on)
  on conflict (id) do nothing;
  if not found then
    select q.employee_id as person, q.report_type::text as kind into standing from report_generation_queue q where q.id = new_id;
    if (standing.person, standing.kind) is distinct from (enqueue_report.employee_id, enqueue_report.report_type) then
      perform orrery.refuse('key', format('%L stands for row %s already: %s of employee %s', enqueue_report.key, new_id, standing.kind,
                            standing.person), 'a key is for one request; put what tells requests apart into it');
    end if;
  end if;
  return new_id;
end $$;
comment on function orrery.enqueue_report(uuid, text, uuid, text, integer, timestamptz, text, jsonb, uuid) is
  'Asks for a report and returns the id of its row in report_generation_queue; the same key gives the same row';

create function orrery.enqueue_entity(entity_type text, entity_id uuid, key text default null, priority integer default 5)
returns uuid
language plpgsql as $$
#variable_conflict use_column
declare
  organization jsonb;
  of_entity uuid;
  new_id uuid;
  standing record;
begin
  perform orrery.check_common(enqueue_entity.key, enqueue_entity.priority);
  case enqueue_entity.entity_type
    when 'employee' then select e.organization_id into of_entity from employees e where e.id = enqueue_entity.entity_id;
    when 'candidate' then select c.organization_id into of_entity from candidates c where c.id = enqueue_entity.entity_id;
    when 'company' then of_entity := enqueue_entity.entity_id;
    else
      perform orrery.refuse('entity_type', format('%s is no type of entity', coalesce(quote_literal(enqueue_entity.entity_type), 'null')),
                            'one of employee, candidate, company');
  end case;
  select to_jsonb(o) into organization from organizations o where o.id = of_entity;
  if organization is null then
    perform orrery.refuse('entity_id', format('%s is no %s whom this session can see', coalesce(enqueue_entity.entity_id::text, 'null'),
                          enqueue_entity.entity_type), 'a company is named by its id in organizations');
  end if;

  new_id := coalesce(orrery.id_of_key('entity', of_entity::text, enqueue_entity.key), gen_random_uuid());
  insert into entity_update_queue
    (id, entity_type, entity_id, organization_id, subscription_active, subscription_tier, queue_status, priority)
  values
    (new_id, enqueue_entity.entity_type, enqueue_entity.entity_id::text, of_entity::text,
     coalesce(organization ->> 'subscription_status', 'ACTIVE') not in ('EXPIRED', 'CANCELLED'),
     left(organization ->> 'subscription_tier', 50), 'queued', enqueue_entity.priority)
  on conflict (id) do nothing;
  if not found then
    select q.entity_type::text as kind, q.entity_id::text as entity into standing from entity_update_queue q where q.id = new_id;
    if (standing.kind, standing.entity) is distinct from (enqueue_entity.entity_type, enqueue_entity.entity_id::text) then
      perform orrery.refuse('key', format('%L stands for row %s already: %s %s', enqueue_entity.key, new_id, standing.kind, standing.entity),
                            'a key is for one request; put what tells requests apart into it');
    end if;
  end if;
  return new_id;
end $$;
comment on function orrery.enqueue_entity(text, uuid, text, integer) is
  'Asks for chart, code, comparisons and pattern of an entity and returns the id of its row in entity_update_queue; the same key gives the same row';

create function orrery.enqueue_calculation(
  job_type text, entity_type text, entity_id uuid, organization_id uuid, input jsonb default '{}', key text default null,
  priority integer default 5)
returns uuid
language plpgsql as $$
#variable_conflict use_column
declare
  types constant text[] := array['birth_chart', 'harmonic_code', 'compatibility', 'energy_pattern'];
  version text;
  new_id uuid;
  standing record;
begin
  perform orrery.check_common(enqueue_calculation.key, enqueue_calculation.priority);
  if enqueue_calculation.job_type is null or not (enqueue_calculation.job_type = any (types)) then
    perform orrery.refuse('job_type', format('%s is no type of calculation', coalesce(quote_literal(enqueue_calculation.job_type), 'null')),
                          'one of ' || array_to_string(types, ', '));
  end if;
  if enqueue_calculation.entity_type is null or enqueue_calculation.entity_type not in ('employee', 'candidate', 'company') then
    perform orrery.refuse('entity_type', format('%s is no type of entity',
                          coalesce(quote_literal(enqueue_calculation.entity_type), 'null')), 'one of employee, candidate, company');
  end if;
  if enqueue_calculation.entity_id is null then
    perform orrery.refuse('entity_id', 'is null', 'the entity, or an id of its own where input has birth_data');
  end if;
  if not exists (select from organizations o where o.id = enqueue_calculation.organization_id) then
    perform orrery.refuse('organization_id', format('%s is no organization whom this session can see',
                          coalesce(enqueue_calculation.organization_id::text, 'null')), null);
  end if;
  if jsonb_typeof(enqueue_calculation.input) is distinct from 'object' then
    perform orrery.refuse('input', format('is %s, must be a JSON object', coalesce(jsonb_typeof(enqueue_calculation.input), 'null')), null);
  end if;
  if enqueue_calculation.job_type = 'compatibility' and enqueue_calculation.input ->> 'compatibility_type' is null then
    perform orrery.refuse('input', 'has no compatibility_type, which a comparison needs', null);
  end if;

  if to_regclass('algorithm_versions') is not null then
    select v.version_number into version from algorithm_versions v
    where v.algorithm_type = enqueue_calculation.job_type and v.status = 'production';
  end if;
  new_id := coalesce(orrery.id_of_key('calculation', enqueue_calculation.organization_id::text, enqueue_calculation.key), gen_random_uuid());
  insert into calculation_jobs
    (id, job_type, entity_type, entity_id, organization_id, job_status, priority, input_data, algorithm_version, engine_version)
  values
    (new_id, enqueue_calculation.job_type, enqueue_calculation.entity_type, enqueue_calculation.entity_id::text,
     enqueue_calculation.organization_id::text, 'pending', enqueue_calculation.priority, enqueue_calculation.input,
     coalesce(version, '1.0.0'), coalesce(version, '1.0.0'))
  on conflict (id) do nothing;
  if not found then
    select j.job_type::text as kind, j.entity_id::text as entity, j.input_data as input into standing from calculation_jobs j where j.id = new_id;
    if (standing.kind, standing.entity, standing.input)
       is distinct from (enqueue_calculation.job_type, enqueue_calculation.entity_id::text, enqueue_calculation.input) then
      perform orrery.refuse('key', format('%L stands for row %s already: %s of %s', enqueue_calculation.key, new_id, standing.kind,
                            standing.entity), 'a key is for one request; put what tells requests apart into it');
    end if;
  end if;
  return new_id;
end $$;
comment on function orrery.enqueue_calculation(text, text, uuid, uuid, jsonb, text, integer) is
  'Asks for one calculation and returns the id of its row in calculation_jobs; the same key gives the same row';

-- With the rights of the owner, because applications have none on the tables of this schema.
create function orrery.result_of(queue text, id uuid) returns jsonb
language sql stable security definer as $$
  select r.output from orrery.result r where r.queue = result_of.queue and r.job_id = result_of.id
$$;
comment on function orrery.result_of(text, uuid) is 'What a completed row made, as ids; null as long as it has not completed';

-- Several consumers share the events: what one takes the others skip. Taken in the transaction of what the consumer does about them, so
-- that neither is there without the other.
create function orrery.take_events(topics text[] default null, most integer default 100)
returns table (id bigint, topic text, payload jsonb, created_at timestamptz)
language sql security definer as $$
  with taken as (
    select o.id from orrery.outbox o
    where o.delivered_at is null and (take_events.topics is null or o.topic = any (take_events.topics))
    order by o.id limit take_events.most
    for update skip locked
  ), delivered as (
    update orrery.outbox o set delivered_at = clock_timestamp() from taken t where o.id = t.id
    returning o.id, o.topic, o.payload, o.created_at
  )
  select d.id, d.topic, d.payload, d.created_at from delivered d order by d.id
$$;
comment on function orrery.take_events(text[], integer) is 'Takes events that nobody has taken, oldest first; they count as delivered when the transaction commits';

-- As in 2020, for what has come since; the rights that a role needs that is not the owner.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace
             and p.proname in ('id_of_key', 'refuse', 'check_common', 'enqueue_report', 'enqueue_entity', 'enqueue_calculation',
                               'result_of', 'take_events') loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
    if to_regrole('planetshr_app') is not null and f::oid <> 'orrery.take_events(text[], integer)'::regprocedure then
      execute format('grant execute on function %s to planetshr_app', f);
    end if;
  end loop;
  if to_regrole('planetshr_app') is not null then
    grant usage on schema orrery to planetshr_app;
  end if;
  if to_regrole('planetshr_worker') is not null then
    grant select on _orrery_migrations to planetshr_worker;
  end if;
end $$;
