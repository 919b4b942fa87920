//! How many rows are open, at a cost that does not grow with them.

use serde::Serialize;
use sqlx::{FromRow, PgExecutor};

/// Open rows of one queue in one state.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct OpenRows {
    /// The queue.
    pub queue: String,
    /// `ready` (also rows whose time has not come), `waiting` or `leased`.
    pub state: String,
    /// How many, counted up to the bound.
    pub counted: i64,
    /// Seconds that the oldest row which may run now has waited; with `ready` only, and none while all have a later time.
    pub oldest_s: Option<f64>,
}

/// Open rows of all queues, at most `most` counted of each queue and state.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn rows(executor: impl PgExecutor<'_>, most: i64) -> Result<Vec<OpenRows>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/open_rows.sql")).bind(most).fetch_all(executor).await
}
