//! What any worker does for all: rescue of rows whose worker died, and putting right what triggers missed.
//!
//! Every statement locks with SKIP LOCKED and checks its predicate again under the lock, so any number of
//! workers may run them at the same time.

use std::time::Duration;

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::name::Queue;
use crate::store::availability::postgres_refuses;

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
/// A row whose table refuses the change, by a trigger or a check of the application, is told and tried again after another `lease`;
/// the others do not wait for it.
///
/// # Errors
/// When PostgreSQL refuses whatever the row, or does not answer.
pub async fn rescue(
    pool: &PgPool,
    queue: Queue,
    crash_limit: i32,
    lease: Duration,
) -> Result<Vec<Rescued>, sqlx::Error> {
    let mut rescued = Vec::new();
    rescue_into(&mut rescued, pool, queue, crash_limit, lease).await?;
    Ok(rescued)
}

/// As [`rescue`]. What was taken back stands in `rescued` as soon as it is, also when an error or the caller ends the round: each page
/// is committed by itself, and nobody else will tell of its rows.
///
/// # Errors
/// As [`rescue`].
pub async fn rescue_into(
    rescued: &mut Vec<Rescued>,
    pool: &PgPool,
    queue: Queue,
    crash_limit: i32,
    lease: Duration,
) -> Result<(), sqlx::Error> {
    let round = Round { pool, queue, crash_limit, lease };
    // Rows that were tried one by one: the next page is made of those behind them.
    let mut tried: Vec<Uuid> = Vec::new();
    loop {
        match round.take_back(None, &tried).await {
            Ok(page) => {
                let full = page.len() == usize::try_from(PAGE).unwrap_or(usize::MAX);
                rescued.extend(page);
                if !full {
                    return Ok(());
                }
            }
            Err(error) if postgres_refuses(&error) => {
                let page = round.expired(&tried).await?;
                // With no row left it is not for a row that PostgreSQL refuses.
                if page.is_empty() {
                    return Err(error);
                }
                round.one_by_one(&page, rescued).await?;
                tried.extend(page);
            }
            Err(error) => return Err(error),
        }
    }
}

/// One round of the rescue of a queue.
struct Round<'a> {
    pool: &'a PgPool,
    queue: Queue,
    crash_limit: i32,
    lease: Duration,
}

impl Round<'_> {
    /// Takes back a page of expired rows: `only` these, if it is said, and none of `without`.
    async fn take_back(&self, only: Option<&[Uuid]>, without: &[Uuid]) -> Result<Vec<Rescued>, sqlx::Error> {
        let queue = self.queue;
        let page: Vec<Rescued> = sqlx::query_as(queue.statements().rescue)
            .bind(PAGE)
            .bind(self.crash_limit)
            .bind(self.lease.as_secs_f64())
            .bind(only)
            .bind(without)
            .fetch_all(self.pool)
            .await?;
        for row in &page {
            tracing::warn!(%queue, job_id = %row.job_id, worker = row.worker_id, began = row.began,
                crashes = row.crashes, quarantined = row.quarantined, "row rescued from a worker that stopped answering");
        }
        Ok(page)
    }

    /// Takes back what can be of a page in which some row is refused.
    async fn one_by_one(&self, page: &[Uuid], rescued: &mut Vec<Rescued>) -> Result<(), sqlx::Error> {
        for job_id in page {
            match self.take_back(Some(std::slice::from_ref(job_id)), &[]).await {
                Ok(row) => rescued.extend(row),
                Err(error) if postgres_refuses(&error) => {
                    self.put_off(*job_id).await?;
                    tracing::warn!(queue = %self.queue, %job_id, %error,
                        "row not rescued: its table refuses the change; it is tried again after the length of a lease");
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    /// The ids of a page of expired rows, none of `without` among them.
    async fn expired(&self, without: &[Uuid]) -> Result<Vec<Uuid>, sqlx::Error> {
        sqlx::query_scalar(
            "select d.job_id from orrery.dispatch d
             where d.queue = $1 and d.state = 'leased' and d.lease_expires_at < clock_timestamp() and d.job_id <> all ($2)
             order by d.lease_expires_at limit $3",
        )
        .bind(self.queue.as_str())
        .bind(without)
        .bind(PAGE)
        .fetch_all(self.pool)
        .await
    }

    /// Lets a row be rescued only after another lease's length, so that not every pulse tries it and tells of it.
    async fn put_off(&self, job_id: Uuid) -> Result<(), sqlx::Error> {
        sqlx::query(
            "update orrery.dispatch d set lease_expires_at = clock_timestamp() + make_interval(secs => $3)
             where d.queue = $1 and d.job_id = $2 and d.state = 'leased' and d.lease_expires_at < clock_timestamp()",
        )
        .bind(self.queue.as_str())
        .bind(job_id)
        .bind(self.lease.as_secs_f64())
        .execute(self.pool)
        .await
        .map(drop)
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
