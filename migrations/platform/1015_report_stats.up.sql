-- What was written, by whom, how fast: one row per report that was written, and one per request that failed.
-- Orrery writes it; applications read it for their dashboards.

set local lock_timeout = '5s';

do $$
begin
  if to_regnamespace('analytics') is null then
    create schema analytics;
    comment on schema analytics is 'Figures about the use of the platform. Created by Orrery.';
  end if;
end
$$;

create table analytics.report_generation_stats (
  id                    uuid          primary key default gen_random_uuid(),
  organization_id       uuid          not null references public.organizations (id) on delete cascade,
  report_type           varchar(50)   not null,
  employee_id           uuid          references public.employees (id) on delete set null,
  generated_by_user_id  uuid          references public.users (id) on delete set null,
  generation_date       date          not null,
  generation_timestamp  timestamptz   default current_timestamp,
  processing_time_seconds numeric(10, 2),
  status                varchar(20),
  error_message         text,
  is_auto_generated     boolean       default false,
  is_quarterly_update   boolean       default false,
  report_size_kb        numeric(10, 2),
  ai_tokens_used        integer,
  viewed_count          integer       default 0,
  downloaded_count      integer       default 0,
  first_viewed_at       timestamptz,
  last_viewed_at        timestamptz,
  created_at            timestamptz   default current_timestamp,
  updated_at            timestamptz   default current_timestamp,
  constraint check_stats_status check (status in ('SUCCESS', 'FAILED', 'PENDING', 'PROCESSING')),
  -- The document has a second vocabulary of types; a word of the first would count as a ninth type.
  constraint check_stats_type check (report_type in (
    'PERSONALITY_ROLE', 'BEHAVIOR_COMPANY', 'COMPATIBILITY_JOB', 'COMPATIBILITY_DEPARTMENT', 'COMPATIBILITY_COMPANY',
    'COMPATIBILITY_INDUSTRY', 'QA_QUESTIONNAIRE', 'TRAINING_DEVELOPMENT'))
);

create index idx_report_stats_org_id on analytics.report_generation_stats (organization_id);
create index idx_report_stats_type on analytics.report_generation_stats (report_type);
create index idx_report_stats_date on analytics.report_generation_stats (generation_date desc);
create index idx_report_stats_employee on analytics.report_generation_stats (employee_id);
create index idx_report_stats_status on analytics.report_generation_stats (status);
create index idx_report_stats_auto_generated on analytics.report_generation_stats (is_auto_generated, is_quarterly_update);

comment on table analytics.report_generation_stats is 'One row per written report and per failed request. Written by Orrery.';
comment on column analytics.report_generation_stats.id is 'report_id of the report; of a failed request the id of its queue row. So nothing is counted twice';
comment on column analytics.report_generation_stats.organization_id is 'Employer';
comment on column analytics.report_generation_stats.report_type is 'One of the eight types in upper case, for example PERSONALITY_ROLE';
comment on column analytics.report_generation_stats.employee_id is 'Employee whom the report is about';
comment on column analytics.report_generation_stats.generated_by_user_id is 'User who asked';
comment on column analytics.report_generation_stats.generation_date is 'UTC day on which the request ended';
comment on column analytics.report_generation_stats.generation_timestamp is 'When the request ended';
comment on column analytics.report_generation_stats.processing_time_seconds is 'From the start of the last run to its end';
comment on column analytics.report_generation_stats.status is 'SUCCESS or FAILED';
comment on column analytics.report_generation_stats.error_message is 'Message of a failed request';
comment on column analytics.report_generation_stats.is_auto_generated is 'Asked for by a schedule, not by a person';
comment on column analytics.report_generation_stats.is_quarterly_update is 'request_reason is quarterly_update';
comment on column analytics.report_generation_stats.report_size_kb is 'Size of the content as JSON, kilobytes of 1024';
comment on column analytics.report_generation_stats.ai_tokens_used is 'Tokens of a language model; 0 with the embedded narrator';
comment on column analytics.report_generation_stats.viewed_count is 'Authorized views in report_access_log';
comment on column analytics.report_generation_stats.downloaded_count is 'Authorized downloads in report_access_log';
comment on column analytics.report_generation_stats.first_viewed_at is 'First authorized view; null = never';
comment on column analytics.report_generation_stats.last_viewed_at is 'Last authorized view; null = never';
comment on column analytics.report_generation_stats.created_at is 'When the row was inserted';
comment on column analytics.report_generation_stats.updated_at is 'When the row last changed';

create policy tenant_isolation on analytics.report_generation_stats
  using (organization_id = public.orrery_current_organization())
  with check (organization_id = public.orrery_current_organization());

do $$
begin
  if to_regrole('planetshr_worker') is not null then
    create policy orrery_worker on analytics.report_generation_stats to planetshr_worker using (true) with check (true);
    grant usage on schema analytics to planetshr_worker;
    grant select, insert, update, delete on analytics.report_generation_stats to planetshr_worker;
  end if;
  if to_regrole('planetshr_app') is not null then
    grant usage on schema analytics to planetshr_app;
    grant select on analytics.report_generation_stats to planetshr_app;
  end if;
  if to_regrole('planetshr_readonly') is not null then
    grant usage on schema analytics to planetshr_readonly;
    grant select on analytics.report_generation_stats to planetshr_readonly;
  end if;
end
$$;

create or replace function public.orrery_set_row_level_security(enabled boolean)
returns integer
language plpgsql
set lock_timeout = '5s'
as $$
declare
  relation record;
  changed  integer := 0;
begin
  for relation in
    select c.oid::regclass as name
      from pg_policy p
      join pg_class c on c.oid = p.polrelid
     where p.polname = 'tenant_isolation'
       and c.relnamespace in ('public'::regnamespace, 'calc'::regnamespace, 'analytics'::regnamespace)
       and c.relrowsecurity <> enabled
     order by c.oid::regclass::text
  loop
    execute format('alter table %s %s row level security', relation.name,
                   case when enabled then 'enable' else 'disable' end);
    changed := changed + 1;
  end loop;
  return changed;
end
$$;

-- Whoever has it on for the other tables has it on for this one.
select public.orrery_set_row_level_security(true)
 where (select relrowsecurity from pg_class where oid = 'public.report_metadata'::regclass);
