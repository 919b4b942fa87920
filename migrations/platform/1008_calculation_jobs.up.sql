-- Calculations: the versions of the algorithms, and every calculation that was asked for or made.
-- Schema calc holds the calculation history; with search_path public, calc, analytics its tables answer to their
-- plain names.

set local lock_timeout = '5s';

do $$
begin
  if to_regnamespace('calc') is null then
    create schema calc;
    comment on schema calc is 'Calculation history: algorithm versions, jobs, quarterly updates, audit and metrics. Created by Orrery.';
  end if;
end
$$;

create table calc.algorithm_versions (
  id                       uuid         primary key default gen_random_uuid(),
  version_number           varchar(20)  not null,
  version_name             varchar(100),
  algorithm_type           varchar(50)  not null,
  changelog                text         not null,
  breaking_changes         text,
  improvements             text,
  bug_fixes                text,
  calculation_method       text,
  dependencies             jsonb,
  configuration            jsonb,
  test_results             jsonb,
  accuracy_metrics         jsonb,
  performance_benchmarks   jsonb,
  status                   varchar(20)  not null,
  deployed_at              timestamptz,
  deprecated_at            timestamptz,
  compatible_with_versions text[],
  migration_required       boolean      default false,
  migration_script         text,
  created_by               varchar(100) not null,
  approved_by              varchar(100),
  approval_date            timestamptz,
  created_at               timestamptz  default current_timestamp,
  updated_at               timestamptz  default current_timestamp,
  constraint check_algorithm_type
    check (algorithm_type in ('birth_chart', 'harmonic_code', 'compatibility', 'energy_pattern')),
  constraint check_algorithm_status
    check (status in ('development', 'testing', 'staging', 'production', 'deprecated')),
  -- The document makes the number alone unique; then only one algorithm could ever have a 1.0.0.
  constraint algorithm_versions_type_version unique (algorithm_type, version_number)
);

create index idx_algorithm_versions_type on calc.algorithm_versions (algorithm_type, version_number desc);
create index idx_algorithm_versions_status on calc.algorithm_versions (status, deployed_at desc);
create unique index algorithm_versions_one_production on calc.algorithm_versions (algorithm_type)
  where status = 'production';

comment on table calc.algorithm_versions is 'Versions of the four algorithms. Written by migrations and operators; Orrery computes with the production one.';
comment on column calc.algorithm_versions.id is 'Identifier of the row';
comment on column calc.algorithm_versions.version_number is 'Semantic version; its text order is not its order';
comment on column calc.algorithm_versions.version_name is 'Friendly name';
comment on column calc.algorithm_versions.algorithm_type is 'birth_chart, harmonic_code, compatibility or energy_pattern';
comment on column calc.algorithm_versions.changelog is 'What this version changed';
comment on column calc.algorithm_versions.breaking_changes is 'What earlier results cannot be compared with';
comment on column calc.algorithm_versions.improvements is 'What became better';
comment on column calc.algorithm_versions.bug_fixes is 'What was wrong before';
comment on column calc.algorithm_versions.calculation_method is 'Method in a sentence';
comment on column calc.algorithm_versions.dependencies is 'Data and other algorithms that it builds on, by name and version';
comment on column calc.algorithm_versions.configuration is 'Parameters that belong to the version';
comment on column calc.algorithm_versions.test_results is 'Outcome of its tests';
comment on column calc.algorithm_versions.accuracy_metrics is 'Measured errors, with units in the key';
comment on column calc.algorithm_versions.performance_benchmarks is 'Measured speed, with units in the key';
comment on column calc.algorithm_versions.status is 'development, testing, staging, production or deprecated; one production version per type';
comment on column calc.algorithm_versions.deployed_at is 'When it went into production';
comment on column calc.algorithm_versions.deprecated_at is 'When it was replaced';
comment on column calc.algorithm_versions.compatible_with_versions is 'Versions whose results may stand beside those of this one';
comment on column calc.algorithm_versions.migration_required is 'True: stored results must be recomputed';
comment on column calc.algorithm_versions.migration_script is 'How they are recomputed';
comment on column calc.algorithm_versions.created_by is 'Who wrote the version';
comment on column calc.algorithm_versions.approved_by is 'Who approved it';
comment on column calc.algorithm_versions.approval_date is 'When it was approved';
comment on column calc.algorithm_versions.created_at is 'When the row was inserted';
comment on column calc.algorithm_versions.updated_at is 'When the row last changed';

insert into calc.algorithm_versions
  (version_number, version_name, algorithm_type, changelog, calculation_method, dependencies, status, deployed_at, created_by)
values
  ('1.0.0', 'First', 'birth_chart', 'First version',
   'Apparent geocentric positions of date from JPL DE440, tropical zodiac, Placidus houses',
   '{"ephemeris": "DE440"}', 'production', current_timestamp, 'orrery'),
  ('1.0.0', 'First', 'harmonic_code', 'First version',
   'Harmonics of the natal positions, moved by the transits of the quarter',
   '{"birth_chart": "1.0.0"}', 'production', current_timestamp, 'orrery'),
  ('1.0.0', 'First', 'compatibility', 'First version',
   'Synastry aspects, elements and house overlays, with the resonance of both codes',
   '{"birth_chart": "1.0.0", "harmonic_code": "1.0.0"}', 'production', current_timestamp, 'orrery'),
  ('1.0.0', 'First', 'energy_pattern', 'First version',
   'Trend, cycle and volatility of the quarterly codes',
   '{"harmonic_code": "1.0.0"}', 'production', current_timestamp, 'orrery');

