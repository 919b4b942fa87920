//! What a run remembers between two looks: a row of `orrery.quarter_run`.

use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use crate::queue::{JobError, Stage};

/// A run as the last look and the operator left it.
#[derive(Debug, Clone, Default, FromRow)]
#[allow(clippy::struct_excessive_bools, reason = "columns of a row")]
pub(super) struct Run {
    /// Whether it has begun.
    pub(super) started: bool,
    /// Whether an operator holds it.
    pub(super) paused: bool,
    /// Whether it runs outside its window too.
    pub(super) forced: bool,
    /// Kind of entities whose rows are being made.
    pub(super) kind: i32,
    /// How far the rows of that kind are made.
    pub(super) after_department: Uuid,
    /// How far the rows of that kind are made.
    pub(super) after_id: Uuid,
    /// Whether all rows are made.
    pub(super) expanded: bool,
    /// Whether rows could run since the last look.
    pub(super) works: bool,
    /// Rows that had ended at the last look.
    pub(super) seen: i64,
    /// Rows per second.
    pub(super) rate: Option<f64>,
    /// Seconds since the last look.
    pub(super) idle_s: Option<f64>,
}

impl Run {
    pub(super) async fn of(pool: &PgPool, schedule: Uuid) -> Result<Self, JobError> {
        sqlx::query_as(include_str!("../sql/quarter_run.sql"))
            .bind(schedule)
            .fetch_one(pool)
            .await
            .map_err(|error| JobError::postgres(Stage::Collect, error))
    }

    /// Tells once that it has begun.
    pub(super) async fn started(&self, pool: &PgPool, schedule: Uuid, quarter: &str) -> Result<(), JobError> {
        if self.started {
            return Ok(());
        }
        sqlx::query(include_str!("../sql/quarter_started.sql"))
            .bind(schedule)
            .bind(quarter)
            .execute(pool)
            .await
            .map(drop)
            .map_err(|error| JobError::postgres(Stage::Collect, error))
    }
}
