//! What an operator does. Everything here is noted in [`audit`](super::audit), with who did it and how it ended.

mod switches;

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::{PgConnection, PgPool};
use uuid::Uuid;

use super::audit::{self, Outcome};
use super::cursor::Cursor;
use super::filter::{Filter, State};
use super::walk::{Match, step};
use crate::queue::Queue;

pub use switches::{
    OrganizationChange, cancel_schedule, pause_queue, pause_schedule, retry_schedule, set_organization,
    start_schedule,
};

/// Rows that one transaction changes.
const PAGE: usize = 500;

/// Queues whose rows are changed by a filter that names no queue: quarters are acted on one by one.
const QUEUES_OF_ROWS: [Queue; 3] = [Queue::Report, Queue::Entity, Queue::Calculation];

/// From where somebody acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// The command line.
    Cli,
    /// The dashboard.
    Dashboard,
}

impl Source {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Dashboard => "dashboard",
        }
    }
}

/// Who acts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    /// User of the host, or of the dashboard.
    pub name: String,
    /// From where.
    pub source: Source,
}

/// What is done to rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Lets rows run again that failed, were cancelled or skipped; also out of quarantine.
    Retry,
    /// Calls off rows that have not ended. A worker that runs one stops at its next step and publishes nothing.
    Cancel,
    /// Lets rows in quarantine run again, and no others.
    Release,
}

impl Action {
    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::Cancel => "cancel",
            Self::Release => "release",
        }
    }

    const fn audited(self) -> &'static str {
        match self {
            Self::Retry => "jobs.retry",
            Self::Cancel => "jobs.cancel",
            Self::Release => "jobs.release",
        }
    }

    /// The filter as this action means it: without a state, retry means failed rows, cancel those that have not ended, and
    /// release those in quarantine.
    #[must_use]
    pub fn meant(self, filter: &Filter) -> Filter {
        let state = match (self, filter.state) {
            (Self::Retry, None) => State::Failed,
            (Self::Cancel, None) => State::Open,
            (Self::Release, None | Some(State::Failed)) => State::Quarantined,
            (_, Some(state)) => state,
        };
        Filter { state: Some(state), ..filter.clone() }
    }

    /// The word that a row gets, and those that it may have before.
    fn words(self, queue: Queue) -> (&'static str, Vec<&'static str>) {
        let words = queue.words();
        match self {
            Self::Retry => (words.open, vec!["failed", "cancelled", "skipped"]),
            Self::Cancel => (words.cancelled, vec![words.open, words.running]),
            Self::Release => (words.open, vec!["failed"]),
        }
    }
}

/// Whether something is done, or only counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Says what would be done; changes nothing and is not noted.
    DryRun,
    /// Does it.
    Apply,
}

/// What became of an action on many rows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Acted {
    /// Rows that the filter let through.
    pub matched: u64,
    /// Rows that were changed, or would be.
    pub changed: u64,
    /// Rows that were left as they are, because their state does not allow it.
    pub refused: u64,
}

impl Acted {
    fn add(&mut self, matched: usize, changed: usize) {
        self.matched += matched as u64;
        self.changed += changed as u64;
        self.refused = self.matched - self.changed;
    }
}

/// What became of an action on one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Changed {
    /// Done.
    Done {
        /// The row's word before.
        before: String,
        /// Its word now.
        now: String,
    },
    /// Its state does not allow it; it is left as it is.
    Refused {
        /// The row's word.
        status: String,
    },
}

/// Acts on one row; none if the queue has no such row.
///
/// # Errors
/// When PostgreSQL refuses or does not answer; nothing was changed then.
pub async fn on_one(
    pool: &PgPool,
    queue: Queue,
    id: Uuid,
    action: Action,
    actor: &Actor,
) -> Result<Option<Changed>, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let before = apply(&mut transaction, queue, &[id], action).await?.pop().map(|(_, before)| before);
    let changed = if let Some(before) = before {
        Changed::Done { before, now: action.words(queue).0.to_owned() }
    } else {
        let Some(status) = status(&mut transaction, queue, id).await? else {
            return Ok(None);
        };
        Changed::Refused { status }
    };
    let done = matches!(changed, Changed::Done { .. });
    let target = json!({ "queue": queue, "id": id });
    let entry = audit::begin(&mut transaction, actor, action.audited(), &target).await?;
    audit::count(&mut transaction, entry, 1, u64::from(done)).await?;
    audit::end(&mut transaction, entry, if done { Outcome::Done } else { Outcome::Refused }).await?;
    transaction.commit().await?;
    Ok(Some(changed))
}

/// Acts on every row that the filter, as the action means it ([`Action::meant`]), lets through. Goes from the newest row to the oldest,
/// 500 rows to a transaction. Whatever stops it half-way, what is done is done and counted in the audit, and the same again does
/// the rest. Rows of the quarter queue are left alone unless the filter names it.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn on_matching(
    pool: &PgPool,
    filter: &Filter,
    action: Action,
    actor: &Actor,
    mode: Mode,
) -> Result<Acted, sqlx::Error> {
    let filter = action.meant(filter);
    if mode == Mode::DryRun {
        return walk(pool, &filter, action, None).await;
    }
    let target = json!({ "filter": filter });
    let entry = audit::begin(&mut *pool.acquire().await?, actor, action.audited(), &target).await?;
    let acted = walk(pool, &filter, action, Some(entry)).await;
    let outcome = match &acted {
        Ok(acted) if acted.changed > 0 || acted.matched == 0 => Outcome::Done,
        Ok(_) => Outcome::Refused,
        Err(_) => Outcome::Failed,
    };
    let ended = ended(pool, entry, outcome).await;
    // The error of the action is the one to tell.
    let acted = acted?;
    ended?;
    Ok(acted)
}

