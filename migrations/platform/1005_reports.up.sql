-- Reports: one metadata row per generated version, its place in the history, and its scores.
-- The text of a report stands in MongoDB, collection reports. Orrery writes these three tables in the one
-- transaction that also completes the queue row; applications only read them.

set local lock_timeout = '5s';

create table public.report_metadata (
  id                          uuid           primary key default gen_random_uuid(),
  report_id                   varchar(255)   not null unique,
  employee_id                 uuid           not null,
  organization_id             uuid           not null,
  department_id               uuid,
  branch_id                   uuid,
  report_type                 varchar(50)    not null,
  category                    varchar(50)    not null,
  version                     integer        not null default 1,
  is_latest                   boolean        not null default true,
  generation_started_at       timestamptz,
  generation_completed_at     timestamptz,
  generation_duration_ms      integer,
  status                      varchar(20)    not null,
  scheduled_regeneration_date date,
  auto_regenerate_enabled     boolean        default true,
  last_regeneration_date      timestamptz,
  regeneration_count          integer        default 0,
  created_by                  uuid           not null,
  access_level                varchar(20)    not null,
  visibility_scope            jsonb,
  llm_tokens_used             integer,
  llm_cost_usd                decimal(10, 4),
  processing_queue_time_ms    integer,
  created_at                  timestamptz    not null default current_timestamp,
  updated_at                  timestamptz    not null default current_timestamp,
  deleted_at                  timestamptz,
  constraint fk_employee foreign key (employee_id) references public.employees (id),
  constraint fk_organization foreign key (organization_id) references public.organizations (id),
  constraint fk_department foreign key (department_id) references public.departments (id),
  constraint fk_branch foreign key (branch_id) references public.branches (id),
  constraint fk_created_by foreign key (created_by) references public.users (id),
  constraint check_status check (status in ('queued', 'processing', 'completed', 'failed', 'archived')),
  -- A queued report has not started, so the start may be missing there and nowhere else.
  constraint check_started check (status = 'queued' or generation_started_at is not null),
  constraint check_category check (category in ('personality', 'behavior', 'compatibility', 'training', 'qa')),
  constraint check_access_level check (access_level in ('organization', 'branch', 'department', 'manager')),
  constraint check_report_type check (report_type in (
    'personality_role_specific',
    'behavior_company_specific',
    'compatibility_job_role',
    'compatibility_department',
    'compatibility_company',
    'compatibility_industry',
    'questionnaire_qa',
    'training_development'
  )),
  -- A retry cannot add a second row for the same version.
  constraint report_metadata_version unique (employee_id, report_type, version)
);

create index idx_report_metadata_employee on public.report_metadata (employee_id);
create index idx_report_metadata_organization on public.report_metadata (organization_id);
create index idx_report_metadata_department on public.report_metadata (department_id);
create index idx_report_metadata_status on public.report_metadata (status) where deleted_at is null;
create index idx_report_metadata_type_version on public.report_metadata (employee_id, report_type, version);
create index idx_report_metadata_regeneration on public.report_metadata (scheduled_regeneration_date)
  where auto_regenerate_enabled = true and status = 'completed';
create unique index idx_report_metadata_latest on public.report_metadata (employee_id, report_type, is_latest)
  where is_latest = true and deleted_at is null;
create index idx_report_metadata_visibility on public.report_metadata using gin (visibility_scope);

