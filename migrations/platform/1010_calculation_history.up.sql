-- What was calculated, by whom and how fast: audit by month, metrics by week, and the documents' table of schema
-- migrations. The partition keys are part of the primary keys and not null.

set local lock_timeout = '5s';

create table calc.calculation_audit_log (
  id              uuid         not null default gen_random_uuid(),
  job_id          uuid         references calc.calculation_jobs (id) on delete set null,
  event_type      varchar(50)  not null,
  event_timestamp timestamptz  not null default current_timestamp,
  entity_type     varchar(50),
  entity_id       varchar(100),
  organization_id varchar(100),
  user_id         varchar(100),
  user_role       varchar(50),
  user_ip_address inet,
  before_state    jsonb,
  after_state     jsonb,
  changes_summary text,
  service_name    varchar(100),
  service_version varchar(20),
  server_instance varchar(100),
  request_id      varchar(100),
  metadata        jsonb,
  created_at      timestamptz  default current_timestamp,
  primary key (id, event_timestamp)
)
partition by range (event_timestamp);

create index idx_audit_log_job on calc.calculation_audit_log (job_id);
create index idx_audit_log_entity on calc.calculation_audit_log (entity_type, entity_id, event_timestamp desc);
create index idx_audit_log_org on calc.calculation_audit_log (organization_id, event_timestamp desc);
create index idx_audit_log_event on calc.calculation_audit_log (event_type, event_timestamp desc);
create index idx_audit_log_user on calc.calculation_audit_log (user_id, event_timestamp desc);
create index idx_audit_log_timestamp on calc.calculation_audit_log (event_timestamp desc);

comment on table calc.calculation_audit_log is 'Audit trail of calculations. Written by Orrery, never updated. Partitioned by month.';
comment on column calc.calculation_audit_log.id is 'Identifier of the event';
comment on column calc.calculation_audit_log.job_id is 'Calculation job; null = none, or purged';
comment on column calc.calculation_audit_log.event_type is 'job_created, job_started, job_completed, job_failed or data_modified';
comment on column calc.calculation_audit_log.event_timestamp is 'When it happened; key of the partition';
comment on column calc.calculation_audit_log.entity_type is 'employee, candidate or company';
comment on column calc.calculation_audit_log.entity_id is 'UUID of the entity as text';
comment on column calc.calculation_audit_log.organization_id is 'UUID of the organization as text';
comment on column calc.calculation_audit_log.user_id is 'UUID of the user as text, or system';
comment on column calc.calculation_audit_log.user_role is 'Role of the user at that time';
comment on column calc.calculation_audit_log.user_ip_address is 'Address of the user where an application gave it; personal data';
comment on column calc.calculation_audit_log.before_state is 'Values before; no birth data';
comment on column calc.calculation_audit_log.after_state is 'Values after; no birth data';
comment on column calc.calculation_audit_log.changes_summary is 'The change in one sentence';
comment on column calc.calculation_audit_log.service_name is 'Program that wrote the event, for example orrery';
comment on column calc.calculation_audit_log.service_version is 'Its version';
comment on column calc.calculation_audit_log.server_instance is 'Its instance: the worker identifier';
comment on column calc.calculation_audit_log.request_id is 'Trace or request identifier';
comment on column calc.calculation_audit_log.metadata is 'Whatever else helps to understand the event';
comment on column calc.calculation_audit_log.created_at is 'When the row was inserted';

create table calc.performance_metrics (
  id                uuid           not null default gen_random_uuid(),
  metric_type       varchar(50)    not null,
  metric_category   varchar(50)    not null,
  period_start      timestamptz    not null,
  period_end        timestamptz    not null,
  granularity       varchar(20)    not null,
  metric_value      decimal(12, 4) not null,
  metric_unit       varchar(20),
  min_value         decimal(12, 4),
  max_value         decimal(12, 4),
  avg_value         decimal(12, 4),
  median_value      decimal(12, 4),
  percentile_95     decimal(12, 4),
  percentile_99     decimal(12, 4),
  sample_count      integer,
  organization_id   varchar(100),
  algorithm_version varchar(20),
  tags              jsonb,
  notes             text,
  created_at        timestamptz    default current_timestamp,
  primary key (id, period_start),
  constraint check_metric_granularity check (granularity in ('minute', 'hour', 'day', 'week')),
  constraint check_metric_period check (period_end > period_start)
)
partition by range (period_start);

