-- The daemon's own state. Applications need no rights here: their inserts reach it through triggers.
set local lock_timeout = '5s';

create schema orrery;
comment on schema orrery is 'State of the Orrery daemon: dispatch rows, leases, workers, results, notices';

create sequence orrery.lease_token as bigint;
comment on sequence orrery.lease_token is 'Fencing tokens: one for each claim, only rising, never reused';

create table orrery.dispatch (
  queue text not null check (queue in ('report', 'entity', 'quarter', 'calculation')),
  job_id uuid not null,
  organization_id text not null,
  priority integer not null,
  run_at timestamptz not null,
  enqueued_at timestamptz not null,
  state text not null check (state in ('ready', 'waiting', 'leased')),
  attempts integer not null default 0,
  crashes integer not null default 0,
  snoozes integer not null default 0,
  token bigint,
  worker_id text,
  leased_at timestamptz,
  heartbeat_at timestamptz,
  lease_expires_at timestamptz,
  last_code text,
  primary key (queue, job_id),
  constraint leased_has_token check (state <> 'leased' or (token is not null and lease_expires_at is not null))
) with (fillfactor = 70, autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 500);
comment on table orrery.dispatch is 'One row for each row of the applications'' queues that still has to run or runs; gone when the row has ended';
comment on column orrery.dispatch.queue is 'Which of the four queues';
comment on column orrery.dispatch.job_id is 'Primary key of the application''s row';
comment on column orrery.dispatch.organization_id is 'Tenant, for fairness; empty when unknown';
comment on column orrery.dispatch.priority is '1 to 10, 10 is the most urgent';
comment on column orrery.dispatch.run_at is 'Not before: scheduled_for of the row, or the end of a back-off or snooze';
comment on column orrery.dispatch.enqueued_at is 'When the application made the row; older goes first';
comment on column orrery.dispatch.state is 'ready: may be claimed; waiting: for a dependency; leased: a worker has it';
comment on column orrery.dispatch.attempts is 'Attempts that counted (snoozes, shutdowns and deaths of a worker do not)';
comment on column orrery.dispatch.crashes is 'Workers that died while they had this row';
comment on column orrery.dispatch.snoozes is 'Times the row was put off without burning an attempt';
comment on column orrery.dispatch.token is 'Fencing token of the lease; every write of the worker names it';
comment on column orrery.dispatch.worker_id is 'Worker that has the lease';
comment on column orrery.dispatch.leased_at is 'When the lease began';
comment on column orrery.dispatch.heartbeat_at is 'Last sign of life, by the clock of this database';
comment on column orrery.dispatch.lease_expires_at is 'When the row may be rescued';
comment on column orrery.dispatch.last_code is 'Code of the last error';
create index dispatch_ready on orrery.dispatch (queue, organization_id, priority desc, enqueued_at, run_at) where state = 'ready';
create index dispatch_leased on orrery.dispatch (queue, organization_id, lease_expires_at) where state = 'leased';
create index dispatch_waiting on orrery.dispatch (queue, job_id) where state = 'waiting';

create table orrery.dependency (
  parent uuid not null,
  child uuid not null,
  kind text not null check (kind in ('depends_on', 'blocks')),
  primary key (parent, child, kind)
);
comment on table orrery.dependency is 'Open edges between rows of report_generation_queue: the child waits until the parent has completed; an edge is gone when it no longer holds anybody up';
comment on column orrery.dependency.parent is 'Row that must complete first';
comment on column orrery.dependency.child is 'Row that waits; may not exist yet';
comment on column orrery.dependency.kind is 'depends_on: named by the child; blocks: named by the parent in blocks_queue_ids';
create index dependency_child on orrery.dependency (child);

create table orrery.worker (
  worker_id text primary key,
  host text not null,
  pid integer not null,
  version text not null,
  started_at timestamptz not null default now(),
  last_seen_at timestamptz not null default now(),
  state text not null default 'running' check (state in ('running', 'draining', 'stopped'))
);
comment on table orrery.worker is 'Worker processes, for the operator; leases and not this table decide who may write';
comment on column orrery.worker.worker_id is 'host:pid:random, unique for each start';
comment on column orrery.worker.host is 'Host name';
comment on column orrery.worker.pid is 'Process id';
comment on column orrery.worker.version is 'Version of the daemon';
comment on column orrery.worker.started_at is 'Start of the process';
comment on column orrery.worker.last_seen_at is 'Last heartbeat';
comment on column orrery.worker.state is 'running, draining or stopped; a dead worker stays running with an old last_seen_at';

