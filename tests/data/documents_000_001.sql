-- The applications' tables as the two documents give them, and not as Orrery's own migrations make them: everything in
-- schema public, timestamps without time zone, no constraint that the documents leave out. Attaching to such a
-- database must work, so a test loads this file.
--
-- First a small core that the documents refer to without defining it; it belongs to the platform. Then the DDL of
-- both documents word for word, but for one index that PostgreSQL refuses.

-- === Core of the platform ===

create table industries (
  id         uuid primary key default gen_random_uuid(),
  code       varchar(50) not null unique,
  name       varchar(200) not null,
  parameters jsonb not null default '{}',
  created_at timestamp not null default current_timestamp,
  updated_at timestamp not null default current_timestamp
);

create table organizations (
  id                      uuid primary key default gen_random_uuid(),
  name                    varchar(200) not null,
  industry_id             uuid references industries (id),
  timezone                text not null default 'UTC',
  subscription_status     varchar(20) not null default 'TRIAL',
  subscription_tier       varchar(50),
  auto_regenerate_enabled boolean not null default true,
  profile                 jsonb not null default '{}',
  created_at              timestamp not null default current_timestamp,
  updated_at              timestamp not null default current_timestamp,
  deleted_at              timestamp
);

create table branches (
  id              uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id) on delete cascade,
  name            varchar(200) not null,
  city            text,
  country         text,
  timezone        text,
  created_at      timestamp not null default current_timestamp,
  updated_at      timestamp not null default current_timestamp,
  deleted_at      timestamp
);

create table departments (
  id                   uuid primary key default gen_random_uuid(),
  organization_id      uuid not null references organizations (id) on delete cascade,
  branch_id            uuid references branches (id),
  parent_department_id uuid references departments (id),
  name                 varchar(200) not null,
  profile              jsonb not null default '{}',
  created_at           timestamp not null default current_timestamp,
  updated_at           timestamp not null default current_timestamp,
  deleted_at           timestamp
);

create table job_roles (
  id              uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id) on delete cascade,
  department_id   uuid references departments (id),
  title           varchar(200) not null,
  description     text,
  requirements    jsonb not null default '{}',
  created_at      timestamp not null default current_timestamp,
  updated_at      timestamp not null default current_timestamp,
  deleted_at      timestamp
);

create table users (
  id              uuid primary key default gen_random_uuid(),
  organization_id uuid references organizations (id) on delete cascade,
  email           text not null,
  full_name       text,
  role            varchar(20) not null,
  branch_id       uuid references branches (id),
  department_id   uuid references departments (id),
  is_active       boolean not null default true,
  created_at      timestamp not null default current_timestamp,
  updated_at      timestamp not null default current_timestamp,
  deleted_at      timestamp
);

create table employees (
  id              uuid primary key default gen_random_uuid(),
  organization_id uuid not null references organizations (id) on delete cascade,
  branch_id       uuid references branches (id),
  department_id   uuid references departments (id),
  job_role_id     uuid references job_roles (id),
  user_id         uuid references users (id) on delete set null,
  manager_id      uuid references employees (id) on delete set null,
  employee_code   text,
  full_name       text not null,
  email           text,
  hired_on        date,
  left_on         date,
  status          varchar(20) not null default 'active',
  profile         jsonb not null default '{}',
  created_at      timestamp not null default current_timestamp,
  updated_at      timestamp not null default current_timestamp,
  deleted_at      timestamp
);

create table candidates (
  id                uuid primary key default gen_random_uuid(),
  organization_id   uuid not null references organizations (id) on delete cascade,
  job_role_id       uuid references job_roles (id),
  department_id     uuid references departments (id),
  full_name         text not null,
  email             text,
  status            varchar(20) not null default 'open',
  hired_employee_id uuid references employees (id) on delete set null,
  created_at        timestamp not null default current_timestamp,
  updated_at        timestamp not null default current_timestamp,
  deleted_at        timestamp
);

