//! Claiming rows.

use std::time::Duration;

use sqlx::{FromRow, PgExecutor, Row as _};
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
    /// Of how many rows there was the choice; those that are not among `jobs` were too many, or applications hold them locked.
    pub offered: usize,
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
    payload: String,
}

/// Claims up to `rows` rows in fair order, in one round trip. At least `look` rows are looked at to find so many that nobody holds.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; nothing is claimed then.
pub async fn claim(
    connection: impl PgExecutor<'_>,
    queue: Queue,
    terms: &Terms,
    rows: usize,
    look: usize,
) -> Result<Claimed, sqlx::Error> {
    let count = |rows: usize| i32::try_from(rows).unwrap_or(i32::MAX);
    let answer = sqlx::query(queue.statements().claim)
        .bind(&terms.worker_id)
        .bind(count(rows))
        .bind(terms.lease.as_secs_f64())
        .bind(terms.max_attempts)
        .bind(terms.suspects.as_str())
        .bind(terms.tells)
        .bind(count(rows.max(look)))
        .fetch_all(connection)
        .await?;
    let mut claimed = Claimed::default();
    for line in &answer {
        claimed.offered = usize::try_from(line.try_get::<i64, _>("offered")?).unwrap_or(0);
        // The choice is told also when nothing was taken.
        if line.try_get::<Option<Uuid>, _>("job_id")?.is_some() {
            claimed.jobs.push(Row::from_row(line)?.job(queue));
        }
    }
    Ok(claimed)
}

impl Row {
    fn job(self, queue: Queue) -> ClaimedJob {
        ClaimedJob {
            lease: Lease { queue, job_id: self.job_id, token: self.token },
            organization_id: self.organization_id,
            attempt: self.attempts,
            max_attempts: self.max_attempts,
            crashes: self.crashes,
            snoozes: self.snoozes,
            enqueued_at: self.enqueued_at,
            payload: Payload::from(self.payload),
            signal: Signal::default(),
        }
    }
}
