-- Reports that are due again, what their scores are compared with, and the statistics of writing them.
set local lock_timeout = '5s';

create table orrery.regeneration (
  employee_id uuid primary key,
  cause text not null check (cause in ('code_changed', 'data_corrected')),
  marked_at timestamptz not null default now(),
  due_at timestamptz not null
);
comment on table orrery.regeneration is 'People whose reports no longer say what is known of them; taken when rows of report_generation_queue have been made';
comment on column orrery.regeneration.employee_id is 'Person';
comment on column orrery.regeneration.cause is 'code_changed: a recalculation gave another code; data_corrected: an application changed birth data';
comment on column orrery.regeneration.marked_at is 'Last change';
comment on column orrery.regeneration.due_at is 'Not before: several changes in a row are one';
create index regeneration_due on orrery.regeneration (due_at);

create function orrery.mark_regeneration(p_employee uuid, p_cause text) returns void
language sql security definer as $$
  insert into orrery.regeneration as r (employee_id, cause, due_at)
  values (p_employee, p_cause, clock_timestamp() + interval '5 seconds')
  on conflict (employee_id) do update
  set marked_at = clock_timestamp(), due_at = excluded.due_at,
      cause = case when r.cause = 'data_corrected' then r.cause else excluded.cause end
$$;
comment on function orrery.mark_regeneration(uuid, text) is 'Notes that the reports of a person are to be written again';

-- Whole rows as JSON, so that platforms may have more or fewer columns.
create function orrery.birth_data_changed() returns trigger
language plpgsql security definer as $$
declare
  before jsonb := to_jsonb(old);
  after jsonb := to_jsonb(new);
begin
  if after ->> 'entity_type' = 'employee'
     and (before -> 'birth_date', before -> 'birth_time', before -> 'timezone', before -> 'latitude', before -> 'longitude')
         is distinct from
         (after -> 'birth_date', after -> 'birth_time', after -> 'timezone', after -> 'latitude', after -> 'longitude') then
    perform orrery.mark_regeneration((after ->> 'entity_id')::uuid, 'data_corrected');
  end if;
  return null;
end $$;
comment on function orrery.birth_data_changed() is 'Follows corrections of birth data';

-- A platform may keep birth data behind a view, or give no right to triggers on it; then corrections are seen with the next request
-- or due date.
do $$
begin
  if (select c.relkind in ('r', 'p') from pg_class c where c.oid = to_regclass('entity_birth_data')) then
    create trigger orrery_corrected after update on entity_birth_data for each row
    when (old.* is distinct from new.*) execute function orrery.birth_data_changed();
  end if;
exception
  when insufficient_privilege then
    raise notice 'corrections of birth data are not followed: % may not make triggers on entity_birth_data', current_user;
end $$;

create table orrery.benchmark_mark (
  id bigint generated always as identity primary key,
  organization_id uuid not null,
  report_type text not null,
  report_id text not null
);
comment on table orrery.benchmark_mark is 'Reports whose scores have not been compared yet; written with the report, gone when compared';
comment on column orrery.benchmark_mark.id is 'Order';
comment on column orrery.benchmark_mark.organization_id is 'Tenant';
comment on column orrery.benchmark_mark.report_type is 'Report type';
comment on column orrery.benchmark_mark.report_id is 'Report';

create table orrery.score_sum (
  organization_id uuid not null,
  report_type text not null,
  people integer not null,
  total numeric not null,
  counted_at timestamptz not null default now(),
  compared_at timestamptz not null default now(),
  primary key (organization_id, report_type)
);
comment on table orrery.score_sum is 'Sum of the current overall scores of an organization and type, from which averages of an industry are made';
comment on column orrery.score_sum.organization_id is 'Tenant';
comment on column orrery.score_sum.report_type is 'Report type';
comment on column orrery.score_sum.people is 'People whose scores are in the sum';
comment on column orrery.score_sum.total is 'Sum of their overall scores';
comment on column orrery.score_sum.counted_at is 'When they were summed';
comment on column orrery.score_sum.compared_at is 'When all of them, not only new ones, were last compared';
create index score_sum_compared on orrery.score_sum (compared_at);

