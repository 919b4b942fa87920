//! How the rows of a quarter stand. Their counts follow every change by a trigger; a look sums up what has come since the last one.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use crate::queue::{JobError, Stage};

/// Counts of the entity rows of a schedule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow)]
pub(super) struct Counts {
    pub(super) total: i64,
    pub(super) completed: i64,
    pub(super) failed: i64,
    pub(super) skipped: i64,
    /// Whether nothing has changed for a minute.
    #[sqlx(default)]
    pub(super) still: bool,
}

impl Counts {
    /// Rows that have not ended.
    pub(super) const fn open(&self) -> i64 {
        self.total - self.ended()
    }

    /// Rows that have ended.
    pub(super) const fn ended(&self) -> i64 {
        self.completed + self.failed + self.skipped
    }

    /// Rows that ended well, skipped ones included.
    pub(super) const fn processed(&self) -> i64 {
        self.completed + self.skipped
    }

    /// Tenths of the quarter that have ended.
    fn tenths(&self) -> i32 {
        i32::try_from(self.ended() * 10 / self.total.max(1)).unwrap_or(0)
    }
}

/// Sums up what has come.
pub(super) async fn fold(pool: &PgPool, schedule: Uuid) -> Result<Counts, JobError> {
    alone(pool, schedule, include_str!("../sql/fold_quarter.sql")).await
}

/// Counts the rows themselves: before a quarter is closed, and when its counts stand still though rows are open.
pub(super) async fn recount(pool: &PgPool, schedule: Uuid) -> Result<Counts, JobError> {
    alone(pool, schedule, include_str!("../sql/recount_quarter.sql")).await
}

async fn alone(pool: &PgPool, schedule: Uuid, statement: &'static str) -> Result<Counts, JobError> {
    let counted = async {
        let mut transaction = pool.begin().await?;
        sqlx::query(include_str!("../sql/lock_quarter_count.sql"))
            .bind(schedule)
            .execute(&mut *transaction)
            .await?;
        let counts = sqlx::query_as(statement).bind(schedule).fetch_one(&mut *transaction).await?;
        transaction.commit().await?;
        Ok(counts)
    };
    counted.await.map_err(|error| JobError::postgres(Stage::Calculate, error))
}

/// What a look leaves behind.
pub(super) struct Noted {
    pub(super) schedule: Uuid,
    pub(super) token: i64,
    pub(super) works: bool,
    pub(super) rate: Option<f64>,
    pub(super) until: Option<DateTime<Utc>>,
}

/// Writes how the quarter stands, while the lease holds.
pub(super) async fn note(pool: &PgPool, noted: &Noted, counts: &Counts) -> Result<(), JobError> {
    sqlx::query(include_str!("../sql/note_quarter.sql"))
        .bind(noted.schedule)
        .bind(counts.total)
        .bind(counts.processed())
        .bind(counts.failed)
        .bind(noted.until)
        .bind(noted.token)
        .bind(counts.ended())
        .bind(noted.works)
        .bind(noted.rate)
        .bind(counts.tenths())
        .execute(pool)
        .await
        .map(drop)
        .map_err(|error| JobError::postgres(Stage::Calculate, error))
}

/// What is said of a quarter when it is closed.
pub(super) struct Last {
    pub(super) counts: Counts,
    /// Failed rows by code.
    pub(super) errors: Option<Value>,
    /// Report rows that were asked for.
    pub(super) reports: i64,
    pub(super) took_s: f64,
}

/// How a quarter stands that is about to be closed.
pub(super) async fn last(connection: &mut PgConnection, schedule: Uuid) -> Result<Last, sqlx::Error> {
    let counts = sqlx::query_as("select total, completed, failed, skipped from orrery.quarter_counts($1)")
        .bind(schedule)
        .fetch_one(&mut *connection)
        .await?;
    let (errors, reports, took_s) = sqlx::query_as(include_str!("../sql/last_of_quarter.sql"))
        .bind(schedule)
        .fetch_one(connection)
        .await?;
    Ok(Last { counts, errors, reports, took_s })
}

/// Writes the last counts and ends the run.
pub(super) async fn close(
    connection: &mut PgConnection,
    schedule: Uuid,
    counts: &Counts,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("../sql/close_quarter.sql"))
        .bind(schedule)
        .bind(counts.total)
        .bind(counts.processed())
        .bind(counts.failed)
        .execute(connection)
        .await
        .map(drop)
}
