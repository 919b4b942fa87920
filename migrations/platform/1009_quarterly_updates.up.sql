-- The quarterly update: one schedule row per quarter, one queue row per entity to recalculate.

set local lock_timeout = '5s';

create table calc.quarterly_update_schedule (
  id                   uuid         primary key default gen_random_uuid(),
  quarter              varchar(2)   not null,
  year                 integer      not null,
  scheduled_date       date         not null,
  execution_start_time time         not null,
  execution_end_time   time         not null,
  batch_size           integer      default 100,
  total_entities       integer,
  processed_entities   integer      default 0,
  failed_entities      integer      default 0,
  status               varchar(20)  not null default 'scheduled',
  started_at           timestamptz,
  completed_at         timestamptz,
  estimated_completion timestamptz,
  error_summary        jsonb,
  created_by           varchar(100) default 'system',
  notes                text,
  created_at           timestamptz  default current_timestamp,
  updated_at           timestamptz  default current_timestamp,
  constraint check_schedule_quarter check (quarter in ('Q1', 'Q2', 'Q3', 'Q4')),
  constraint check_schedule_year check (year between 2000 and 2200),
  constraint check_schedule_window check (execution_start_time <> execution_end_time),
  constraint check_schedule_batch_size check (batch_size > 0),
  constraint check_schedule_status
    check (status in ('scheduled', 'in_progress', 'completed', 'failed', 'cancelled')),
  constraint unique_quarter_year unique (quarter, year)
);

create index idx_quarterly_schedule_date on calc.quarterly_update_schedule (scheduled_date, status);
create index idx_quarterly_schedule_status on calc.quarterly_update_schedule (status, year desc, quarter desc);

comment on table calc.quarterly_update_schedule is 'Quarters to run. Inserted by applications; progress written by Orrery.';
comment on column calc.quarterly_update_schedule.id is 'Identifier of the run';
comment on column calc.quarterly_update_schedule.quarter is 'Q1 to Q4, calendar quarter';
comment on column calc.quarterly_update_schedule.year is 'Calendar year';
comment on column calc.quarterly_update_schedule.scheduled_date is 'UTC date from which the run may begin';
comment on column calc.quarterly_update_schedule.execution_start_time is 'Time of day in UTC at which work may begin';
comment on column calc.quarterly_update_schedule.execution_end_time is 'Time of day in UTC at which work pauses until the next day; before the start = the window crosses midnight';
comment on column calc.quarterly_update_schedule.batch_size is 'Entities per batch; null counts as 100';
comment on column calc.quarterly_update_schedule.total_entities is 'Entities of this run; null until the run was expanded. Written by Orrery';
comment on column calc.quarterly_update_schedule.processed_entities is 'Entities completed or skipped, counted from the queue. Written by Orrery';
comment on column calc.quarterly_update_schedule.failed_entities is 'Entities failed for good, counted from the queue. Written by Orrery';
comment on column calc.quarterly_update_schedule.status is 'scheduled, in_progress, completed, failed or cancelled';
comment on column calc.quarterly_update_schedule.started_at is 'When the run began. Written by Orrery';
comment on column calc.quarterly_update_schedule.completed_at is 'When the last entity ended. Written by Orrery';
comment on column calc.quarterly_update_schedule.estimated_completion is 'Forecast from the pace so far, windows counted. Written by Orrery';
comment on column calc.quarterly_update_schedule.error_summary is 'Number of failures by code, with an example of each. Written by Orrery';
comment on column calc.quarterly_update_schedule.created_by is 'UUID of the user as text, or system';
comment on column calc.quarterly_update_schedule.notes is 'Notes of people';
comment on column calc.quarterly_update_schedule.created_at is 'When the row was inserted';
comment on column calc.quarterly_update_schedule.updated_at is 'When the row last changed';

