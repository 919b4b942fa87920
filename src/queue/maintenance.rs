//! What any worker does for all: rescue of rows whose worker died, and putting right what triggers missed.
//!
//! Every statement locks with SKIP LOCKED and checks its predicate again under the lock, so any number of
//! workers may run them at the same time.

use std::time::Duration;

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::name::Queue;

/// Rows that one statement takes at most; a larger crowd is taken page by page.
const PAGE: i32 = 200;

/// A row taken back from a worker whose lease ran out.
#[derive(Debug, Clone, FromRow)]
pub struct Rescued {
    /// Primary key of the application's row.
    pub job_id: Uuid,
    /// Token of the lease that ran out.
    pub token: i64,
    /// Whether it had begun; otherwise its worker's death is not counted.
    pub began: bool,
    /// Workers that died over this row so far.
    pub crashes: i32,
    /// Whether the row is now quarantined.
    pub quarantined: bool,
    /// Worker whose lease it was.
    pub worker_id: Option<String>,
}

/// Takes rows back whose lease ran out; those that killed `crash_limit` workers end as failed, in quarantine.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn rescue(
    pool: &PgPool,
    queue: Queue,
    crash_limit: i32,
    lease: Duration,
) -> Result<Vec<Rescued>, sqlx::Error> {
    let mut all = Vec::new();
    loop {
        let page: Vec<Rescued> = sqlx::query_as(queue.statements().rescue)
            .bind(PAGE)
            .bind(crash_limit)
            .bind(lease.as_secs_f64())
            .fetch_all(pool)
            .await?;
        let full = page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
        for row in &page {
            tracing::warn!(%queue, job_id = %row.job_id, worker = row.worker_id, began = row.began,
                crashes = row.crashes, quarantined = row.quarantined, "row rescued from a worker that stopped answering");
        }
        all.extend(page);
        if !full {
            return Ok(all);
        }
    }
}

/// A page of entities is walked along its index in the order of the key. In a table that looks small, all open rows would be collected
/// and sorted first, and a table that looks small may have grown since.
pub const WALK: &str = "select set_config(setting, 'off', true) from unnest(array['enable_seqscan', 'enable_bitmapscan', 'enable_sort']) s (setting)";

/// Puts right what the triggers could not see. Returns how many rows that were.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn sweep(pool: &PgPool, queue: Queue, orphan_after: Duration) -> Result<i64, sqlx::Error> {
    if queue == Queue::Report {
        sqlx::query(include_str!("sql/sweep_dependencies.sql")).execute(pool).await?;
    }
    let mut transaction = pool.begin().await?;
    if queue == Queue::Entity {
        sqlx::query(WALK).execute(&mut *transaction).await?;
    }
    let rows: i64 = sqlx::query_scalar(queue.statements().sweep)
        .bind(orphan_after.as_secs_f64())
        .fetch_one(&mut *transaction)
        .await?;
    transaction.commit().await?;
    if rows > 0 {
        tracing::info!(%queue, rows, "rows put right that no trigger had seen");
    }
    Ok(rows)
}

/// Wakes, fails and unties rows that wait for others. Returns how many rows changed.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn settle_waiting(pool: &PgPool) -> Result<i64, sqlx::Error> {
    let changed: Vec<(String, i64)> =
        sqlx::query_as("select what, rows from orrery.settle_waiting()").fetch_all(pool).await?;
    let mut total = 0;
    for (what, rows) in changed {
        if rows > 0 {
            tracing::info!(rows, "rows that waited: {what}");
        }
        total += rows;
    }
    Ok(total)
}