create table entity_birth_data (
  id              uuid primary key default gen_random_uuid(),
  employee_id     uuid unique references employees (id) on delete cascade,
  candidate_id    uuid unique references candidates (id) on delete cascade,
  company_id      uuid unique references organizations (id) on delete cascade,
  organization_id uuid not null references organizations (id) on delete cascade,
  entity_type     text generated always as (
                    case
                      when employee_id is not null then 'employee'
                      when candidate_id is not null then 'candidate'
                      else 'company'
                    end
                  ) stored,
  entity_id       uuid generated always as (coalesce(employee_id, candidate_id, company_id)) stored,
  birth_date      date not null,
  birth_time      time,
  time_accuracy   varchar(12) not null default 'unknown',
  timezone        text,
  latitude        numeric(9, 6),
  longitude       numeric(9, 6),
  city            text,
  country         text,
  location        text,
  source          text,
  consent_at      timestamp,
  created_at      timestamp not null default current_timestamp,
  updated_at      timestamp not null default current_timestamp
);

-- === Document 000: report generation ===

CREATE TABLE report_metadata (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  report_id VARCHAR(255) NOT NULL UNIQUE,  -- Links to MongoDB reports._id
  employee_id UUID NOT NULL,
  organization_id UUID NOT NULL,
  department_id UUID,
  branch_id UUID,

  -- Report Classification
  report_type VARCHAR(50) NOT NULL,
  category VARCHAR(50) NOT NULL,  -- 'personality', 'compatibility', 'training', 'qa'
  version INTEGER NOT NULL DEFAULT 1,
  is_latest BOOLEAN NOT NULL DEFAULT true,

  -- Generation Information
  generation_started_at TIMESTAMP NOT NULL,
  generation_completed_at TIMESTAMP,
  generation_duration_ms INTEGER,
  status VARCHAR(20) NOT NULL,  -- 'queued', 'processing', 'completed', 'failed', 'archived'

  -- Scheduling
  scheduled_regeneration_date DATE,
  auto_regenerate_enabled BOOLEAN DEFAULT true,
  last_regeneration_date TIMESTAMP,
  regeneration_count INTEGER DEFAULT 0,

  -- Access Control
  created_by UUID NOT NULL,
  access_level VARCHAR(20) NOT NULL,  -- 'organization', 'branch', 'department', 'manager'
  visibility_scope JSONB,  -- Flexible visibility rules

  -- Performance Metrics
  llm_tokens_used INTEGER,
  llm_cost_usd DECIMAL(10, 4),
  processing_queue_time_ms INTEGER,

  -- Timestamps
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_employee FOREIGN KEY (employee_id) REFERENCES employees(id),
  CONSTRAINT fk_organization FOREIGN KEY (organization_id) REFERENCES organizations(id),
  CONSTRAINT fk_department FOREIGN KEY (department_id) REFERENCES departments(id),
  CONSTRAINT fk_branch FOREIGN KEY (branch_id) REFERENCES branches(id),
  CONSTRAINT fk_created_by FOREIGN KEY (created_by) REFERENCES users(id),

  -- Constraints
  CONSTRAINT check_status CHECK (status IN ('queued', 'processing', 'completed', 'failed', 'archived')),
  CONSTRAINT check_report_type CHECK (report_type IN (
    'personality_role_specific',
    'behavior_company_specific',
    'compatibility_job_role',
    'compatibility_department',
    'compatibility_company',
    'compatibility_industry',
    'questionnaire_qa',
    'training_development'
  ))
);

-- Indexes
CREATE INDEX idx_report_metadata_employee ON report_metadata(employee_id);
CREATE INDEX idx_report_metadata_organization ON report_metadata(organization_id);
CREATE INDEX idx_report_metadata_department ON report_metadata(department_id);
CREATE INDEX idx_report_metadata_status ON report_metadata(status) WHERE deleted_at IS NULL;
CREATE INDEX idx_report_metadata_type_version ON report_metadata(employee_id, report_type, version);
CREATE INDEX idx_report_metadata_regeneration ON report_metadata(scheduled_regeneration_date)
  WHERE auto_regenerate_enabled = true AND status = 'completed';
CREATE INDEX idx_report_metadata_latest ON report_metadata(employee_id, report_type, is_latest)
  WHERE is_latest = true AND deleted_at IS NULL;
