//! All of one row.

use std::time::Duration;

use chrono::{DateTime, Utc};
use serde::Serialize;
use serde_json::Value;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::JobLine;
use crate::queue::Queue;
use crate::queue::explain::{self, Reason};

/// A row with all that belongs to it.
#[derive(Debug, Clone, Serialize)]
pub struct Job {
    /// The row.
    #[serde(flatten)]
    pub line: JobLine,
    /// What decides about it, the first thing first.
    pub reasons: Vec<Reason>,
    /// Its dispatch row, while it has not ended.
    pub lease: Option<Lease>,
    /// What happened to it, the earliest first.
    pub timeline: Vec<Event>,
    /// Rows that it waits for, and rows that wait for it. Of reports only.
    pub edges: Edges,
    /// Ids of what it made.
    pub made: Option<Made>,
    /// What the application has written into the row for its work. It may tell of persons: to be shown only to whom asks for it.
    pub arguments: Value,
}

/// What the queue knows of a row that has not ended.
#[derive(Debug, Clone, FromRow, Serialize)]
#[allow(missing_docs, reason = "the fields are columns of orrery.dispatch")]
pub struct Lease {
    pub state: String,
    pub snoozes: i32,
    pub token: Option<i64>,
    pub leased_at: Option<DateTime<Utc>>,
    pub heartbeat_at: Option<DateTime<Utc>>,
    pub lease_expires_at: Option<DateTime<Utc>>,
    pub begun: Option<bool>,
}

/// Something that happened to a row.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Event {
    /// When.
    pub at: DateTime<Utc>,
    /// `created`, `started`, `retry` (an attempt failed and the row runs again), `failed`, `quarantined`, `released`, `completed`,
    /// `cancelled`, `skipped`, or an action of an operator such as `jobs.retry`.
    pub what: String,
    /// Code of the error.
    pub code: Option<String>,
    /// Stage in which it failed.
    pub stage: Option<String>,
    /// What the error said, or how the action ended.
    pub message: Option<String>,
    /// Worker or operator.
    pub who: Option<String>,
}

/// Rows before and after a row.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Edges {
    /// Rows that must complete first, or had to.
    pub waits_for: Vec<Edge>,
    /// Rows that wait for this one, or did.
    pub holds_up: Vec<Edge>,
}

/// Another row of the report queue.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Edge {
    /// The other row.
    pub id: Uuid,
    /// `depends_on`: named by the row that waits; `blocks`: named by the row that is waited for.
    pub kind: String,
    /// Its word in the table; none: there is no such row.
    pub status: Option<String>,
    /// Its report type.
    pub report_type: Option<String>,
    /// Whether the wait goes on.
    pub open: bool,
    #[serde(skip)]
    direction: String,
}

/// What a row made.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct Made {
    /// Ids, such as `{"report_id": ...}`.
    pub output: Value,
    /// When.
    pub finished_at: DateTime<Utc>,
}

/// One row; none if the queue has no such row. A worker that is silent for `dead_after` (the length of a lease) counts as dead.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn show(
    pool: &PgPool,
    queue: Queue,
    id: Uuid,
    dead_after: Duration,
) -> Result<Option<Job>, sqlx::Error> {
    let standing = explain::standing(pool, id, dead_after.as_secs_f64()).await?;
    let reasons = standing.filter(|standing| standing.queue == queue.as_str());
    let mut connection = pool.acquire().await?;
    let Some(line) = super::of(&mut connection, queue, &[id]).await?.pop() else {
        return Ok(None);
    };
    let lease = sqlx::query_as(include_str!("../sql/lease.sql"))
        .bind(queue.as_str())
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let made = sqlx::query_as(include_str!("../sql/result.sql"))
        .bind(queue.as_str())
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let arguments: Option<Value> = sqlx::query_scalar(include_str!("../sql/arguments.sql"))
        .bind(queue.as_str())
        .bind(id)
        .fetch_optional(&mut *connection)
        .await?;
    let edges = if queue == Queue::Report { edges(&mut connection, id).await? } else { Edges::default() };
    Ok(Some(Job {
        reasons: reasons.map(|standing| standing.reasons()).unwrap_or_default(),
        lease,
        timeline: timeline(&mut connection, queue, &line).await?,
        edges,
        made,
        arguments: arguments.unwrap_or_default(),
        line,
    }))
}

async fn edges(connection: &mut PgConnection, id: Uuid) -> Result<Edges, sqlx::Error> {
    let all: Vec<Edge> =
        sqlx::query_as(include_str!("../sql/edges.sql")).bind(id).fetch_all(connection).await?;
    let (waits_for, holds_up) = all.into_iter().partition(|edge| edge.direction == "waits_for");
    Ok(Edges { waits_for, holds_up })
}

/// What is noted, and what the row itself tells.
async fn timeline(
    connection: &mut PgConnection,
    queue: Queue,
    line: &JobLine,
) -> Result<Vec<Event>, sqlx::Error> {
    let mut events: Vec<Event> = sqlx::query_as(include_str!("../sql/events.sql"))
        .bind(queue.as_str())
        .bind(line.id)
        .fetch_all(connection)
        .await?;
    let noted = |what: &str| events.iter().any(|event| event.what == what);
    let ended = line.ended_at.filter(|_| !noted(&line.state));
    let own = [
        (line.created_at, "created", None),
        (line.started_at, "started", line.worker_id.clone()),
        (ended, line.state.as_str(), None),
    ];
    events.extend(own.into_iter().filter_map(|(at, what, who)| {
        Some(Event { at: at?, what: what.to_owned(), code: None, stage: None, message: None, who })
    }));
    events.sort_by_key(|event| event.at);
    Ok(events)
}
