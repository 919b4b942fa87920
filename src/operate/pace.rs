//! How many reports ended lately, in slices of time.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// Events that are looked at.
const EVENTS: i64 = 50_000;

/// Five minutes.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Slice {
    /// Its begin.
    pub at: DateTime<Utc>,
    /// Reports that completed in it.
    pub completed: i64,
    /// Reports that failed in it.
    pub failed: i64,
}

/// The last three hours in slices of five minutes, the oldest first, among the newest 50,000 events.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn reports(pool: &PgPool) -> Result<Vec<Slice>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/pace.sql")).bind(EVENTS).fetch_all(pool).await
}