CREATE INDEX idx_report_metadata_visibility ON report_metadata USING GIN(visibility_scope);

CREATE TABLE report_versions (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  report_id VARCHAR(255) NOT NULL,  -- Links to MongoDB reports
  employee_id UUID NOT NULL,
  report_type VARCHAR(50) NOT NULL,
  version INTEGER NOT NULL,

  -- Version Details
  version_name VARCHAR(100),  -- Optional friendly name
  quarter_year INTEGER,
  quarter_number INTEGER,  -- 1-4

  -- Content References
  mongodb_document_id VARCHAR(255) NOT NULL,  -- MongoDB ObjectId
  content_hash VARCHAR(64),  -- SHA-256 hash for change detection

  -- Version Metadata
  generated_at TIMESTAMP NOT NULL,
  generated_by UUID NOT NULL,
  generation_trigger VARCHAR(50) NOT NULL,  -- 'manual', 'scheduled', 'harmonic_update', 'data_change'

  -- Change Summary
  changes_from_previous JSONB,  -- Structured change log
  change_summary TEXT,
  significant_changes BOOLEAN DEFAULT false,

  -- Comparison Metrics
  score_change DECIMAL(5, 2),  -- Change in overall score
  key_differences TEXT[],

  -- Audit
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  archived_at TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_version_employee FOREIGN KEY (employee_id) REFERENCES employees(id),
  CONSTRAINT fk_version_created_by FOREIGN KEY (generated_by) REFERENCES users(id),

  -- Constraints
  CONSTRAINT unique_employee_type_version UNIQUE (employee_id, report_type, version)
);

-- Indexes
CREATE INDEX idx_report_versions_report ON report_versions(report_id);
CREATE INDEX idx_report_versions_employee ON report_versions(employee_id, report_type, version DESC);
CREATE INDEX idx_report_versions_quarter ON report_versions(quarter_year, quarter_number);
CREATE INDEX idx_report_versions_generated ON report_versions(generated_at DESC);

CREATE TABLE report_generation_queue (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  employee_id UUID NOT NULL,
  report_type VARCHAR(50) NOT NULL,

  -- Queue Information
  priority INTEGER NOT NULL DEFAULT 5,  -- 1-10, higher = more urgent
  status VARCHAR(20) NOT NULL DEFAULT 'pending',  -- 'pending', 'processing', 'completed', 'failed'
  queue_position INTEGER,

  -- Scheduling
  scheduled_for TIMESTAMP,
  started_at TIMESTAMP,
  completed_at TIMESTAMP,

  -- Processing Details
  worker_id VARCHAR(100),  -- Identifier of processing worker
  attempt_count INTEGER DEFAULT 0,
  max_attempts INTEGER DEFAULT 3,
  last_error TEXT,

  -- Request Context
  requested_by UUID NOT NULL,
  request_reason VARCHAR(100),  -- 'new_employee', 'quarterly_update', 'manual_request', 'data_correction'
  request_metadata JSONB,

  -- Dependencies
  depends_on_queue_id UUID,  -- For sequential processing
  blocks_queue_ids UUID[],  -- Queue items waiting on this

  -- Timestamps
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_queue_employee FOREIGN KEY (employee_id) REFERENCES employees(id),
  CONSTRAINT fk_queue_requested_by FOREIGN KEY (requested_by) REFERENCES users(id),
  CONSTRAINT fk_queue_depends_on FOREIGN KEY (depends_on_queue_id) REFERENCES report_generation_queue(id),

  -- Constraints
  CONSTRAINT check_queue_status CHECK (status IN ('pending', 'processing', 'completed', 'failed', 'cancelled')),
  CONSTRAINT check_priority CHECK (priority BETWEEN 1 AND 10)
);

-- Indexes
CREATE INDEX idx_queue_status_priority ON report_generation_queue(status, priority DESC, created_at)
  WHERE status IN ('pending', 'processing');
CREATE INDEX idx_queue_employee ON report_generation_queue(employee_id, status);
CREATE INDEX idx_queue_scheduled ON report_generation_queue(scheduled_for)
  WHERE status = 'pending' AND scheduled_for IS NOT NULL;