async fn ended(pool: &PgPool, entry: i64, outcome: Outcome) -> Result<(), sqlx::Error> {
    audit::end(&mut *pool.acquire().await?, entry, outcome).await
}

/// Page by page; `entry` is where to count what is done, none: nothing is done.
async fn walk(
    pool: &PgPool,
    filter: &Filter,
    action: Action,
    entry: Option<i64>,
) -> Result<Acted, sqlx::Error> {
    let queues = filter.queue.map_or_else(|| QUEUES_OF_ROWS.to_vec(), |queue| vec![queue]);
    let mut acted = Acted::default();
    let mut after: Option<Cursor> = None;
    loop {
        let mut transaction = pool.begin().await?;
        let page = step(&mut transaction, &queues, filter, after.as_ref(), PAGE).await?;
        let changed = match entry {
            Some(entry) => {
                let changed = change(&mut transaction, &queues, &page.matches, action).await?;
                audit::count(&mut transaction, entry, page.matches.len() as u64, changed as u64).await?;
                changed
            }
            None => page.matches.iter().filter(|row| allows(row, action)).count(),
        };
        transaction.commit().await?;
        acted.add(page.matches.len(), changed);
        after = page.next;
        if after.is_none() {
            return Ok(acted);
        }
    }
}

fn allows(row: &Match, action: Action) -> bool {
    action.words(row.place.queue).1.contains(&row.status.as_str())
}

async fn change(
    connection: &mut PgConnection,
    queues: &[Queue],
    rows: &[Match],
    action: Action,
) -> Result<usize, sqlx::Error> {
    let mut changed = 0;
    for queue in queues {
        let of_queue = rows.iter().filter(|row| row.place.queue == *queue);
        let ids: Vec<Uuid> = of_queue.map(|row| row.place.id).collect();
        if !ids.is_empty() {
            changed += apply(connection, *queue, &ids, action).await?.len();
        }
    }
    Ok(changed)
}

/// Changes those of the rows whose state allows it; returns them with their words before.
async fn apply(
    connection: &mut PgConnection,
    queue: Queue,
    ids: &[Uuid],
    action: Action,
) -> Result<Vec<(Uuid, String)>, sqlx::Error> {
    let statement = match queue {
        Queue::Report => include_str!("sql/act_report.sql"),
        Queue::Entity => include_str!("sql/act_entity.sql"),
        Queue::Quarter => include_str!("sql/act_quarter.sql"),
        Queue::Calculation => include_str!("sql/act_calculation.sql"),
    };
    let (to, from) = action.words(queue);
    sqlx::query_as(statement)
        .bind(ids)
        .bind(to)
        .bind(from)
        .bind(action == Action::Release)
        .fetch_all(connection)
        .await
}

async fn status(
    connection: &mut PgConnection,
    queue: Queue,
    id: Uuid,
) -> Result<Option<String>, sqlx::Error> {
    let (table, column) = (queue.table(), queue.words().column);
    sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select {column}::text from {table} where id = $1")))
        .bind(id)
        .fetch_optional(connection)
        .await
}

/// What an action that is noted came to.
struct Came<T> {
    to: T,
    matched: u64,
    changed: u64,
    outcome: Outcome,
}

impl<T> Came<T> {
    /// One thing was changed.
    const fn done(to: T) -> Self {
        Self { to, matched: 1, changed: 1, outcome: Outcome::Done }
    }

    /// It could not be changed.
    const fn refused(to: T) -> Self {
        Self { to, matched: 1, changed: 0, outcome: Outcome::Refused }
    }
}

/// Notes an action that has transactions of its own: before it begins, and how it ended.
async fn audited<T>(
    pool: &PgPool,
    actor: &Actor,
    action: &str,
    target: &Value,
    work: impl Future<Output = Result<Came<T>, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    // No connection is held meanwhile: the work needs one, and there may be no second.
    let entry = audit::begin(&mut *pool.acquire().await?, actor, action, target).await?;
    match work.await {
        Ok(came) => {
            let mut connection = pool.acquire().await?;
            audit::count(&mut connection, entry, came.matched, came.changed).await?;
            audit::end(&mut connection, entry, came.outcome).await?;
            Ok(came.to)
        }
        Err(error) => {
            // The error of the action is the one to tell.
            let _ = ended(pool, entry, Outcome::Failed).await;
            Err(error)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_action_means_the_rows_that_it_is_for_unless_a_state_is_named() {
        let of = |state| Filter { state, ..Filter::default() };
        let meant = |action: Action, state| action.meant(&of(state)).state;
        assert_eq!(meant(Action::Retry, None), Some(State::Failed));
        assert_eq!(meant(Action::Retry, Some(State::Skipped)), Some(State::Skipped));
        assert_eq!(meant(Action::Cancel, None), Some(State::Open));
        assert_eq!(meant(Action::Release, None), Some(State::Quarantined));
        assert_eq!(meant(Action::Release, Some(State::Failed)), Some(State::Quarantined));
    }
}
