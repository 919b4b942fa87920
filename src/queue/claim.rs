//! Claiming rows.

use std::time::Duration;

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::job::{ClaimedJob, Lease, Signal};
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
}

#[derive(FromRow)]
struct Claimed {
    job_id: Uuid,
    organization_id: String,
    token: i64,
    attempts: i32,
    crashes: i32,
    snoozes: i32,
    enqueued_at: chrono::DateTime<chrono::Utc>,
    max_attempts: i32,
    payload: serde_json::Value,
}

/// Claims up to `rows` rows in fair order, in one round trip.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; nothing is claimed then.
pub async fn claim(
    pool: &PgPool,
    queue: Queue,
    terms: &Terms,
    rows: usize,
) -> Result<Vec<ClaimedJob>, sqlx::Error> {
    let claimed: Vec<Claimed> = sqlx::query_as(queue.statements().claim)
        .bind(&terms.worker_id)
        .bind(i32::try_from(rows).unwrap_or(i32::MAX))
        .bind(terms.lease.as_secs_f64())
        .bind(terms.max_attempts)
        .fetch_all(pool)
        .await?;
    Ok(claimed
        .into_iter()
        .map(|row| ClaimedJob {
            lease: Lease { queue, job_id: row.job_id, token: row.token },
            organization_id: row.organization_id,
            attempt: row.attempts,
            max_attempts: row.max_attempts,
            crashes: row.crashes,
            snoozes: row.snoozes,
            enqueued_at: row.enqueued_at,
            payload: row.payload,
            signal: Signal::default(),
        })
        .collect())
}