CREATE INDEX idx_queue_worker ON report_generation_queue(worker_id, status);

CREATE TABLE report_access_log (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  report_id VARCHAR(255) NOT NULL,
  report_type VARCHAR(50) NOT NULL,
  employee_id UUID NOT NULL,

  -- Access Details
  accessed_by UUID NOT NULL,
  access_type VARCHAR(20) NOT NULL,  -- 'view', 'download', 'share', 'print'
  access_method VARCHAR(20),  -- 'web', 'api', 'mobile'

  -- Context
  user_role VARCHAR(20) NOT NULL,
  department_id UUID,
  branch_id UUID,

  -- Authorization
  authorized BOOLEAN NOT NULL DEFAULT true,
  authorization_level VARCHAR(50),
  access_scope VARCHAR(50),  -- 'full', 'summary', 'limited'

  -- Session Information
  session_id VARCHAR(255),
  ip_address INET,
  user_agent TEXT,

  -- Audit
  accessed_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_access_employee FOREIGN KEY (employee_id) REFERENCES employees(id),
  CONSTRAINT fk_access_user FOREIGN KEY (accessed_by) REFERENCES users(id),
  CONSTRAINT fk_access_department FOREIGN KEY (department_id) REFERENCES departments(id),
  CONSTRAINT fk_access_branch FOREIGN KEY (branch_id) REFERENCES branches(id)
);

-- Indexes
CREATE INDEX idx_access_log_report ON report_access_log(report_id, accessed_at DESC);
CREATE INDEX idx_access_log_user ON report_access_log(accessed_by, accessed_at DESC);
CREATE INDEX idx_access_log_employee ON report_access_log(employee_id, accessed_at DESC);
CREATE INDEX idx_access_log_unauthorized ON report_access_log(accessed_at DESC) WHERE authorized = false;
-- Here the document adds: WHERE accessed_at > CURRENT_DATE - INTERVAL '90 days'. PostgreSQL refuses it, because
-- what an index holds may not depend on the day.
CREATE INDEX idx_access_log_date ON report_access_log(accessed_at);

CREATE TABLE report_scores (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  report_id VARCHAR(255) NOT NULL,
  employee_id UUID NOT NULL,
  report_type VARCHAR(50) NOT NULL,
  version INTEGER NOT NULL,

  -- Overall Scores
  overall_score DECIMAL(5, 2) NOT NULL,  -- 0-100
  confidence_level DECIMAL(3, 2),  -- 0-1

  -- Dimension Scores
  personality_score DECIMAL(5, 2),
  behavior_score DECIMAL(5, 2),
  compatibility_score DECIMAL(5, 2),
  potential_score DECIMAL(5, 2),

  -- Detailed Breakdowns
  dimension_scores JSONB,  -- Flexible structure for various dimensions
  factor_weights JSONB,  -- Weights used in score calculation

  -- Benchmarking
  percentile_rank DECIMAL(5, 2),  -- Compared to similar roles/departments
  department_average DECIMAL(5, 2),
  company_average DECIMAL(5, 2),
  industry_average DECIMAL(5, 2),

  -- Trends
  score_trend VARCHAR(20),  -- 'improving', 'stable', 'declining'
  previous_score DECIMAL(5, 2),
  score_change DECIMAL(5, 2),

  -- Metadata
  calculated_at TIMESTAMP NOT NULL,
  calculation_method VARCHAR(50),

  -- Timestamps
  created_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_scores_employee FOREIGN KEY (employee_id) REFERENCES employees(id),

  -- Constraints
  CONSTRAINT check_overall_score CHECK (overall_score BETWEEN 0 AND 100),
  CONSTRAINT check_confidence CHECK (confidence_level BETWEEN 0 AND 1)
);

-- Indexes
CREATE INDEX idx_scores_report ON report_scores(report_id);
CREATE INDEX idx_scores_employee ON report_scores(employee_id, report_type, version DESC);
CREATE INDEX idx_scores_type_score ON report_scores(report_type, overall_score DESC);
CREATE INDEX idx_scores_dimension ON report_scores USING GIN(dimension_scores);

