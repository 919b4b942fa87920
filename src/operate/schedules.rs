//! Quarters: what is planned, what runs, and what comes next.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::PgPool;
use uuid::Uuid;

use crate::pipeline::quarter::{Window, control};

pub use crate::pipeline::quarter::control::Standing;

/// When a quarter works next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Due {
    /// Row of `quarterly_update_schedule`.
    pub id: Uuid,
    /// Such as 2026-Q4.
    pub quarter: String,
    /// `scheduled` or `in_progress`.
    pub status: String,
    /// When its window opens; now, while it works.
    pub at: DateTime<Utc>,
    /// Whether an operator holds it: it does not begin then.
    pub paused: bool,
}

/// All quarters, the earliest first.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool) -> Result<Vec<Standing>, sqlx::Error> {
    control::standing(pool, None).await
}

/// Quarters that have not ended, by when they work next.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn next(pool: &PgPool, now: DateTime<Utc>) -> Result<Vec<Due>, sqlx::Error> {
    let mut due: Vec<Due> = list(pool).await?.iter().filter_map(|standing| when(standing, now)).collect();
    due.sort_by_key(|due| due.at);
    Ok(due)
}

fn when(standing: &Standing, now: DateTime<Utc>) -> Option<Due> {
    if !matches!(standing.status.as_str(), "scheduled" | "in_progress") {
        return None;
    }
    let window = Window {
        from: standing.scheduled_date,
        start: standing.execution_start_time,
        end: standing.execution_end_time,
    };
    let at = if standing.forced { None } else { window.opens(now) };
    Some(Due {
        id: standing.id,
        quarter: format!("{}-{}", standing.year, standing.quarter),
        status: standing.status.clone(),
        at: at.unwrap_or(now),
        paused: standing.paused,
    })
}
