//! Breakers and buckets of models, for operators.

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// How a model's breaker stands.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.breaker")]
pub struct ModelBreaker {
    pub name: String,
    pub state: String,
    pub failures: i32,
    pub reason: String,
    pub opened_at: Option<DateTime<Utc>>,
    pub probe_at: Option<DateTime<Utc>>,
    pub calls_of_minute: i64,
    pub failed_of_minute: i64,
}

/// How a model's bucket stands.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.llm_buckets")]
pub struct Bucket {
    pub provider: String,
    pub model: String,
    pub key_id: String,
    pub requests_limit: Option<f64>,
    pub tokens_limit: Option<f64>,
    pub guessed: bool,
    pub pace: f64,
    pub slowed_at: Option<DateTime<Utc>>,
    pub blocked_until: Option<DateTime<Utc>>,
    pub used_at: Option<DateTime<Utc>>,
}

/// All breakers of models.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn breakers(pool: &PgPool) -> Result<Vec<ModelBreaker>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/breakers.sql")).fetch_all(pool).await
}

/// Closes the breaker of a model at once, after a person has put right what was wrong; `false` if it was not open.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn close(pool: &PgPool, provider: &str, model: &str) -> Result<bool, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/breaker_close.sql")).bind(provider).bind(model).fetch_one(pool).await
}

/// All buckets.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn buckets(pool: &PgPool) -> Result<Vec<Bucket>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/buckets.sql")).fetch_all(pool).await
}
