//! Tenants: their policies and their open rows.

use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// Ready rows that are counted of each queue.
const MOST_COUNTED: i64 = 1_000;

/// A tenant.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Organization {
    /// Its id as text, as in `orrery.dispatch`.
    pub id: String,
    /// Its name; none if the platform does not know it.
    pub name: Option<String>,
    /// Its share in relation to others.
    pub weight: i32,
    /// Most rows of each queue that run at once.
    pub max_in_flight: Option<i32>,
    /// Whether nothing of it is claimed.
    pub paused: bool,
    /// Why, by whom.
    pub note: Option<String>,
    /// Whether the next provider of language models may be paid where the account of one is empty.
    pub llm_other_bill: bool,
    /// Rows that run.
    pub running: i64,
    /// Rows that are ready, also those whose time has not come.
    pub ready: i64,
    /// Rows that wait for another row, or for their quarter.
    pub waiting: i64,
    /// Whether more rows are ready than were counted.
    pub more: bool,
}

/// Organizations, at most `limit`: first those with a policy or open rows, then the others by name.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, limit: i64) -> Result<Vec<Organization>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/organizations.sql"))
        .bind(limit.clamp(1, 10_000))
        .bind(MOST_COUNTED)
        .fetch_all(pool)
        .await
}
