//! Who did what: one row for each action of an operator, an action on many rows included.

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool};

use super::act::Actor;

/// How an action ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Done.
    Done,
    /// Nothing could be changed.
    Refused,
    /// Ended by an error.
    Failed,
}

impl Outcome {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// A row of `orrery.audit`.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are the columns of orrery.audit")]
pub struct Entry {
    pub id: i64,
    pub at: DateTime<Utc>,
    pub actor: String,
    pub source: String,
    pub action: String,
    pub target: Value,
    pub matched: i64,
    pub changed: i64,
    /// `begun` for what goes on or was stopped half-way.
    pub outcome: String,
    pub ended_at: Option<DateTime<Utc>>,
}

/// The newest actions, or those before number `before`; at most `limit`.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(pool: &PgPool, before: Option<i64>, limit: i64) -> Result<Vec<Entry>, sqlx::Error> {
    sqlx::query_as(include_str!("sql/audit_list.sql"))
        .bind(before)
        .bind(limit.clamp(1, 1_000))
        .fetch_all(pool)
        .await
}

/// Notes an action that changes no row, such as the dashboard's showing of personal data.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn note(
    pool: &PgPool,
    actor: &Actor,
    action: &str,
    target: &Value,
    outcome: Outcome,
) -> Result<(), sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let id = begin(&mut transaction, actor, action, target).await?;
    end(&mut transaction, id, outcome).await?;
    transaction.commit().await
}

/// Notes that an action begins; the number to count and end it by.
pub(super) async fn begin(
    connection: &mut PgConnection,
    actor: &Actor,
    action: &str,
    target: &Value,
) -> Result<i64, sqlx::Error> {
    sqlx::query_scalar(include_str!("sql/audit_begin.sql"))
        .bind(&actor.name)
        .bind(actor.source.as_str())
        .bind(action)
        .bind(target)
        .fetch_one(connection)
        .await
}

/// Adds to the counts of an action; in the transaction that changes the rows.
pub(super) async fn count(
    connection: &mut PgConnection,
    id: i64,
    matched: u64,
    changed: u64,
) -> Result<(), sqlx::Error> {
    let number = |rows: u64| i64::try_from(rows).unwrap_or(i64::MAX);
    sqlx::query(include_str!("sql/audit_count.sql"))
        .bind(id)
        .bind(number(matched))
        .bind(number(changed))
        .execute(connection)
        .await
        .map(drop)
}

/// Notes how an action ended.
pub(super) async fn end(connection: &mut PgConnection, id: i64, outcome: Outcome) -> Result<(), sqlx::Error> {
    sqlx::query(include_str!("sql/audit_end.sql"))
        .bind(id)
        .bind(outcome.as_str())
        .execute(connection)
        .await
        .map(drop)
}