comment on table public.report_metadata is 'One row per report version. Written by Orrery when a report is published.';
comment on column public.report_metadata.id is 'Identifier of the row';
comment on column public.report_metadata.report_id is 'reportId of the document in MongoDB collection reports (not its _id)';
comment on column public.report_metadata.employee_id is 'Employee whom the report is about';
comment on column public.report_metadata.organization_id is 'Employer at the time of writing';
comment on column public.report_metadata.department_id is 'Department at the time of writing';
comment on column public.report_metadata.branch_id is 'Branch at the time of writing';
comment on column public.report_metadata.report_type is 'One of the eight report types';
comment on column public.report_metadata.category is 'personality, behavior, compatibility, training or qa; follows from report_type';
comment on column public.report_metadata.version is 'Counts up from 1 per employee and report type';
comment on column public.report_metadata.is_latest is 'True on the newest version only; one per employee and report type';
comment on column public.report_metadata.generation_started_at is 'When the worker claimed the row; null only while queued';
comment on column public.report_metadata.generation_completed_at is 'When the report was published';
comment on column public.report_metadata.generation_duration_ms is 'From claim to publication, milliseconds';
comment on column public.report_metadata.status is 'queued, processing, completed, failed or archived';
comment on column public.report_metadata.scheduled_regeneration_date is 'UTC date from which the report is due again; null = never';
comment on column public.report_metadata.auto_regenerate_enabled is 'False: not regenerated without a request. Applications may change it';
comment on column public.report_metadata.last_regeneration_date is 'When the version before this one was replaced';
comment on column public.report_metadata.regeneration_count is 'How many versions came before this one by regeneration';
comment on column public.report_metadata.created_by is 'User who asked for the report; the SYSTEM user for scheduled work';
comment on column public.report_metadata.access_level is 'Widest circle that may read: organization, branch, department or manager';
comment on column public.report_metadata.visibility_scope is 'Finer rules: roles, departments and branches that may read';
comment on column public.report_metadata.llm_tokens_used is 'Tokens of prompt and answer together; 0 with the embedded narrator';
comment on column public.report_metadata.llm_cost_usd is 'Cost of the model calls, US dollars';
comment on column public.report_metadata.processing_queue_time_ms is 'From insertion or scheduled_for to the claim, milliseconds';
comment on column public.report_metadata.created_at is 'When the row was inserted';
comment on column public.report_metadata.updated_at is 'When the row last changed';
comment on column public.report_metadata.deleted_at is 'Soft deletion by an application; null = live';

create table public.report_versions (
  id                    uuid          primary key default gen_random_uuid(),
  report_id             varchar(255)  not null,
  employee_id           uuid          not null,
  report_type           varchar(50)   not null,
  version               integer       not null,
  version_name          varchar(100),
  quarter_year          integer,
  quarter_number        integer,
  mongodb_document_id   varchar(255)  not null,
  content_hash          varchar(64),
  generated_at          timestamptz   not null,
  generated_by          uuid          not null,
  generation_trigger    varchar(50)   not null,
  changes_from_previous jsonb,
  change_summary        text,
  significant_changes   boolean       default false,
  score_change          decimal(5, 2),
  key_differences       text[],
  created_at            timestamptz   not null default current_timestamp,
  archived_at           timestamptz,
  constraint fk_version_employee foreign key (employee_id) references public.employees (id),
  constraint fk_version_created_by foreign key (generated_by) references public.users (id),
  constraint fk_version_report foreign key (report_id) references public.report_metadata (report_id)
    deferrable initially deferred,
  constraint check_version_quarter check (quarter_number between 1 and 4),
  constraint check_generation_trigger
    check (generation_trigger in ('manual', 'scheduled', 'harmonic_update', 'data_change')),
  constraint unique_employee_type_version unique (employee_id, report_type, version)
);

create index idx_report_versions_report on public.report_versions (report_id);
create index idx_report_versions_employee on public.report_versions (employee_id, report_type, version desc);
create index idx_report_versions_quarter on public.report_versions (quarter_year, quarter_number);
create index idx_report_versions_generated on public.report_versions (generated_at desc);

comment on table public.report_versions is 'History of reports and what changed between versions. Written by Orrery, never updated but for archived_at.';
comment on column public.report_versions.id is 'Identifier of the row';
comment on column public.report_versions.report_id is 'report_metadata.report_id of this version';
comment on column public.report_versions.employee_id is 'Employee whom the report is about';
comment on column public.report_versions.report_type is 'One of the eight report types';
comment on column public.report_versions.version is 'Same number as in report_metadata';
comment on column public.report_versions.version_name is 'Friendly name: title of the type and quarter';
comment on column public.report_versions.quarter_year is 'Calendar year of the quarter that the report is based on';
comment on column public.report_versions.quarter_number is 'Quarter that the report is based on, 1 to 4';
comment on column public.report_versions.mongodb_document_id is '_id of the document in MongoDB collection reports';
comment on column public.report_versions.content_hash is 'SHA-256 of the content, lower case hexadecimal; equal hash = equal text';
comment on column public.report_versions.generated_at is 'When the report was published';
comment on column public.report_versions.generated_by is 'User who asked for it; the SYSTEM user for scheduled work';
comment on column public.report_versions.generation_trigger is 'manual, scheduled, harmonic_update or data_change';
comment on column public.report_versions.changes_from_previous is 'Structured differences to the version before; null on version 1';
comment on column public.report_versions.change_summary is 'The differences in one sentence';
comment on column public.report_versions.significant_changes is 'True when the score or a section changed enough to tell a reader';
comment on column public.report_versions.score_change is 'Overall score minus that of the version before, points of 100';
comment on column public.report_versions.key_differences is 'Scores that moved, largest movement first, in words';
comment on column public.report_versions.created_at is 'When the row was inserted';
comment on column public.report_versions.archived_at is 'When retention archived the document; null = live';

