//! Steps through all rows that a filter lets through, from the newest to the oldest. Each step looks at a bounded number of rows.

use sqlx::{FromRow, PgConnection};
use uuid::Uuid;

use super::cursor::Cursor;
use super::filter::{Filter, State};
use crate::queue::Queue;

/// Rows of one queue that one step looks at.
pub(super) const LOOK_BACK: i64 = 10_000;

/// Rows of a state up to which they are found by their state and not by looking back.
const FEW: i64 = 10_000;

/// A row that the filter lets through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Match {
    /// Where it stands.
    pub(super) place: Cursor,
    /// Its word in the application's table.
    pub(super) status: String,
}

/// What one step has found.
#[derive(Debug, Default)]
pub(super) struct Step {
    /// The newest first.
    pub(super) matches: Vec<Match>,
    /// Where to go on; `None`: nothing is left.
    pub(super) next: Option<Cursor>,
}

#[derive(FromRow)]
struct Row {
    at: String,
    id: Uuid,
    status: String,
    matches: bool,
}

/// Goes on after a place, or begins with the newest row; finds at most `limit` rows.
pub(super) async fn step(
    connection: &mut PgConnection,
    queues: &[Queue],
    filter: &Filter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Step, sqlx::Error> {
    let mut matches = Vec::new();
    // Older rows than this have not been looked at in every queue.
    let mut horizon: Option<Cursor> = None;
    for queue in queues {
        for row in look(connection, *queue, filter, after, limit).await? {
            let place = Cursor { at: row.at, queue: *queue, id: row.id };
            if row.matches {
                matches.push(Match { place, status: row.status });
            } else if horizon.as_ref().is_none_or(|so_far| place > *so_far) {
                horizon = Some(place);
            }
        }
    }
    Ok(merge(matches, horizon, limit))
}

/// Puts what was found in each queue into one order.
fn merge(mut matches: Vec<Match>, horizon: Option<Cursor>, limit: usize) -> Step {
    matches.sort_unstable_by(|one, other| other.place.cmp(&one.place));
    if let Some(horizon) = &horizon {
        matches.retain(|found| found.place >= *horizon);
    }
    let next = if matches.len() > limit {
        matches.truncate(limit);
        matches.last().map(|last| last.place.clone())
    } else {
        horizon
    };
    Step { matches, next }
}

/// One row more than `limit` tells that there are more; a row that does not match tells how far was looked.
async fn look(
    connection: &mut PgConnection,
    queue: Queue,
    filter: &Filter,
    after: Option<&Cursor>,
    limit: usize,
) -> Result<Vec<Row>, sqlx::Error> {
    let few = few(connection, queue, filter.state).await?;
    if few.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let wanted = i64::try_from(limit).map_or(LOOK_BACK, |limit| limit + 1);
    // Where all rows pass, those that are wanted are the first; a list without a filter looks at nothing else.
    let look_back = if filter.lets_all_pass() { wanted.min(LOOK_BACK) } else { LOOK_BACK };
    let (at, id) = after.map_or(("infinity", Uuid::max()), |place| place.bound(queue));
    let (key, value) = filter.argument.as_ref().map(|(key, value)| (key.as_str(), value.as_str())).unzip();
    sqlx::query_as(statement(queue))
        // Planned with its values: what is not set costs nothing, and the choice of an index depends on what is.
        .persistent(false)
        .bind(at)
        .bind(id)
        .bind(look_back)
        .bind(wanted)
        .bind(filter.state.map(State::as_str))
        .bind(filter.kind.as_deref())
        .bind(filter.organization.map(|id| id.to_string()))
        .bind(filter.error_code.as_deref())
        .bind(key)
        .bind(value)
        .bind(filter.older_than)
        .bind(filter.newer_than)
        .bind(few)
        .fetch_all(connection)
        .await
}

const fn statement(queue: Queue) -> &'static str {
    match queue {
        Queue::Report => include_str!("sql/match_report.sql"),
        Queue::Entity => include_str!("sql/match_entity.sql"),
        Queue::Quarter => include_str!("sql/match_quarter.sql"),
        Queue::Calculation => include_str!("sql/match_calculation.sql"),
    }
}

/// The rows among which all of a state are, where the state says that they are few.
async fn few(
    connection: &mut PgConnection,
    queue: Queue,
    state: Option<State>,
) -> Result<Option<Vec<Uuid>>, sqlx::Error> {
    let dispatched = match state {
        Some(State::Ready | State::Later) => "ready",
        Some(State::Waiting) => "waiting",
        Some(State::Running) => "leased",
        Some(State::Quarantined) => "",
        _ => return Ok(None),
    };
    // One more tells that there are too many.
    let found: Vec<Uuid> = if dispatched.is_empty() {
        sqlx::query_scalar(include_str!("sql/quarantined_ids.sql"))
            .bind(queue.as_str())
            .bind(FEW + 1)
            .fetch_all(connection)
            .await?
    } else {
        sqlx::query_scalar(include_str!("sql/open_ids.sql"))
            .persistent(false)
            .bind(queue.as_str())
            .bind(dispatched)
            .bind(FEW + 1)
            .fetch_all(connection)
            .await?
    };
    Ok(i64::try_from(found.len()).is_ok_and(|rows| rows <= FEW).then_some(found))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(second: u32, queue: Queue) -> Match {
        let at = format!("2026-11-21T12:00:{second:02}.000000Z");
        Match { place: Cursor { at, queue, id: Uuid::nil() }, status: String::new() }
    }

    #[test]
    fn queues_come_in_one_order_and_a_page_ends_with_its_last_row() {
        let all = [found(1, Queue::Report), found(3, Queue::Entity), found(2, Queue::Report)];
        let step = merge(all.to_vec(), None, 2);
        assert_eq!(step.matches, [all[1].clone(), all[2].clone()]);
        assert_eq!(step.next, Some(all[2].place.clone()));
        assert_eq!(merge(all.to_vec(), None, 3).next, None, "nothing is left");
    }

    #[test]
    fn no_row_is_shown_before_newer_rows_of_another_queue_were_looked_at() {
        let all = [found(1, Queue::Report), found(9, Queue::Entity)];
        let horizon = found(5, Queue::Entity).place;
        let step = merge(all.to_vec(), Some(horizon.clone()), 10);
        assert_eq!(step.matches, [all[1].clone()]);
        assert_eq!(step.next, Some(horizon));
    }
}
