//! Names of what the queue counts; `service::metrics` says what each means.

/// Jobs that ended.
pub const JOBS: &str = "orrery_jobs_total";
/// Time of a job.
pub const JOB_SECONDS: &str = "orrery_job_seconds";
/// Rows claimed.
pub const CLAIMED: &str = "orrery_claimed_rows_total";
/// Time of a claim.
pub const CLAIM_SECONDS: &str = "orrery_claim_seconds";
/// Rows taken over from dead workers.
pub const RESCUED: &str = "orrery_rescued_rows_total";
/// Rows set aside.
pub const QUARANTINED_TOTAL: &str = "orrery_quarantined_rows_total";
/// Leases lost.
pub const LEASES_LOST: &str = "orrery_leases_lost_total";
/// Breakers opened.
pub const BREAKER_OPENED: &str = "orrery_breaker_opened_total";