create index idx_metrics_type_time
  on calc.performance_metrics (metric_type, metric_category, period_start desc);
create index idx_metrics_period on calc.performance_metrics (period_start, period_end);
create index idx_metrics_org on calc.performance_metrics (organization_id, metric_type, period_start desc);
create index idx_metrics_version on calc.performance_metrics (algorithm_version, metric_type);
-- A second roll-up of the same period updates its row and adds none.
create unique index performance_metrics_key on calc.performance_metrics
  (metric_type, metric_category, granularity, period_start, organization_id, algorithm_version)
  nulls not distinct;

comment on table calc.performance_metrics is 'Speed and errors of the engine, rolled up. Written by Orrery. Partitioned by week.';
comment on column calc.performance_metrics.id is 'Identifier of the row';
comment on column calc.performance_metrics.metric_type is 'calculation_time, api_latency, batch_throughput or error_rate';
comment on column calc.performance_metrics.metric_category is 'birth_chart, harmonic_code, compatibility, energy_pattern or system';
comment on column calc.performance_metrics.period_start is 'Begin of the period, included; key of the partition';
comment on column calc.performance_metrics.period_end is 'End of the period, not included';
comment on column calc.performance_metrics.granularity is 'minute, hour, day or week';
comment on column calc.performance_metrics.metric_value is 'Value of the period in metric_unit';
comment on column calc.performance_metrics.metric_unit is 'ms, count, percentage or mb';
comment on column calc.performance_metrics.min_value is 'Smallest sample, in metric_unit';
comment on column calc.performance_metrics.max_value is 'Largest sample, in metric_unit';
comment on column calc.performance_metrics.avg_value is 'Mean of the samples, in metric_unit';
comment on column calc.performance_metrics.median_value is 'Median of the samples, in metric_unit';
comment on column calc.performance_metrics.percentile_95 is '95th percentile of the samples, in metric_unit';
comment on column calc.performance_metrics.percentile_99 is '99th percentile of the samples, in metric_unit';
comment on column calc.performance_metrics.sample_count is 'Number of samples';
comment on column calc.performance_metrics.organization_id is 'UUID of the organization as text; null = all';
comment on column calc.performance_metrics.algorithm_version is 'Version of the algorithm; null = all';
comment on column calc.performance_metrics.tags is 'Further dimensions';
comment on column calc.performance_metrics.notes is 'Notes of people';
comment on column calc.performance_metrics.created_at is 'When the row was inserted';

-- In schema calc, so that it cannot meet another tool's table of the same name. Orrery keeps its own migrations
-- elsewhere; this one is for the scripts of the platform.
create table calc.schema_migrations (
  id                serial       primary key,
  version           varchar(20)  not null unique,
  description       text         not null,
  migration_type    varchar(20),
  applied_at        timestamptz  default current_timestamp,
  applied_by        varchar(100),
  execution_time_ms integer,
  rollback_script   text,
  constraint check_migration_type check (migration_type in ('schema', 'data', 'index'))
);

comment on table calc.schema_migrations is 'Migrations of the platform''s own scripts. Written by them; Orrery neither reads nor writes it.';
comment on column calc.schema_migrations.id is 'Identifier of the row';
comment on column calc.schema_migrations.version is 'Version of the migration';
comment on column calc.schema_migrations.description is 'What it does';
comment on column calc.schema_migrations.migration_type is 'schema, data or index';
comment on column calc.schema_migrations.applied_at is 'When it was applied';
comment on column calc.schema_migrations.applied_by is 'Who applied it';
comment on column calc.schema_migrations.execution_time_ms is 'How long it took, milliseconds';
comment on column calc.schema_migrations.rollback_script is 'SQL that takes it back';
