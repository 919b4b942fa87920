//! Claiming rows.

use std::time::Duration;

use sqlx::{FromRow, PgExecutor};
use uuid::Uuid;

use super::job::{ClaimedJob, Lease, Payload, Signal};
use super::name::Queue;

/// Who claims, and on what terms.
#[derive(Debug, Clone)]
pub struct Terms {
    /// Worker that claims.
    pub worker_id: String,
    /// How long a lease lasts without a heartbeat.
    pub lease: Duration,
    /// Attempts for rows that do not say.
    pub max_attempts: i32,
    /// Whether rows are taken over which a worker died.
    pub suspects: Suspects,
    /// Whether the worker says of each row when it begins ([`super::InFlight::begin`]). Until it has, its death does not count over the row.
    pub tells: bool,
}

/// What to do with rows over which a worker died.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Suspects {
    /// Leave them to a process that runs them alone.
    Leave,
    /// Take nothing else: this is such a process.
    Only,
    /// Take them like any other row.
    #[default]
    Any,
}

impl Suspects {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Leave => "none",
            Self::Only => "only",
            Self::Any => "any",
        }
    }
}

/// What one look for work brought.
#[derive(Debug, Default)]
pub struct Claimed {
    /// The rows, in fair order.
    pub jobs: Vec<ClaimedJob>,
    /// Whether more rows could have been claimed than were asked for.
    pub more: bool,
}

#[derive(FromRow)]
struct Row {
    job_id: Uuid,
    organization_id: String,
    token: i64,
    attempts: i32,
    crashes: i32,
    snoozes: i32,
    enqueued_at: chrono::DateTime<chrono::Utc>,
    max_attempts: i32,
    found: i64,
    payload: String,
}

/// Claims up to `rows` rows in fair order, in one round trip.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; nothing is claimed then.
pub async fn claim(
    connection: impl PgExecutor<'_>,
    queue: Queue,
    terms: &Terms,
    rows: usize,
) -> Result<Claimed, sqlx::Error> {
    let claimed: Vec<Row> = sqlx::query_as(queue.statements().claim)
        .bind(&terms.worker_id)
        .bind(i32::try_from(rows).unwrap_or(i32::MAX))
        .bind(terms.lease.as_secs_f64())
        .bind(terms.max_attempts)
        .bind(terms.suspects.as_str())
        .bind(terms.tells)
        .fetch_all(connection)
        .await?;
    let found = claimed.first().map_or(0, |row| row.found);
    let more = usize::try_from(found).unwrap_or(0) > claimed.len();
    let jobs = claimed
        .into_iter()
        .map(|row| ClaimedJob {
            lease: Lease { queue, job_id: row.job_id, token: row.token },
            organization_id: row.organization_id,
            attempt: row.attempts,
            max_attempts: row.max_attempts,
            crashes: row.crashes,
            snoozes: row.snoozes,
            enqueued_at: row.enqueued_at,
            payload: Payload::from(row.payload),
            signal: Signal::default(),
        })
        .collect();
    Ok(Claimed { jobs, more })
}