create table public.report_scores (
  id                  uuid          primary key default gen_random_uuid(),
  report_id           varchar(255)  not null,
  employee_id         uuid          not null,
  report_type         varchar(50)   not null,
  version             integer       not null,
  overall_score       decimal(5, 2) not null,
  confidence_level    decimal(3, 2),
  personality_score   decimal(5, 2),
  behavior_score      decimal(5, 2),
  compatibility_score decimal(5, 2),
  potential_score     decimal(5, 2),
  dimension_scores    jsonb,
  factor_weights      jsonb,
  percentile_rank     decimal(5, 2),
  department_average  decimal(5, 2),
  company_average     decimal(5, 2),
  industry_average    decimal(5, 2),
  score_trend         varchar(20),
  previous_score      decimal(5, 2),
  score_change        decimal(5, 2),
  calculated_at       timestamptz   not null,
  calculation_method  varchar(50),
  created_at          timestamptz   not null default current_timestamp,
  constraint fk_scores_employee foreign key (employee_id) references public.employees (id),
  constraint fk_scores_report foreign key (report_id) references public.report_metadata (report_id)
    deferrable initially deferred,
  constraint check_overall_score check (overall_score between 0 and 100),
  constraint check_confidence check (confidence_level between 0 and 1),
  constraint check_score_trend check (score_trend in ('improving', 'stable', 'declining')),
  constraint report_scores_report unique (report_id)
);

create index idx_scores_report on public.report_scores (report_id);
create index idx_scores_employee on public.report_scores (employee_id, report_type, version desc);
create index idx_scores_type_score on public.report_scores (report_type, overall_score desc);
create index idx_scores_dimension on public.report_scores using gin (dimension_scores);

comment on table public.report_scores is 'Advisory scores of a report, computed by code. Written by Orrery; the four benchmarks are refreshed nightly.';
comment on column public.report_scores.id is 'Identifier of the row';
comment on column public.report_scores.report_id is 'report_metadata.report_id; one row of scores per report';
comment on column public.report_scores.employee_id is 'Employee whom the report is about';
comment on column public.report_scores.report_type is 'One of the eight report types';
comment on column public.report_scores.version is 'Same number as in report_metadata';
comment on column public.report_scores.overall_score is 'Points from 0 to 100';
comment on column public.report_scores.confidence_level is 'How complete the input was, 0 to 1';
comment on column public.report_scores.personality_score is 'Points from 0 to 100; null = not part of this report type';
comment on column public.report_scores.behavior_score is 'Points from 0 to 100; null = not part of this report type';
comment on column public.report_scores.compatibility_score is 'Points from 0 to 100; null = not part of this report type';
comment on column public.report_scores.potential_score is 'Points from 0 to 100; null = not part of this report type';
comment on column public.report_scores.dimension_scores is 'Points from 0 to 100 by name of the dimension';
comment on column public.report_scores.factor_weights is 'Weight of each factor in overall_score; the weights sum to 1';
comment on column public.report_scores.percentile_rank is 'Share of employees of the same type of report with a lower score, percent';
comment on column public.report_scores.department_average is 'Average of the department for this report type, points';
comment on column public.report_scores.company_average is 'Average of the organization for this report type, points';
comment on column public.report_scores.industry_average is 'Average of the industry for this report type, points';
comment on column public.report_scores.score_trend is 'improving, stable or declining against the version before';
comment on column public.report_scores.previous_score is 'overall_score of the version before; null on version 1';
comment on column public.report_scores.score_change is 'overall_score minus previous_score, points';
comment on column public.report_scores.calculated_at is 'When the scores were computed';
comment on column public.report_scores.calculation_method is 'Name and version of the method';
comment on column public.report_scores.created_at is 'When the row was inserted';
