-- The queue of reports to write, into which applications insert, and the errors met on the way.
-- The queue has exactly the documents' columns in their order, so that every INSERT and COPY that the documents
-- allow works; leases and tokens stand in Orrery's own schema.

set local lock_timeout = '5s';

create table public.report_generation_queue (
  id                  uuid         primary key default gen_random_uuid(),
  employee_id         uuid         not null,
  report_type         varchar(50)  not null,
  priority            integer      not null default 5,
  status              varchar(20)  not null default 'pending',
  queue_position      integer,
  scheduled_for       timestamptz,
  started_at          timestamptz,
  completed_at        timestamptz,
  worker_id           varchar(100),
  attempt_count       integer      default 0,
  max_attempts        integer      default 3,
  last_error          text,
  requested_by        uuid         not null,
  request_reason      varchar(100),
  request_metadata    jsonb,
  depends_on_queue_id uuid,
  blocks_queue_ids    uuid[],
  created_at          timestamptz  not null default current_timestamp,
  updated_at          timestamptz  not null default current_timestamp,
  constraint fk_queue_employee foreign key (employee_id) references public.employees (id),
  constraint fk_queue_requested_by foreign key (requested_by) references public.users (id),
  constraint fk_queue_depends_on foreign key (depends_on_queue_id)
    references public.report_generation_queue (id),
  constraint check_queue_status check (status in ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  constraint check_priority check (priority between 1 and 10)
)
-- Every row is updated at least twice, so vacuum must come before a fifth of the table is dead.
with (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02);

create index idx_queue_status_priority on public.report_generation_queue (status, priority desc, created_at)
  where status in ('pending', 'processing');
create index idx_queue_employee on public.report_generation_queue (employee_id, status);
create index idx_queue_scheduled on public.report_generation_queue (scheduled_for)
  where status = 'pending' and scheduled_for is not null;
create index idx_queue_worker on public.report_generation_queue (worker_id, status);
create index idx_queue_depends_on on public.report_generation_queue (depends_on_queue_id)
  where depends_on_queue_id is not null;
-- Rows that block others are few; this finds them without an index over every array element.
create index idx_queue_blockers on public.report_generation_queue (id)
  where blocks_queue_ids is not null and status <> 'completed';

comment on table public.report_generation_queue is 'Reports to write. Applications insert rows; Orrery claims them and writes the columns said below.';
comment on column public.report_generation_queue.id is 'Identifier of the job';
comment on column public.report_generation_queue.employee_id is 'Employee whom the report is about';
comment on column public.report_generation_queue.report_type is 'One of the eight report types; an unknown one fails the job with report.type_unknown';
comment on column public.report_generation_queue.priority is '1 to 10, higher is more urgent';
comment on column public.report_generation_queue.status is 'pending, processing, completed, failed or cancelled. Orrery writes it; applications may cancel, or put a failed row back to pending';
comment on column public.report_generation_queue.queue_position is 'For applications to show; Orrery neither reads nor writes it';
comment on column public.report_generation_queue.scheduled_for is 'Not before this time; null = at once. Written by applications only';
comment on column public.report_generation_queue.started_at is 'When the present or last attempt began. Written by Orrery';
comment on column public.report_generation_queue.completed_at is 'When the job completed or failed for good. Written by Orrery';
comment on column public.report_generation_queue.worker_id is 'Worker of the present or last attempt. Written by Orrery';
comment on column public.report_generation_queue.attempt_count is 'Attempts so far, for people to read; null counts as 0. Written by Orrery';
comment on column public.report_generation_queue.max_attempts is 'Attempts before the job fails for good; null counts as 3';
comment on column public.report_generation_queue.last_error is 'Message of the last failed attempt. Written by Orrery';
comment on column public.report_generation_queue.requested_by is 'User who asks; the SYSTEM user for scheduled work';
comment on column public.report_generation_queue.request_reason is 'new_employee, quarterly_update, manual_request or data_correction';
comment on column public.report_generation_queue.request_metadata is 'Whatever the application keeps with the request; rows of a quarter carry schedule_id';
comment on column public.report_generation_queue.depends_on_queue_id is 'Job that must complete first; when it fails or is cancelled, this one fails with dependency.failed';
comment on column public.report_generation_queue.blocks_queue_ids is 'Jobs that wait for this one, as if they depended on it; unknown identifiers are ignored';
comment on column public.report_generation_queue.created_at is 'When the application inserted the row';
comment on column public.report_generation_queue.updated_at is 'When the row last changed';

-- Partitioned by month of occurred_at, so the key of the partition is part of the primary key.
create table public.report_generation_errors (
  id               uuid        not null default gen_random_uuid(),
  queue_id         uuid,
  employee_id      uuid        not null,
  report_type      varchar(50) not null,
  error_type       varchar(50) not null,
  error_code       varchar(64),
  error_message    text        not null,
  error_stack      text,
  processing_stage varchar(50),
  input_data       jsonb,
  retry_attempted  boolean     default false,
  retry_successful boolean,
  resolved_at      timestamptz,
  resolution_notes text,
  occurred_at      timestamptz not null default current_timestamp,
  primary key (id, occurred_at),
  -- A finished job may be purged; its errors stay.
  constraint fk_error_queue foreign key (queue_id) references public.report_generation_queue (id)
    on delete set null,
  constraint fk_error_employee foreign key (employee_id) references public.employees (id)
)
partition by range (occurred_at);

create index idx_errors_employee on public.report_generation_errors (employee_id, occurred_at desc);
create index idx_errors_type on public.report_generation_errors (error_type, occurred_at desc);
create index idx_errors_unresolved on public.report_generation_errors (occurred_at desc)
  where resolved_at is null;
create index idx_errors_queue on public.report_generation_errors (queue_id);

comment on table public.report_generation_errors is 'Every failed attempt of a report. Written by Orrery; people may resolve. Partitioned by month.';
comment on column public.report_generation_errors.id is 'Identifier of the error';
comment on column public.report_generation_errors.queue_id is 'Job that failed; null when it was purged';
comment on column public.report_generation_errors.employee_id is 'Employee whom the report is about';
comment on column public.report_generation_errors.report_type is 'Report type as it stood in the queue';
comment on column public.report_generation_errors.error_type is 'Stable dotted code, for example llm.rate_limited or data.employee_missing';
comment on column public.report_generation_errors.error_code is 'What follows from the error: retry or permanent';
comment on column public.report_generation_errors.error_message is 'Message with its causes';
comment on column public.report_generation_errors.error_stack is 'Causes below the error, one a line; null when there are none';
comment on column public.report_generation_errors.processing_stage is 'data_collection, calculation, ai_analysis, compilation, publication or dependency';
comment on column public.report_generation_errors.input_data is 'Identifiers that the stage worked on; no personal data';
comment on column public.report_generation_errors.retry_attempted is 'True when the row was put back to run again';
comment on column public.report_generation_errors.retry_successful is 'Whether a later attempt completed; null = not known yet';
comment on column public.report_generation_errors.resolved_at is 'When a later attempt completed or a person resolved it; null = open';
comment on column public.report_generation_errors.resolution_notes is 'How it was resolved';
comment on column public.report_generation_errors.occurred_at is 'When the attempt failed; key of the partition';
