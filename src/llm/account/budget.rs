//! What an organization may spend in a month, and what it has spent.

use chrono::NaiveDate;
use serde::Serialize;
use sqlx::{FromRow, PgPool};

/// Billionths of a dollar in a dollar.
pub const NANO: f64 = 1e9;

/// Upper limits; `None`: no limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, FromRow, Serialize)]
pub struct Limits {
    /// Billionths of a dollar.
    #[sqlx(rename = "month_nano_usd")]
    pub nano_usd: Option<i64>,
    /// Tokens of questions and answers.
    #[sqlx(rename = "month_tokens")]
    pub tokens: Option<i64>,
    /// Calls.
    #[sqlx(rename = "month_calls")]
    pub calls: Option<i64>,
}

impl Limits {
    /// From dollars, tokens and calls; 0 is no limit.
    #[must_use]
    pub fn of(usd: f64, tokens: u64, calls: u64) -> Self {
        let limit = |value: u64| (value > 0).then(|| i64::try_from(value).unwrap_or(i64::MAX));
        Self { nano_usd: (usd > 0.0).then(|| nano_usd(usd)), tokens: limit(tokens), calls: limit(calls) }
    }
}

/// Dollars as billionths of a dollar.
#[must_use]
#[allow(clippy::cast_possible_truncation, reason = "a budget of nine billion dollars is enough")]
pub fn nano_usd(usd: f64) -> i64 {
    (usd * NANO).round() as i64
}

/// Billionths of a dollar as dollars, for people.
#[must_use]
#[allow(clippy::cast_precision_loss, reason = "shown to people")]
pub fn usd(nano_usd: i64) -> f64 {
    nano_usd as f64 / NANO
}

/// How one organization stands in a month.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Standing {
    /// Tenant.
    pub organization_id: String,
    /// First day of the month.
    pub month: NaiveDate,
    /// Calls that have ended.
    pub calls: i64,
    /// Calls under way.
    pub open_calls: i64,
    /// Tokens used.
    pub tokens: i64,
    /// Known cost.
    pub spent_nano_usd: i64,
    /// Set aside for calls whose cost nobody knows.
    pub assumed_nano_usd: i64,
    /// Set aside for calls under way.
    pub reserved_nano_usd: i64,
    /// Answered calls of models without a price.
    pub unpriced_calls: i64,
    /// Whether the limits are its own and not those of the configuration.
    pub own_limits: bool,
    /// Why the limits are as they are.
    pub note: Option<String>,
    /// Limits that hold.
    #[sqlx(flatten)]
    pub limits: Limits,
}

/// How organizations stand in the month of `day`, or this month; those with a limit or with calls.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn standings(
    pool: &PgPool,
    organization: Option<&str>,
    day: Option<NaiveDate>,
    defaults: Limits,
) -> Result<Vec<Standing>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/budget_standings.sql"))
        .bind(organization)
        .bind(day)
        .bind(defaults.nano_usd)
        .bind(defaults.tokens)
        .bind(defaults.calls)
        .fetch_all(pool)
        .await
}

/// The limits of an organization's own, if it has any.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn own_limits(pool: &PgPool, organization: &str) -> Result<Option<Limits>, sqlx::Error> {
    sqlx::query_as(
        "select month_nano_usd, month_tokens, month_calls from orrery.llm_limits where organization_id = $1",
    )
    .bind(organization)
    .fetch_optional(pool)
    .await
}

/// Gives an organization limits of its own. Rows that wait for budget look again at once.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn set(
    pool: &PgPool,
    organization: &str,
    limits: Limits,
    note: Option<&str>,
) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/budget_set.sql"))
        .bind(organization)
        .bind(limits.nano_usd)
        .bind(limits.tokens)
        .bind(limits.calls)
        .bind(note)
        .execute(pool)
        .await
        .map(drop)
}

/// Lets the limits of the configuration hold for an organization again; `false` if it had none of its own.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn reset(pool: &PgPool, organization: &str) -> Result<bool, sqlx::Error> {
    let done = sqlx::query("delete from orrery.llm_limits where organization_id = $1")
        .bind(organization)
        .execute(pool)
        .await?;
    Ok(done.rows_affected() > 0)
}