CREATE TABLE report_generation_errors (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  queue_id UUID,
  employee_id UUID NOT NULL,
  report_type VARCHAR(50) NOT NULL,

  -- Error Information
  error_type VARCHAR(50) NOT NULL,  -- 'llm_timeout', 'astro_api_error', 'data_missing', etc.
  error_code VARCHAR(20),
  error_message TEXT NOT NULL,
  error_stack TEXT,

  -- Context
  processing_stage VARCHAR(50),  -- 'data_collection', 'ai_analysis', 'compilation', etc.
  input_data JSONB,

  -- Resolution
  retry_attempted BOOLEAN DEFAULT false,
  retry_successful BOOLEAN,
  resolved_at TIMESTAMP,
  resolution_notes TEXT,

  -- Timestamps
  occurred_at TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,

  -- Foreign Keys
  CONSTRAINT fk_error_queue FOREIGN KEY (queue_id) REFERENCES report_generation_queue(id),
  CONSTRAINT fk_error_employee FOREIGN KEY (employee_id) REFERENCES employees(id)
);

-- Indexes
CREATE INDEX idx_errors_employee ON report_generation_errors(employee_id, occurred_at DESC);
CREATE INDEX idx_errors_type ON report_generation_errors(error_type, occurred_at DESC);
CREATE INDEX idx_errors_unresolved ON report_generation_errors(occurred_at DESC)
  WHERE resolved_at IS NULL;
CREATE INDEX idx_errors_queue ON report_generation_errors(queue_id);

-- === Document 001: calculation history ===

CREATE TABLE calculation_jobs (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),
  job_type VARCHAR(50) NOT NULL, -- 'birth_chart', 'harmonic_code', 'compatibility', 'energy_pattern'

  -- Entity Information
  entity_type VARCHAR(50) NOT NULL,
  entity_id VARCHAR(100) NOT NULL,
  organization_id VARCHAR(100) NOT NULL,

  -- Job Details
  job_status VARCHAR(20) NOT NULL, -- 'pending', 'in_progress', 'completed', 'failed', 'cancelled'
  priority INTEGER DEFAULT 5, -- 1-10, 10 is highest

  -- Input Data
  input_data JSONB NOT NULL,
  calculation_params JSONB,

  -- Output References
  output_collection VARCHAR(50), -- MongoDB collection name
  output_document_id VARCHAR(100), -- MongoDB document _id

  -- Execution Details
  started_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE,
  execution_time_ms INTEGER,

  -- Error Handling
  error_code VARCHAR(50),
  error_message TEXT,
  error_stack TEXT,
  retry_count INTEGER DEFAULT 0,
  max_retries INTEGER DEFAULT 3,

  -- Performance Metrics
  cpu_time_ms INTEGER,
  memory_used_mb DECIMAL(10, 2),
  api_calls_made INTEGER,

  -- Versioning
  algorithm_version VARCHAR(20) NOT NULL,
  engine_version VARCHAR(20) NOT NULL,

  -- Audit
  triggered_by VARCHAR(100), -- User ID or 'system'
  trigger_reason VARCHAR(100), -- 'manual', 'quarterly_update', 'data_change'

  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

-- Indexes
CREATE INDEX idx_calculation_jobs_entity ON calculation_jobs(entity_type, entity_id);
CREATE INDEX idx_calculation_jobs_org ON calculation_jobs(organization_id);
CREATE INDEX idx_calculation_jobs_status ON calculation_jobs(job_status, created_at DESC);
CREATE INDEX idx_calculation_jobs_type ON calculation_jobs(job_type, job_status);
CREATE INDEX idx_calculation_jobs_scheduled ON calculation_jobs(job_status, started_at) WHERE job_status = 'pending';
CREATE INDEX idx_calculation_jobs_output ON calculation_jobs(output_collection, output_document_id);

