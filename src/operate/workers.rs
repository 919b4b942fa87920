//! Worker processes.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// A worker that was seen in the last day.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Worker {
    /// `host:pid:random`.
    pub worker_id: String,
    /// Its host.
    pub host: String,
    /// Its process.
    pub pid: i32,
    /// Version of the program.
    pub version: String,
    /// `running`, `draining` or `stopped`, as it said last; [`Worker::stands`] says more.
    pub state: String,
    /// When it was started.
    pub started_at: DateTime<Utc>,
    /// Last heartbeat.
    pub last_seen_at: DateTime<Utc>,
    /// Worker that opened this one as a lane for rows that a worker died over.
    pub lane_of: Option<String>,
    /// Writes that it was refused because its lease was gone.
    pub fenced: i64,
    /// Seconds since its last heartbeat.
    pub seen_s: f64,
    /// Whether it has been seen within a lease.
    pub alive: bool,
    /// Rows that it has.
    pub running: i64,
}

impl Worker {
    /// Its state, or `dead` when it neither stopped nor beats.
    #[must_use]
    pub fn stands(&self) -> &str {
        if self.alive || self.state == "stopped" { &self.state } else { "dead" }
    }
}

/// Workers of the last day, the last seen first. One that is silent for `dead_after` (the length of a lease) is not alive.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, dead_after: Duration) -> Result<Vec<Worker>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/workers.sql")).bind(dead_after.as_secs_f64()).fetch_all(pool).await
}
