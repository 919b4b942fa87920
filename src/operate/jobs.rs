//! Rows of the queues as an operator sees them: lists, counts, and all of one row.
//!
//! A list goes from the newest row to the oldest. It looks back in steps of a bounded number of rows, so it costs the same whatever
//! the size of the tables; a filter that few rows pass may end with less than a full page and a place where to go on.

mod show;

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use serde::Serialize;
use sqlx::{FromRow, PgConnection, PgPool};
use uuid::Uuid;

use super::cursor::Cursor;
use super::filter::Filter;
use super::walk::{Match, step};
use crate::queue::Queue;

pub use show::{Edge, Edges, Event, Job, Lease, Made, show};

/// Rows of one page at most.
pub const MOST_ROWS: usize = 1_000;

/// Steps of one page or count: so many times 10,000 rows of each queue are looked at.
const STEPS: usize = 10;

/// Rows that are counted one by one; more are "at least".
const MOST_COUNTED: usize = 10_000;

/// A row, without anything that an application has written of a person.
#[derive(Debug, Clone, FromRow, Serialize)]
pub struct JobLine {
    /// Queue that has it.
    pub queue: String,
    /// Primary key in the application's table.
    pub id: Uuid,
    /// A word of [`super::State`], but never `open` or `quarantined`.
    pub state: String,
    /// Whether it failed because workers died over it, and nobody has let it go.
    pub quarantined: bool,
    /// Report type, entity type, type of calculation, or quarter.
    pub kind: String,
    /// Tenant, if known.
    pub organization_id: Option<String>,
    /// What it is about: `employee`, `candidate`, `company` or `quarter`.
    pub subject_type: String,
    /// Its id.
    pub subject_id: String,
    /// 1 to 10.
    pub priority: Option<i32>,
    /// When the application made it.
    pub created_at: Option<DateTime<Utc>>,
    /// Not before; while it has not ended.
    pub run_at: Option<DateTime<Utc>>,
    /// Begin of the present or last attempt.
    pub started_at: Option<DateTime<Utc>>,
    /// When it ended.
    pub ended_at: Option<DateTime<Utc>>,
    /// Attempts that counted.
    pub attempts: i32,
    /// Workers that died over it.
    pub crashes: i32,
    /// Worker of the present or last attempt, if known.
    pub worker_id: Option<String>,
    /// Code of the last error.
    pub code: Option<String>,
    /// What the last error said.
    pub message: Option<String>,
    /// The quarter that it belongs to.
    pub schedule_id: Option<Uuid>,
}

/// A part of a list.
#[derive(Debug, Clone, Serialize)]
pub struct Page<T> {
    /// The newest first.
    pub rows: Vec<T>,
    /// Where the list goes on; none at its end. There may be a next place after a page that is not full: the look back is bounded.
    pub next: Option<Cursor>,
}

/// How many rows there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Rows that were counted.
    pub rows: u64,
    /// False: these are those among the rows that were looked at, and there may be more.
    pub exact: bool,
}

impl std::fmt::Display for Count {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.exact { write!(f, "{}", self.rows) } else { write!(f, "at least {}", self.rows) }
    }
}

/// The rows that the filter lets through after a place (none: from the newest on), at most `limit`.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn list(
    pool: &PgPool,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
) -> Result<Page<JobLine>, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let limit = limit.clamp(1, MOST_ROWS);
    let (found, next) = look_back(&mut connection, filter, after, limit, STEPS).await?;
    Ok(Page { rows: lines(&mut connection, &found).await?, next })
}

/// How many rows the filter lets through: exact up to 10,000 found, and 100,000 looked at of each queue, then "at least".
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn count(pool: &PgPool, filter: &Filter) -> Result<Count, sqlx::Error> {
    let mut connection = pool.acquire().await?;
    let (found, next) = look_back(&mut connection, filter, None, MOST_COUNTED, STEPS).await?;
    Ok(Count { rows: found.len() as u64, exact: next.is_none() })
}

/// The newest rows, at most `limit` found in at most `steps` steps, and where to go on.
pub(super) async fn look_back(
    connection: &mut PgConnection,
    filter: &Filter,
    after: Option<Cursor>,
    limit: usize,
    steps: usize,
) -> Result<(Vec<Match>, Option<Cursor>), sqlx::Error> {
    let queues = filter.queue.map_or_else(|| Queue::ALL.to_vec(), |queue| vec![queue]);
    let (mut found, mut next) = (Vec::new(), after);
    for _ in 0..steps {
        let one = step(connection, &queues, filter, next.as_ref(), limit - found.len()).await?;
        found.extend(one.matches);
        next = one.next;
        if next.is_none() || found.len() >= limit {
            break;
        }
    }
    Ok((found, next))
}

/// Rows in the order of `found`, without those that are gone meanwhile.
pub(super) async fn lines(
    connection: &mut PgConnection,
    found: &[Match],
) -> Result<Vec<JobLine>, sqlx::Error> {
    let mut all: HashMap<(Queue, Uuid), JobLine> = HashMap::new();
    for queue in Queue::ALL {
        let of_queue = found.iter().filter(|found| found.place.queue == queue);
        let ids: Vec<Uuid> = of_queue.map(|found| found.place.id).collect();
        if !ids.is_empty() {
            let lines = of(connection, queue, &ids).await?;
            all.extend(lines.into_iter().map(|line| ((queue, line.id), line)));
        }
    }
    Ok(found.iter().filter_map(|found| all.remove(&(found.place.queue, found.place.id))).collect())
}

/// Rows of one queue, in no order.
async fn of(connection: &mut PgConnection, queue: Queue, ids: &[Uuid]) -> Result<Vec<JobLine>, sqlx::Error> {
    let statement = match queue {
        Queue::Report => include_str!("sql/lines_report.sql"),
        Queue::Entity => include_str!("sql/lines_entity.sql"),
        Queue::Quarter => include_str!("sql/lines_quarter.sql"),
        Queue::Calculation => include_str!("sql/lines_calculation.sql"),
    };
    sqlx::query_as(statement).bind(ids).fetch_all(connection).await
}