create table calc.calculation_jobs (
  id                 uuid           primary key default gen_random_uuid(),
  job_type           varchar(50)    not null,
  entity_type        varchar(50)    not null,
  entity_id          varchar(100)   not null,
  organization_id    varchar(100)   not null,
  job_status         varchar(20)    not null default 'pending',
  priority           integer        default 5,
  input_data         jsonb          not null,
  calculation_params jsonb,
  output_collection  varchar(50),
  output_document_id varchar(100),
  started_at         timestamptz,
  completed_at       timestamptz,
  execution_time_ms  integer,
  error_code         varchar(50),
  error_message      text,
  error_stack        text,
  retry_count        integer        default 0,
  max_retries        integer        default 3,
  cpu_time_ms        integer,
  memory_used_mb     decimal(10, 2),
  api_calls_made     integer,
  algorithm_version  varchar(20)    not null,
  engine_version     varchar(20)    not null,
  triggered_by       varchar(100),
  trigger_reason     varchar(100),
  created_at         timestamptz    default current_timestamp,
  updated_at         timestamptz    default current_timestamp,
  constraint check_job_type
    check (job_type in ('birth_chart', 'harmonic_code', 'compatibility', 'energy_pattern')),
  constraint check_job_status
    check (job_status in ('pending', 'in_progress', 'completed', 'failed', 'cancelled')),
  constraint check_job_priority check (priority between 1 and 10),
  constraint fk_calc_algorithm foreign key (job_type, algorithm_version)
    references calc.algorithm_versions (algorithm_type, version_number)
)
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index idx_calculation_jobs_entity on calc.calculation_jobs (entity_type, entity_id);
create index idx_calculation_jobs_org on calc.calculation_jobs (organization_id);
create index idx_calculation_jobs_status on calc.calculation_jobs (job_status, created_at desc);
create index idx_calculation_jobs_type on calc.calculation_jobs (job_type, job_status);
-- The document orders this one by started_at, which is null in every pending row; this is the order of claims.
create index idx_calculation_jobs_scheduled on calc.calculation_jobs (priority desc nulls last, created_at)
  where job_status = 'pending';
create index idx_calculation_jobs_output on calc.calculation_jobs (output_collection, output_document_id);

comment on table calc.calculation_jobs is 'Every calculation. Orrery writes its own; applications may insert pending rows for one chart, code, comparison or pattern.';
comment on column calc.calculation_jobs.id is 'Identifier of the job';
comment on column calc.calculation_jobs.job_type is 'birth_chart, harmonic_code, compatibility or energy_pattern';
comment on column calc.calculation_jobs.entity_type is 'employee, candidate or company';
comment on column calc.calculation_jobs.entity_id is 'UUID of the entity as text; company = organizations.id';
comment on column calc.calculation_jobs.organization_id is 'UUID of the organization as text';
comment on column calc.calculation_jobs.job_status is 'pending, in_progress, completed, failed or cancelled';
comment on column calc.calculation_jobs.priority is '1 to 10, higher is more urgent; null counts as 5';
comment on column calc.calculation_jobs.input_data is 'What the calculation is to work on; {} = what the tables say of the entity';
comment on column calc.calculation_jobs.calculation_params is 'Whatever the application keeps with the row; not read';
comment on column calc.calculation_jobs.output_collection is 'MongoDB collection of the result. Written by Orrery';
comment on column calc.calculation_jobs.output_document_id is '_id of the result. Written by Orrery';
comment on column calc.calculation_jobs.started_at is 'When the present or last attempt began. Written by Orrery';
comment on column calc.calculation_jobs.completed_at is 'When the job completed or failed for good. Written by Orrery';
comment on column calc.calculation_jobs.execution_time_ms is 'Wall clock of the calculation, milliseconds';
comment on column calc.calculation_jobs.error_code is 'Stable dotted code of the last failure';
comment on column calc.calculation_jobs.error_message is 'Message of the last failure';
comment on column calc.calculation_jobs.error_stack is 'Backtrace of a panic; null otherwise';
comment on column calc.calculation_jobs.retry_count is 'Attempts after the first';
comment on column calc.calculation_jobs.max_retries is 'Attempts after the first before the job fails for good; null counts as 3';
comment on column calc.calculation_jobs.cpu_time_ms is 'Processor time, milliseconds; null = not measured';
comment on column calc.calculation_jobs.memory_used_mb is 'Resident memory of the process at the end, MiB; null = not measured';
comment on column calc.calculation_jobs.api_calls_made is 'Calls to other services; the engine itself makes none';
comment on column calc.calculation_jobs.algorithm_version is 'Version of the algorithm of job_type that computes';
comment on column calc.calculation_jobs.engine_version is 'Version of Orrery that computes';
comment on column calc.calculation_jobs.triggered_by is 'UUID of the user as text, or system';
comment on column calc.calculation_jobs.trigger_reason is 'manual, quarterly_update or data_change';
comment on column calc.calculation_jobs.created_at is 'When the row was inserted';
comment on column calc.calculation_jobs.updated_at is 'When the row last changed';