create table calc.entity_update_queue (
  id                        uuid         primary key default gen_random_uuid(),
  schedule_id               uuid         references calc.quarterly_update_schedule (id) on delete cascade,
  entity_type               varchar(50)  not null,
  entity_id                 varchar(100) not null,
  organization_id           varchar(100) not null,
  subscription_active       boolean      not null,
  subscription_tier         varchar(50),
  queue_status              varchar(20)  not null default 'queued',
  priority                  integer      default 5,
  -- Old calculation jobs are purged before the queue rows that mention them.
  birth_chart_job_id        uuid         references calc.calculation_jobs (id) on delete set null,
  harmonic_code_job_id      uuid         references calc.calculation_jobs (id) on delete set null,
  compatibility_jobs        jsonb,
  queued_at                 timestamptz  default current_timestamp,
  started_at                timestamptz,
  completed_at              timestamptz,
  error_message             text,
  retry_count               integer      default 0,
  previous_harmonic_code    varchar(100),
  previous_energy_signature varchar(100),
  updated_at                timestamptz  default current_timestamp,
  constraint check_entity_type check (entity_type in ('employee', 'candidate', 'company')),
  -- The word pending of the report queue would be accepted and never run.
  constraint check_entity_queue_status
    check (queue_status in ('queued', 'processing', 'completed', 'failed', 'skipped')),
  constraint unique_entity_schedule unique (schedule_id, entity_type, entity_id)
)
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index idx_entity_queue_schedule on calc.entity_update_queue (schedule_id, queue_status);
create index idx_entity_queue_entity on calc.entity_update_queue (entity_type, entity_id);
-- Without nulls last a row of no priority would come before every urgent one.
create index idx_entity_queue_status
  on calc.entity_update_queue (queue_status, priority desc nulls last, queued_at);
create index idx_entity_queue_org on calc.entity_update_queue (organization_id, subscription_active);
create index idx_entity_queue_chart_job on calc.entity_update_queue (birth_chart_job_id)
  where birth_chart_job_id is not null;
create index idx_entity_queue_code_job on calc.entity_update_queue (harmonic_code_job_id)
  where harmonic_code_job_id is not null;

comment on table calc.entity_update_queue is 'Entities to recalculate. Inserted by a quarterly run and by applications; claimed and finished by Orrery.';
comment on column calc.entity_update_queue.id is 'Identifier of the job';
comment on column calc.entity_update_queue.schedule_id is 'Quarterly run of the row; null = inserted by an application for itself';
comment on column calc.entity_update_queue.entity_type is 'employee, candidate or company';
comment on column calc.entity_update_queue.entity_id is 'UUID of the entity as text; company = organizations.id';
comment on column calc.entity_update_queue.organization_id is 'UUID of the organization as text';
comment on column calc.entity_update_queue.subscription_active is 'False: the row ends as skipped';
comment on column calc.entity_update_queue.subscription_tier is 'Tier of the organization when the row was inserted';
comment on column calc.entity_update_queue.queue_status is 'queued, processing, completed, failed or skipped; any other word is refused. Written by Orrery; applications may skip';
comment on column calc.entity_update_queue.priority is '1 to 10, higher is more urgent; null counts as 5, what lies outside is clamped';
comment on column calc.entity_update_queue.birth_chart_job_id is 'Calculation job of the chart; null = none, or purged. Written by Orrery';
comment on column calc.entity_update_queue.harmonic_code_job_id is 'Calculation job of the code; null = none, or purged. Written by Orrery';
comment on column calc.entity_update_queue.compatibility_jobs is 'Array of identifiers of the comparison jobs. Written by Orrery';
comment on column calc.entity_update_queue.queued_at is 'When the row was inserted';
comment on column calc.entity_update_queue.started_at is 'When the present or last attempt began. Written by Orrery';
comment on column calc.entity_update_queue.completed_at is 'When the job completed, failed for good or was skipped. Written by Orrery';
comment on column calc.entity_update_queue.error_message is 'Message of the last failed attempt. Written by Orrery';
comment on column calc.entity_update_queue.retry_count is 'Attempts after the first. Written by Orrery';
comment on column calc.entity_update_queue.previous_harmonic_code is 'Version of the code before this update, for example 2026-Q3. Written by Orrery';
comment on column calc.entity_update_queue.previous_energy_signature is 'Energy signature before this update. Written by Orrery';
comment on column calc.entity_update_queue.updated_at is 'When the row last changed';
