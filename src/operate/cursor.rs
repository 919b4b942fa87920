//! A place in the list of all rows, newest first.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, NaiveDateTime};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use crate::queue::Queue;

/// How the time of a place is written.
const FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.6fZ";

/// A row that has no time of its own comes after all that have one.
const NO_TIME: &str = "-infinity";

/// The place of a row: a list that goes on after it begins with the next older row. Written `TIME_QUEUE_ID`, without characters
/// that a URL or a shell would change.
///
/// Invariant: a later place is the greater one. Times are written in one form of one length, so that they compare as text.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor {
    pub(super) at: String,
    pub(super) queue: Queue,
    pub(super) id: Uuid,
}

impl Cursor {
    /// Time and id after which the rows of `queue` go on that come behind this place.
    pub(super) fn bound(&self, queue: Queue) -> (&str, Uuid) {
        let id = match queue.cmp(&self.queue) {
            std::cmp::Ordering::Equal => self.id,
            // At the same time the greater queue comes first: of a lesser one all rows are still to come, of a greater one none.
            std::cmp::Ordering::Less => Uuid::max(),
            std::cmp::Ordering::Greater => Uuid::nil(),
        };
        (&self.at, id)
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}_{}", self.at, self.queue, self.id)
    }
}

impl Serialize for Cursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A text that is no place in a list.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "after {0:?} is no place in this list; use the one that a list gave, or none to begin with the newest row"
)]
pub struct NoCursor(String);

impl FromStr for Cursor {
    type Err = NoCursor;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || NoCursor(text.to_owned());
        let mut parts = text.splitn(3, '_');
        let mut part = || parts.next().ok_or_else(refused);
        let (at, queue, id) = (part()?, part()?, part()?);
        let at = if at == NO_TIME {
            at.to_owned()
        } else {
            let at: NaiveDateTime = DateTime::parse_from_rfc3339(at).map_err(|_| refused())?.naive_utc();
            at.format(FORMAT).to_string()
        };
        Ok(Self { at, queue: queue.parse().map_err(|_| refused())?, id: id.parse().map_err(|_| refused())? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_comes_back_from_its_text() {
        for text in [
            "2026-11-21T19:50:13.120000Z_report_60000000-0000-4000-9000-000000000001",
            "-infinity_entity_60000000-0000-4000-9000-000000000001",
        ] {
            assert_eq!(text.parse::<Cursor>().unwrap().to_string(), text);
        }
        for text in ["", "x", "2026-11-21_report_1", "now_report_60000000-0000-4000-9000-000000000001"] {
            assert!(text.parse::<Cursor>().is_err(), "{text}");
        }
    }

    #[test]
    fn rows_without_a_time_come_last() {
        let place = |at: &str| Cursor { at: at.to_owned(), queue: Queue::Report, id: Uuid::nil() };
        assert!(place(NO_TIME) < place("1970-01-01T00:00:00.000000Z"));
    }

    #[test]
    fn at_one_time_each_queue_goes_on_where_the_list_stopped() {
        let id = "60000000-0000-4000-9000-000000000001".parse().unwrap();
        let place = Cursor { at: "2026-11-21T19:50:13.120000Z".to_owned(), queue: Queue::Entity, id };
        assert_eq!(place.bound(Queue::Entity).1, id);
        assert_eq!(place.bound(Queue::Report).1, Uuid::max(), "all of it is still to come");
        assert_eq!(place.bound(Queue::Quarter).1, Uuid::nil(), "all of it has been");
    }
}
