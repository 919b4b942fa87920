//! How everything stands, at a cost that does not grow with the tables; and exact counts for who wants them.

use std::collections::HashMap;

use chrono::{DateTime, NaiveTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgPool};

use crate::llm::account::calls::{self, Filter as Calls};
use crate::queue::{Queue, open};

/// Rows of one queue and state that are counted one by one.
const MOST_COUNTED: i64 = 10_000;

/// Events that are looked at for what has ended lately.
const EVENTS: i64 = 50_000;

/// Everything at a glance.
#[derive(Debug, Clone, Serialize)]
pub struct Overview {
    /// When.
    pub at: DateTime<Utc>,
    /// The four queues.
    pub queues: Vec<QueueStanding>,
    /// All breakers, those that are not closed first.
    pub breakers: Vec<Breaker>,
    /// Language models today (UTC).
    pub spend: Spend,
}

/// How a queue stands.
#[derive(Debug, Clone, Serialize)]
pub struct QueueStanding {
    /// The queue.
    pub queue: Queue,
    /// Rows that are ready, also those whose time has not come; counted up to 10,000.
    pub ready: i64,
    /// Rows that wait for another row, or for their quarter; counted up to 10,000.
    pub waiting: i64,
    /// Rows that run; counted up to 10,000.
    pub running: i64,
    /// Seconds that the oldest row which may run now has waited; none where none may.
    pub oldest_s: Option<f64>,
    /// Rows that failed in the last hour, among the newest 50,000 events.
    pub failed: i64,
    /// Rows that completed in the last hour, likewise; none where no event tells of it (entities, calculations).
    pub completed: Option<i64>,
    /// Whether an operator holds it.
    pub paused: bool,
    /// Why.
    pub note: Option<String>,
    /// Since when the switch stands so.
    pub changed_at: Option<DateTime<Utc>>,
}

/// A row of `orrery.breaker`.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.breaker")]
pub struct Breaker {
    pub name: String,
    /// Queues that it holds up; none for a language model.
    pub queues: Vec<String>,
    /// `closed`, `open` or `half_open`.
    pub state: String,
    pub failures: i32,
    pub reason: Option<String>,
    pub opened_at: Option<DateTime<Utc>>,
    pub probe_at: Option<DateTime<Utc>>,
}

/// What language models were asked and paid.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Spend {
    /// Calls.
    pub calls: i64,
    /// Of these, failed.
    pub failed: i64,
    /// Tokens of prompts and answers.
    pub tokens: i64,
    /// Known cost, in thousand-millionths of a dollar.
    pub nano_usd: i64,
    /// Answered calls whose cost is not known.
    pub unpriced: i64,
}

#[derive(Debug, Default, FromRow)]
struct Happened {
    queue: String,
    completed: i64,
    failed: i64,
}

#[derive(Debug, FromRow)]
struct Policy {
    queue: String,
    paused: bool,
    note: Option<String>,
    changed_at: DateTime<Utc>,
}

/// How everything stands.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn overview(pool: &PgPool) -> Result<Overview, sqlx::Error> {
    let at = Utc::now();
    let open = open::rows(pool, MOST_COUNTED).await?;
    let happened: Vec<Happened> =
        sqlx::query_as(include_str!("sql/happened.sql")).bind(EVENTS).fetch_all(pool).await?;
    let policies: Vec<Policy> = sqlx::query_as(include_str!("sql/policies.sql")).fetch_all(pool).await?;
    let mut happened: HashMap<String, Happened> =
        happened.into_iter().map(|row| (row.queue.clone(), row)).collect();
    let mut policies: HashMap<String, Policy> =
        policies.into_iter().map(|row| (row.queue.clone(), row)).collect();
    let queues = Queue::ALL.map(|queue| {
        let rows = |state: &str| open.iter().find(|rows| rows.queue == queue.as_str() && rows.state == state);
        let counted = |state: &str| rows(state).map_or(0, |rows| rows.counted);
        let lately = happened.remove(queue.as_str()).unwrap_or_default();
        let policy = policies.remove(queue.as_str());
        QueueStanding {
            queue,
            ready: counted("ready"),
            waiting: counted("waiting"),
            running: counted("leased"),
            oldest_s: rows("ready").and_then(|rows| rows.oldest_s),
            failed: lately.failed,
            completed: matches!(queue, Queue::Report | Queue::Quarter).then_some(lately.completed),
            paused: policy.as_ref().is_some_and(|policy| policy.paused),
            changed_at: policy.as_ref().map(|policy| policy.changed_at),
            note: policy.and_then(|policy| policy.note),
        }
    });
    let breakers = sqlx::query_as(include_str!("sql/breakers.sql")).fetch_all(pool).await?;
    Ok(Overview { at, queues: queues.to_vec(), breakers, spend: spend(pool, at).await? })
}

async fn spend(pool: &PgPool, now: DateTime<Utc>) -> Result<Spend, sqlx::Error> {
    let today =
        Calls { since: Some(now.date_naive().and_time(NaiveTime::MIN).and_utc()), ..Calls::default() };
    let sum = calls::sums(pool, &today, None, 1).await?.pop();
    Ok(sum.map_or_else(Spend::default, |sum| Spend {
        calls: sum.calls,
        failed: sum.failed,
        tokens: sum.input_tokens + sum.output_tokens,
        nano_usd: sum.cost_nano_usd,
        unpriced: sum.unpriced,
    }))
}

/// Rows of a queue that have not ended, all counted.
#[derive(Debug, Default, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are those of sql/open.sql")]
pub struct Open {
    pub queue: String,
    pub ready: i64,
    pub later: i64,
    pub waiting: i64,
    pub running: i64,
    pub oldest_s: Option<f64>,
}

/// Rows of a queue that have ended, all counted.
#[derive(Debug, Default, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are those of sql/ended.sql")]
pub struct Ended {
    pub queue: String,
    pub completed: i64,
    pub failed: i64,
    pub skipped: i64,
    pub cancelled: i64,
}

/// Exact counts of all rows. Reads the applications' tables whole: for a person who asks, not for a page that is read again and again.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn counts(pool: &PgPool) -> Result<(Vec<Open>, Vec<Ended>), sqlx::Error> {
    let open = sqlx::query_as(include_str!("sql/open.sql")).fetch_all(pool).await?;
    let ended = sqlx::query_as(include_str!("sql/ended.sql")).fetch_all(pool).await?;
    Ok((open, ended))
}
