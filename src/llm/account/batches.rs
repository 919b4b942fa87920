//! The books of batches: which questions wait, which batch they are in, who looks at it, and how each ended.

mod course;
mod items;

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

use super::postgres;
use crate::llm::error::LlmError;

/// When questions become a batch, and how long one is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Collecting {
    /// Age of the oldest question.
    pub age: Duration,
    /// Questions of one batch.
    pub most_items: u32,
    /// Bytes of one batch.
    pub most_bytes: u64,
    /// Until it is given up.
    pub give_up: Duration,
}

/// A batch that one look at it holds.
#[derive(Debug, Clone, FromRow)]
pub struct Held {
    /// Id here; the mark at the provider.
    pub id: Uuid,
    /// Name of the provider.
    pub provider: String,
    /// Model that is asked.
    pub model: String,
    /// How it stood.
    pub state: String,
    /// Id at the provider.
    pub provider_batch_id: Option<String>,
    /// When it was last about to be sent.
    pub submitting_at: Option<DateTime<Utc>>,
    /// When it was with the provider.
    pub submitted_at: Option<DateTime<Utc>>,
    /// Times it was sent.
    pub tries: i32,
    /// The look.
    pub held_by: Uuid,
    /// Whether it has been waited for long enough.
    pub overdue: bool,
    /// Whether the provider was asked to cancel it.
    pub cancelled: bool,
}

/// A question of a batch that has no end yet.
#[derive(Debug, Clone, FromRow)]
pub struct Item {
    /// The call.
    pub id: Uuid,
    /// Size of the question as it is sent.
    pub bytes: i32,
    /// What it is for.
    pub purpose: String,
    /// Whether a schema binds the answer.
    pub json: bool,
    /// Most tokens of the answer that were wanted.
    pub max_output: Option<i64>,
    /// Temperature that was wanted.
    pub temperature: Option<f64>,
}

/// How a look ends that does not end the batch.
#[derive(Debug, Default)]
pub struct Release<'a> {
    /// Until the next look.
    pub wait: Duration,
    /// Back to this state.
    pub state: Option<&'static str>,
    /// What went wrong.
    pub error: Option<&'a LlmError>,
    /// Whether the provider was asked to cancel.
    pub cancelled: bool,
}

/// One batch, for operators.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.llm_batches")]
pub struct BatchRow {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub state: String,
    pub provider: String,
    pub model: String,
    pub provider_batch_id: Option<String>,
    pub items: i32,
    pub bytes: i64,
    pub submitted_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
    pub give_up_at: DateTime<Utc>,
    pub tries: i32,
    pub error_code: Option<String>,
    pub message: Option<String>,
    pub answered: i32,
    pub failed: i32,
    pub undone: i32,
    pub cost_nano_usd: i64,
}

/// Questions of one model that wait to be collected.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Queued {
    /// Name of the provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// How many.
    pub questions: i64,
    /// Their size.
    pub bytes: i64,
    /// When the oldest was put down.
    pub oldest: DateTime<Utc>,
}

/// The newest batches, at most `limit`.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, open: bool, limit: i64) -> Result<Vec<BatchRow>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/batches.sql")).bind(open).bind(limit).fetch_all(pool).await
}

/// What waits to be collected.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn queued(pool: &PgPool) -> Result<Vec<Queued>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/batch_queued.sql")).fetch_all(pool).await
}

fn stopped(error: sqlx::Error) -> LlmError {
    postgres("the books of batches do not answer", error)
}
