//! Pauses, weights and quarters.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;
use sqlx::PgPool;
use uuid::Uuid;

use super::{Actor, Came, audited};
use crate::config;
use crate::domain::Quarter;
use crate::operate::audit::Outcome;
use crate::pipeline::quarter::control::{self as quarters, Hours, Started};
use crate::queue::{Queue, control};

/// What is to become of an organization's policy; what is not set stays.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct OrganizationChange {
    /// Claim nothing of it, or go on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// Its share in relation to others; from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<i32>,
    /// Most rows of each queue that run at once; `Some(None)`: no cap.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[allow(clippy::option_option, reason = "not set, and set to none")]
    pub max_in_flight: Option<Option<i32>>,
    /// Why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Whether the next provider of language models may be paid where the account of one is empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub llm_other_bill: Option<bool>,
}

/// Holds a queue or lets it go, for all workers. What runs goes on.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn pause_queue(
    pool: &PgPool,
    queue: Queue,
    paused: bool,
    note: Option<&str>,
    actor: &Actor,
) -> Result<(), sqlx::Error> {
    let action = if paused { "queue.pause" } else { "queue.resume" };
    audited(pool, actor, action, &json!({ "queue": queue, "note": note }), async {
        control::set_paused(pool, queue, paused, note).await.map(Came::done)
    })
    .await
}

/// Pauses, resumes, weighs or caps an organization, or says who may be paid for it. What runs of it goes on. False: nothing knows an organization of this id (a
/// UUID at the platform; rows of entities and calculations may name others), and nothing was set.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; also a weight below 1 or a cap below 0.
pub async fn set_organization(
    pool: &PgPool,
    organization: &str,
    change: &OrganizationChange,
    actor: &Actor,
) -> Result<bool, sqlx::Error> {
    let action = match change.paused {
        Some(true) => "organization.pause",
        Some(false) => "organization.resume",
        None => "organization.set",
    };
    audited(pool, actor, action, &json!({ "organization": organization, "set": change }), async {
        let known: bool = sqlx::query_scalar(include_str!("../sql/organization_known.sql"))
            .bind(organization)
            .fetch_one(pool)
            .await?;
        if !known {
            return Ok(Came::refused(false));
        }
        sqlx::query(include_str!("../sql/organization_set.sql"))
            .bind(organization)
            .bind(change.paused)
            .bind(change.weight)
            .bind(change.max_in_flight.is_some())
            .bind(change.max_in_flight.flatten())
            .bind(change.note.as_deref())
            .bind(change.llm_other_bill)
            .execute(pool)
            .await?;
        Ok(Came::done(true))
    })
    .await
}

/// Starts a quarter at these hours. However many start it, it runs once.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn start_schedule(
    pool: &PgPool,
    settings: &config::Quarter,
    quarter: Quarter,
    today: NaiveDate,
    hours: Hours,
    actor: &Actor,
) -> Result<Started, sqlx::Error> {
    let action = match hours {
        Hours::Any => "schedule.run_now",
        Hours::Window => "schedule.run_in_window",
    };
    audited(pool, actor, action, &json!({ "quarter": quarter.to_string() }), async {
        quarters::start(pool, settings, quarter, today, hours).await.map(came)
    })
    .await
}

fn came(started: Started) -> Came<Started> {
    match started {
        Started::Now | Started::InWindow => Came::done(started),
        Started::Already | Started::Left | Started::Completed => Came::refused(started),
    }
}

/// Holds a quarter or lets it go on. What runs of it goes on.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn pause_schedule(
    pool: &PgPool,
    id: Uuid,
    paused: bool,
    note: Option<&str>,
    actor: &Actor,
) -> Result<(), sqlx::Error> {
    let action = if paused { "schedule.pause" } else { "schedule.resume" };
    audited(pool, actor, action, &json!({ "queue": Queue::Quarter, "id": id, "note": note }), async {
        quarters::set_paused(pool, id, paused, note).await.map(Came::done)
    })
    .await
}

/// Cancels a quarter, and ends its open rows as skipped. Returns how many those were; none: the quarter has ended.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; the same again ends what was left open.
pub async fn cancel_schedule(pool: &PgPool, id: Uuid, actor: &Actor) -> Result<Option<i64>, sqlx::Error> {
    audited(pool, actor, "schedule.cancel", &json!({ "queue": Queue::Quarter, "id": id }), async {
        let ended = quarters::cancel(pool, id).await?;
        Ok(match ended.map(|rows| u64::try_from(rows).unwrap_or_default()) {
            Some(rows) => Came { to: ended, matched: rows, changed: rows, outcome: Outcome::Done },
            None => Came::refused(ended),
        })
    })
    .await
}

/// Lets the failed rows of a quarter run again, all or those with one code. Returns how many those were; none: it ended before all its
/// rows were made, so more than the failures would run.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn retry_schedule(
    pool: &PgPool,
    id: Uuid,
    code: Option<&str>,
    actor: &Actor,
) -> Result<Option<u64>, sqlx::Error> {
    let target = json!({ "queue": Queue::Quarter, "id": id, "code": code });
    audited(pool, actor, "schedule.retry_failed", &target, async {
        let again = quarters::retry_failed(pool, id, code).await?;
        Ok(match again {
            Some(rows) => Came { to: again, matched: rows, changed: rows, outcome: Outcome::Done },
            None => Came::refused(again),
        })
    })
    .await
}