CREATE TABLE quarterly_update_schedule (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Schedule Information
  quarter VARCHAR(2) NOT NULL, -- 'Q1', 'Q2', 'Q3', 'Q4'
  year INTEGER NOT NULL,
  scheduled_date DATE NOT NULL,

  -- Execution Window
  execution_start_time TIME NOT NULL, -- e.g., '02:00:00' for 2 AM
  execution_end_time TIME NOT NULL,

  -- Batch Processing
  batch_size INTEGER DEFAULT 100,
  total_entities INTEGER,
  processed_entities INTEGER DEFAULT 0,
  failed_entities INTEGER DEFAULT 0,

  -- Status
  status VARCHAR(20) NOT NULL, -- 'scheduled', 'in_progress', 'completed', 'failed', 'cancelled'

  -- Execution Tracking
  started_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE,
  estimated_completion TIMESTAMP WITH TIME ZONE,

  -- Error Summary
  error_summary JSONB,

  -- Metadata
  created_by VARCHAR(100) DEFAULT 'system',
  notes TEXT,

  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT unique_quarter_year UNIQUE (quarter, year)
);

-- Indexes
CREATE INDEX idx_quarterly_schedule_date ON quarterly_update_schedule(scheduled_date, status);
CREATE INDEX idx_quarterly_schedule_status ON quarterly_update_schedule(status, year DESC, quarter DESC);

CREATE TABLE entity_update_queue (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Schedule Reference
  schedule_id UUID REFERENCES quarterly_update_schedule(id) ON DELETE CASCADE,

  -- Entity Information
  entity_type VARCHAR(50) NOT NULL,
  entity_id VARCHAR(100) NOT NULL,
  organization_id VARCHAR(100) NOT NULL,

  -- Subscription Status
  subscription_active BOOLEAN NOT NULL,
  subscription_tier VARCHAR(50),

  -- Processing Status
  queue_status VARCHAR(20) NOT NULL, -- 'queued', 'processing', 'completed', 'failed', 'skipped'
  priority INTEGER DEFAULT 5,

  -- Job References
  birth_chart_job_id UUID REFERENCES calculation_jobs(id),
  harmonic_code_job_id UUID REFERENCES calculation_jobs(id),
  compatibility_jobs JSONB, -- Array of job IDs

  -- Execution Details
  queued_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  started_at TIMESTAMP WITH TIME ZONE,
  completed_at TIMESTAMP WITH TIME ZONE,

  -- Error Handling
  error_message TEXT,
  retry_count INTEGER DEFAULT 0,

  -- Previous Values (for delta tracking)
  previous_harmonic_code VARCHAR(100),
  previous_energy_signature VARCHAR(100),

  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,

  CONSTRAINT unique_entity_schedule UNIQUE (schedule_id, entity_type, entity_id)
);

-- Indexes
CREATE INDEX idx_entity_queue_schedule ON entity_update_queue(schedule_id, queue_status);
CREATE INDEX idx_entity_queue_entity ON entity_update_queue(entity_type, entity_id);
CREATE INDEX idx_entity_queue_status ON entity_update_queue(queue_status, priority DESC, queued_at);
CREATE INDEX idx_entity_queue_org ON entity_update_queue(organization_id, subscription_active);