create table orrery.benchmark (
  report_id text primary key,
  company_people integer not null,
  department_people integer not null,
  industry_people integer not null,
  missing jsonb not null,
  compared_at timestamptz not null default now()
);
comment on table orrery.benchmark is 'How many people stand behind the benchmarks in report_scores, and why one of them is null';
comment on column orrery.benchmark.report_id is 'Report';
comment on column orrery.benchmark.company_people is 'People of the organization with a current report of the type, this one included';
comment on column orrery.benchmark.department_people is 'The same of the department';
comment on column orrery.benchmark.industry_people is 'The same of all organizations of the industry';
comment on column orrery.benchmark.missing is 'Reason by column of report_scores, for those that are null';
comment on column orrery.benchmark.compared_at is 'When';

create table orrery.roll_up (
  name text primary key,
  until timestamptz not null
);
comment on table orrery.roll_up is 'How far periodic counts have come';
comment on column orrery.roll_up.name is 'Which count';
comment on column orrery.roll_up.until is 'What is older has been counted';

-- The statistics table belongs to the platform and may be missing: then nothing is counted.
create function orrery.stats_type(p_type text) returns text
language sql immutable as $$
  select case p_type
    when 'personality_role_specific' then 'PERSONALITY_ROLE'
    when 'behavior_company_specific' then 'BEHAVIOR_COMPANY'
    when 'compatibility_job_role' then 'COMPATIBILITY_JOB'
    when 'compatibility_department' then 'COMPATIBILITY_DEPARTMENT'
    when 'compatibility_company' then 'COMPATIBILITY_COMPANY'
    when 'compatibility_industry' then 'COMPATIBILITY_INDUSTRY'
    when 'questionnaire_qa' then 'QA_QUESTIONNAIRE'
    when 'training_development' then 'TRAINING_DEVELOPMENT'
  end
$$;
comment on function orrery.stats_type(text) is 'The word of report_generation_stats for a report type; null for an unknown one';

create function orrery.is_automatic(p_metadata jsonb) returns boolean
language sql immutable as $$
  select coalesce(p_metadata ?| array['schedule_id', 'regeneration'], false)
$$;
comment on function orrery.is_automatic(jsonb) is 'Whether a report row was made by a schedule and not by a person';

create function orrery.count_report(
  p_queue_id uuid, p_report_id uuid, p_at timestamptz, p_seconds double precision, p_size_kb double precision, p_tokens integer)
returns void
language plpgsql security definer as $$
begin
  if to_regclass('report_generation_stats') is null then
    return;
  end if;
  -- The failure that an earlier run of the row left, and this report itself if it is counted again.
  delete from report_generation_stats s where s.id in (p_queue_id, p_report_id);
  insert into report_generation_stats
    (id, organization_id, report_type, employee_id, generated_by_user_id, generation_date, generation_timestamp,
     processing_time_seconds, status, is_auto_generated, is_quarterly_update, report_size_kb, ai_tokens_used)
  select p_report_id, e.organization_id, orrery.stats_type(q.report_type), q.employee_id, q.requested_by,
         (p_at at time zone 'UTC')::date, p_at, round(p_seconds::numeric, 2), 'SUCCESS', orrery.is_automatic(q.request_metadata),
         coalesce(q.request_reason = 'quarterly_update', false), round(p_size_kb::numeric, 2), p_tokens
  from report_generation_queue q join employees e on e.id = q.employee_id
  where q.id = p_queue_id;
end $$;
comment on function orrery.count_report(uuid, uuid, timestamptz, double precision, double precision, integer) is
  'Counts a written report, in the transaction that publishes it';

-- What is read: errors and accesses since the last round and a quarter of an hour before it, by their indexes on time.
create function orrery.roll_up_reports() returns integer
language plpgsql security definer as $$
declare
  since timestamptz;
  seen timestamptz := clock_timestamp();
  failed integer := 0;
  f record;