create table orrery.organization_policy (
  organization_id text primary key,
  weight integer not null default 1 check (weight > 0),
  max_in_flight integer check (max_in_flight >= 0),
  paused boolean not null default false,
  note text
);
comment on table orrery.organization_policy is 'Fairness between tenants; no row means weight 1, no cap, not paused';
comment on column orrery.organization_policy.organization_id is 'Tenant';
comment on column orrery.organization_policy.weight is 'Share of the slots in relation to other tenants';
comment on column orrery.organization_policy.max_in_flight is 'Most rows of this tenant that run at once, for each queue; null: no cap';
comment on column orrery.organization_policy.paused is 'Claim nothing of this tenant';
comment on column orrery.organization_policy.note is 'Why, by whom';

create table orrery.quarantine (
  queue text not null,
  job_id uuid not null,
  crashes integer not null,
  evidence jsonb not null,
  quarantined_at timestamptz not null default now(),
  released_at timestamptz,
  primary key (queue, job_id)
);
comment on table orrery.quarantine is 'Rows that killed their worker again and again; they are failed until an operator releases them';
comment on column orrery.quarantine.queue is 'Which queue';
comment on column orrery.quarantine.job_id is 'Primary key of the application''s row';
comment on column orrery.quarantine.crashes is 'Deaths counted';
comment on column orrery.quarantine.evidence is 'Worker, lease and heartbeat of the last death';
comment on column orrery.quarantine.quarantined_at is 'When';
comment on column orrery.quarantine.released_at is 'When an operator let it run again';

create table orrery.report_slot (
  queue_id uuid primary key,
  employee_id uuid not null,
  report_type text not null,
  version integer not null,
  reserved_at timestamptz not null default now(),
  unique (employee_id, report_type, version)
);
comment on table orrery.report_slot is 'Version number that a queue row will publish under: reserved once, so a retry writes the same documents';
comment on column orrery.report_slot.queue_id is 'Row of report_generation_queue';
comment on column orrery.report_slot.employee_id is 'Person';
comment on column orrery.report_slot.report_type is 'Report type';
comment on column orrery.report_slot.version is 'Version number';
comment on column orrery.report_slot.reserved_at is 'When';

create table orrery.result (
  queue text not null,
  job_id uuid not null,
  output jsonb not null,
  finished_at timestamptz not null default now(),
  primary key (queue, job_id)
);
comment on table orrery.result is 'What a completed row made: the link from a queue row to its report or documents';
comment on column orrery.result.queue is 'Which queue';
comment on column orrery.result.job_id is 'Primary key of the application''s row';
comment on column orrery.result.output is 'Ids of what was written, such as {"report_id": ...}';
comment on column orrery.result.finished_at is 'When';

create table orrery.outbox (
  id bigint generated always as identity primary key,
  topic text not null,
  payload jsonb not null,
  created_at timestamptz not null default now(),
  delivered_at timestamptz
);
comment on table orrery.outbox is 'Events written in the transaction of what they tell of; ids and counts, no personal data';
comment on column orrery.outbox.id is 'Order of the events';
comment on column orrery.outbox.topic is 'report.completed, report.failed, quarter.completed, ...';
comment on column orrery.outbox.payload is 'Ids of what happened';
comment on column orrery.outbox.created_at is 'When';
comment on column orrery.outbox.delivered_at is 'When it was passed on; null while open';
create index outbox_open on orrery.outbox (id) where delivered_at is null;

create table orrery.finding (
  id bigint generated always as identity primary key,
  kind text not null,
  subject text not null,
  detail jsonb not null,
  found_at timestamptz not null default now(),
  resolved_at timestamptz,
  unique (kind, subject)
);
comment on table orrery.finding is 'What the reconciler found between the two stores, and when it was put right';
comment on column orrery.finding.id is 'Order of discovery';
comment on column orrery.finding.kind is 'What was found, such as orphan_document';
comment on column orrery.finding.subject is 'Id of what it is about';
comment on column orrery.finding.detail is 'What was seen and done';
comment on column orrery.finding.found_at is 'When';
comment on column orrery.finding.resolved_at is 'When it was put right; null while open';