CREATE TABLE calculation_audit_log (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Job Reference
  job_id UUID REFERENCES calculation_jobs(id) ON DELETE SET NULL,

  -- Audit Information
  event_type VARCHAR(50) NOT NULL, -- 'job_created', 'job_started', 'job_completed', 'job_failed', 'data_modified'
  event_timestamp TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,

  -- Entity Context
  entity_type VARCHAR(50),
  entity_id VARCHAR(100),
  organization_id VARCHAR(100),

  -- User Context
  user_id VARCHAR(100),
  user_role VARCHAR(50),
  user_ip_address INET,

  -- Changes
  before_state JSONB,
  after_state JSONB,
  changes_summary TEXT,

  -- System Context
  service_name VARCHAR(100),
  service_version VARCHAR(20),
  server_instance VARCHAR(100),
  request_id VARCHAR(100),

  -- Additional Metadata
  metadata JSONB,

  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

-- Indexes
CREATE INDEX idx_audit_log_job ON calculation_audit_log(job_id);
CREATE INDEX idx_audit_log_entity ON calculation_audit_log(entity_type, entity_id, event_timestamp DESC);
CREATE INDEX idx_audit_log_org ON calculation_audit_log(organization_id, event_timestamp DESC);
CREATE INDEX idx_audit_log_event ON calculation_audit_log(event_type, event_timestamp DESC);
CREATE INDEX idx_audit_log_user ON calculation_audit_log(user_id, event_timestamp DESC);
CREATE INDEX idx_audit_log_timestamp ON calculation_audit_log(event_timestamp DESC);

CREATE TABLE performance_metrics (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Metric Information
  metric_type VARCHAR(50) NOT NULL, -- 'calculation_time', 'api_latency', 'batch_throughput', 'error_rate'
  metric_category VARCHAR(50) NOT NULL, -- 'birth_chart', 'harmonic_code', 'compatibility', 'system'

  -- Time Period
  period_start TIMESTAMP WITH TIME ZONE NOT NULL,
  period_end TIMESTAMP WITH TIME ZONE NOT NULL,
  granularity VARCHAR(20) NOT NULL, -- 'minute', 'hour', 'day', 'week'

  -- Metric Values
  metric_value DECIMAL(12, 4) NOT NULL,
  metric_unit VARCHAR(20), -- 'ms', 'count', 'percentage', 'mb'

  -- Statistical Data
  min_value DECIMAL(12, 4),
  max_value DECIMAL(12, 4),
  avg_value DECIMAL(12, 4),
  median_value DECIMAL(12, 4),
  percentile_95 DECIMAL(12, 4),
  percentile_99 DECIMAL(12, 4),
  sample_count INTEGER,

  -- Dimensions
  organization_id VARCHAR(100),
  algorithm_version VARCHAR(20),

  -- Additional Context
  tags JSONB,
  notes TEXT,

  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

-- Indexes
CREATE INDEX idx_metrics_type_time ON performance_metrics(metric_type, metric_category, period_start DESC);
CREATE INDEX idx_metrics_period ON performance_metrics(period_start, period_end);
CREATE INDEX idx_metrics_org ON performance_metrics(organization_id, metric_type, period_start DESC);
CREATE INDEX idx_metrics_version ON performance_metrics(algorithm_version, metric_type);

CREATE TABLE algorithm_versions (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(),

  -- Version Information
  version_number VARCHAR(20) NOT NULL UNIQUE,
  version_name VARCHAR(100),

  -- Algorithm Details
  algorithm_type VARCHAR(50) NOT NULL, -- 'birth_chart', 'harmonic_code', 'compatibility', 'energy_pattern'

  -- Changes
  changelog TEXT NOT NULL,
  breaking_changes TEXT,
  improvements TEXT,
  bug_fixes TEXT,

  -- Technical Details
  calculation_method TEXT,
  dependencies JSONB,
  configuration JSONB,

  -- Validation
  test_results JSONB,
  accuracy_metrics JSONB,
  performance_benchmarks JSONB,

  -- Deployment
  status VARCHAR(20) NOT NULL, -- 'development', 'testing', 'staging', 'production', 'deprecated'
  deployed_at TIMESTAMP WITH TIME ZONE,
  deprecated_at TIMESTAMP WITH TIME ZONE,

  -- Backward Compatibility
  compatible_with_versions TEXT[],
  migration_required BOOLEAN DEFAULT FALSE,
  migration_script TEXT,

  -- Audit
  created_by VARCHAR(100) NOT NULL,
  approved_by VARCHAR(100),
  approval_date TIMESTAMP WITH TIME ZONE,

  created_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  updated_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP
);

-- Indexes
CREATE INDEX idx_algorithm_versions_type ON algorithm_versions(algorithm_type, version_number DESC);
CREATE INDEX idx_algorithm_versions_status ON algorithm_versions(status, deployed_at DESC);

CREATE TABLE schema_migrations (
  id SERIAL PRIMARY KEY,
  version VARCHAR(20) NOT NULL UNIQUE,
  description TEXT NOT NULL,
  migration_type VARCHAR(20), -- 'schema', 'data', 'index'
  applied_at TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP,
  applied_by VARCHAR(100),
  execution_time_ms INTEGER,
  rollback_script TEXT
);