begin
  if to_regclass('report_generation_stats') is null
     or not pg_try_advisory_xact_lock(hashtextextended('orrery.roll_up_reports', 0)) then
    return 0;
  end if;
  select r.until - interval '15 minutes' into since from orrery.roll_up r where r.name = 'reports';
  since := coalesce(since, seen - interval '1 day');

  for f in
    select q.*, e.organization_id, q.completed_at::timestamptz as ended_at
    from (
      select x.queue_id as id from report_generation_errors x where x.resolved_at is null and x.occurred_at > since
      union
      select z.job_id from orrery.quarantine z where z.queue = 'report' and z.released_at is null and z.quarantined_at > since
    ) x
    cross join lateral (select y.* from report_generation_queue y where y.id = x.id and y.status = 'failed' offset 0) q
    cross join lateral (select z.organization_id from employees z where z.id = q.employee_id offset 0) e
    where orrery.stats_type(q.report_type) is not null
      and not exists (select 1 from report_generation_stats s where s.id = q.id and s.generation_timestamp = q.completed_at::timestamptz)
  loop
    delete from report_generation_stats s where s.id = f.id;
    insert into report_generation_stats
      (id, organization_id, report_type, employee_id, generated_by_user_id, generation_date, generation_timestamp,
       processing_time_seconds, status, error_message, is_auto_generated, is_quarterly_update, ai_tokens_used)
    values
      (f.id, f.organization_id, orrery.stats_type(f.report_type), f.employee_id, f.requested_by,
       (f.ended_at at time zone 'UTC')::date, f.ended_at, round(extract(epoch from f.completed_at - f.started_at)::numeric, 2), 'FAILED',
       f.last_error, orrery.is_automatic(f.request_metadata), coalesce(f.request_reason = 'quarterly_update', false), 0);
    failed := failed + 1;
  end loop;

  if to_regclass('report_access_log') is not null then
    with opened as (
      select distinct a.report_id from report_access_log a
      where a.accessed_at > since and a.report_id ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
    ), counted as (
      select o.report_id::uuid as id, c.* from opened o
      cross join lateral (
        select count(*) filter (where a.access_type = 'view') as viewed, count(*) filter (where a.access_type = 'download') as downloaded,
               min(a.accessed_at) filter (where a.access_type = 'view') as first_viewed,
               max(a.accessed_at) filter (where a.access_type = 'view') as last_viewed
        from report_access_log a where a.report_id = o.report_id and a.authorized offset 0) c
    )
    update report_generation_stats s
    set viewed_count = c.viewed, downloaded_count = c.downloaded, first_viewed_at = c.first_viewed, last_viewed_at = c.last_viewed,
        updated_at = clock_timestamp()
    from counted c
    where s.id = c.id and (s.viewed_count, s.downloaded_count) is distinct from (c.viewed::integer, c.downloaded::integer);
  end if;

  insert into orrery.roll_up as r (name, until) values ('reports', seen)
  on conflict (name) do update set until = excluded.until;
  return failed;
end $$;
comment on function orrery.roll_up_reports() is 'Counts failed requests and who opened reports since the last round; safe to repeat. Returns how many failures were new';

-- As 2012, for what has come since.
do $$
declare
  f regprocedure;
begin
  for f in select p.oid::regprocedure from pg_proc p where p.pronamespace = 'orrery'::regnamespace loop
    execute format('alter function %s set search_path to %s, pg_temp', f, current_setting('search_path'));
    execute format('revoke execute on function %s from public', f);
  end loop;
  if exists (select 1 from pg_roles where rolname = 'planetshr_worker') then
    grant select, insert, update, delete on all tables in schema orrery to planetshr_worker;
    grant usage on all sequences in schema orrery to planetshr_worker;
    grant execute on all functions in schema orrery to planetshr_worker;
  end if;
end $$;
