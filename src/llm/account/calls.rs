//! Calls and what they cost, for operators.

use chrono::{DateTime, NaiveDate, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};
use uuid::Uuid;

/// Which calls.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this organization.
    pub organization: Option<String>,
    /// Of this model.
    pub model: Option<String>,
    /// In this state.
    pub state: Option<String>,
    /// Of this row.
    pub job: Option<Uuid>,
    /// Permitted at or after this time.
    pub since: Option<DateTime<Utc>>,
}

/// One call.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.llm_calls")]
pub struct CallRow {
    pub id: Uuid,
    pub created_at: DateTime<Utc>,
    pub state: String,
    pub organization_id: String,
    pub queue: Option<String>,
    pub job_id: Option<Uuid>,
    pub section: String,
    pub purpose: String,
    pub provider: String,
    pub model: String,
    pub answered_model: Option<String>,
    pub prompt_id: String,
    pub prompt_version: String,
    pub request_digest: String,
    pub tries: i32,
    pub http_status: Option<i32>,
    pub finish: Option<String>,
    pub error_code: Option<String>,
    pub request_id: Option<String>,
    pub latency_ms: Option<i32>,
    pub input_tokens: Option<i64>,
    pub cached_input_tokens: Option<i64>,
    pub output_tokens: Option<i64>,
    pub cost_nano_usd: Option<i64>,
    pub usable: Option<bool>,
    pub repairs: Vec<String>,
    pub violations: Vec<String>,
    pub reads: i32,
}

/// Sums over calls.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Sum {
    /// What the calls have in common; empty for all.
    pub of: String,
    /// Calls.
    pub calls: i64,
    /// Of these, answered.
    pub answered: i64,
    /// Of these, failed.
    pub failed: i64,
    /// Of these, with unknown end.
    pub unknown: i64,
    /// Times that an answer was read instead of being paid.
    pub reads: i64,
    /// Tokens of prompts.
    pub input_tokens: i64,
    /// Tokens of answers.
    pub output_tokens: i64,
    /// Known cost.
    pub cost_nano_usd: i64,
    /// Answered calls whose cost is unknown.
    pub unpriced: i64,
}

/// What calls are summed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// The row that they were made for: a report.
    Job,
    /// Organization.
    Organization,
    /// Month.
    Month,
    /// Provider and model.
    Model,
}

impl By {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Job => "job",
            Self::Organization => "organization",
            Self::Month => "month",
            Self::Model => "model",
        }
    }
}

/// The newest calls, at most `limit`.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, filter: &Filter, limit: i64) -> Result<Vec<CallRow>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/calls.sql"))
        .bind(&filter.organization)
        .bind(&filter.model)
        .bind(&filter.state)
        .bind(filter.job)
        .bind(filter.since)
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// Sums over all calls that the filter lets through: one for all, or one for each value of `by`, dearest first.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn sums(
    pool: &PgPool,
    filter: &Filter,
    by: Option<By>,
    limit: i64,
) -> Result<Vec<Sum>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/calls_sums.sql"))
        .bind(&filter.organization)
        .bind(&filter.model)
        .bind(&filter.state)
        .bind(filter.job)
        .bind(filter.since)
        .bind(by.map(By::as_str))
        .bind(limit)
        .fetch_all(pool)
        .await
}

/// What all calls for a row have used.
#[derive(Debug, Clone, Copy, FromRow)]
pub struct Paid {
    /// Tokens of prompts.
    pub input_tokens: i64,
    /// Tokens of answers.
    pub output_tokens: i64,
    /// Known cost.
    pub cost_nano_usd: i64,
    /// Answered calls whose cost is unknown.
    pub unpriced: i64,
}

/// What all calls for a row have used, those of earlier runs and of failures too.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn paid(pool: &PgPool, job: Uuid) -> Result<Paid, sqlx::Error> {
    sqlx::query_as(include_str!("sql/paid.sql")).bind(job).fetch_one(pool).await
}

/// What decides the question of a row beside its data.
#[derive(Debug, Clone, FromRow)]
pub struct BeforeAsking {
    /// Runs whose first answer could not be used. An answer is read again however bad it is, so whoever asks next must ask another
    /// question: with this number in it.
    pub spoiled: i64,
    /// The version of the prompt that the organization is pinned to.
    pub pinned: Option<String>,
    /// Whether the organization lets the next provider be paid where the account of one is empty.
    pub other_bill: bool,
}

/// What decides the question of a row beside its data.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn before_asking(
    pool: &PgPool,
    queue: &str,
    job: Uuid,
    organization: &str,
) -> Result<BeforeAsking, sqlx::Error> {
    sqlx::query_as(include_str!("sql/before_asking.sql"))
        .bind(queue)
        .bind(job)
        .bind(organization)
        .fetch_one(pool)
        .await
}

/// What was spent in a month, for the overview.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Spent {
    /// First day of the month.
    pub month: NaiveDate,
    /// Calls.
    pub calls: i64,
    /// Tokens.
    pub tokens: i64,
    /// Known cost.
    pub spent_nano_usd: i64,
    /// Answered calls whose cost is unknown.
    pub unpriced_calls: i64,
    /// Names of breakers of models that are not closed.
    pub open_breakers: Vec<String>,
}

/// This month's spend of all organizations, and what is left alone.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn this_month(pool: &PgPool) -> Result<Spent, sqlx::Error> {
    sqlx::query_as(include_str!("sql/this_month.sql")).fetch_one(pool).await
}
