//! Which rows: one filter for flags of commands and for addresses of pages, with the same words and the same errors.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, SecondsFormat, Utc};
use serde::{Serialize, Serializer};
use uuid::Uuid;

use super::moment::{FORMS, moment};
use crate::queue::Queue;

/// How a row stands, in the words of the operator, the same for all queues.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Has not ended: any of the next five.
    Open,
    /// May run now.
    Ready,
    /// Its time has not come.
    Later,
    /// Waits for another row, or for its quarter.
    Waiting,
    /// A worker has it.
    Running,
    /// No trigger has seen it yet.
    Unseen,
    /// Ended well.
    Completed,
    /// Ended badly; those in quarantine too.
    Failed,
    /// Failed because workers died over it.
    Quarantined,
    /// Somebody called it off.
    Cancelled,
    /// Did not have to run, or somebody called it off at the entity queue.
    Skipped,
}

impl State {
    /// All states.
    pub const ALL: [Self; 11] = [
        Self::Open,
        Self::Ready,
        Self::Later,
        Self::Waiting,
        Self::Running,
        Self::Unseen,
        Self::Completed,
        Self::Failed,
        Self::Quarantined,
        Self::Cancelled,
        Self::Skipped,
    ];

    /// Its word.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Ready => "ready",
            Self::Later => "later",
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Unseen => "unseen",
            Self::Completed => "completed",
            Self::Failed => "failed",
            Self::Quarantined => "quarantined",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that is no state.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("state {0:?} is not known")]
pub struct UnknownState(String);

impl FromStr for State {
    type Err = UnknownState;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| UnknownState(text.to_owned()))
    }
}

/// Which rows. What is not set lets all through.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// Of this queue.
    pub queue: Option<Queue>,
    /// In this state.
    pub state: Option<State>,
    /// Of this type: report type, entity type, type of calculation, or a quarter such as 2026-Q4.
    pub kind: Option<String>,
    /// Of this organization.
    pub organization: Option<Uuid>,
    /// Whose last error has this code.
    pub error_code: Option<String>,
    /// In which a column, or a key of `request_metadata`, `input_data` or `calculation_params`, has this value.
    pub argument: Option<(String, String)>,
    /// Made before this time.
    pub older_than: Option<DateTime<Utc>>,
    /// Made at or after this time.
    pub newer_than: Option<DateTime<Utc>>,
}

/// A part of a filter that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field} {value:?} cannot be used; {way_out}")]
pub struct FilterError {
    /// Which part, such as `state`.
    pub field: String,
    /// What was given.
    pub value: String,
    /// What to give instead.
    pub way_out: String,
}

/// Names of the parts, as flags (`--older-than`, `_` for `-` is the same) and as keys of addresses.
pub const KEYS: [&str; 8] = ["queue", "state", "type", "org", "error", "arg", "older-than", "newer-than"];

impl Filter {
    /// Reads a filter. A value that is empty sets nothing, as forms send what was left empty.
    ///
    /// # Errors
    /// Names the first part that cannot be used, and what to give instead.
    pub fn from_pairs<K: AsRef<str>, V: AsRef<str>>(
        pairs: impl IntoIterator<Item = (K, V)>,
        now: DateTime<Utc>,
    ) -> Result<Self, FilterError> {
        let mut filter = Self::default();
        let mut seen: Vec<&str> = Vec::new();
        for (key, value) in pairs {
            let (key, value) = (key.as_ref().replace('_', "-"), value.as_ref().trim());
            let Some(known) = KEYS.into_iter().find(|known| *known == key) else {
                return Err(unknown(&key));
            };
            if value.is_empty() {
                continue;
            }
            if seen.contains(&known) {
                return Err(refused(known, value, "it is given twice; give it once"));
            }
            seen.push(known);
            filter.set(known, value, now)?;
        }
        Ok(filter)
    }

    fn set(&mut self, key: &'static str, value: &str, now: DateTime<Utc>) -> Result<(), FilterError> {
        let time = || moment(value, now).ok_or_else(|| refused(key, value, FORMS));
        match key {
            "queue" => {
                let queues = Queue::ALL.map(Queue::as_str).join(", ");
                self.queue =
                    Some(value.parse().map_err(|_| refused(key, value, &format!("give one of {queues}")))?);
            }
            "state" => {
                let states = State::ALL.map(State::as_str).join(", ");
                self.state =
                    Some(value.parse().map_err(|_| refused(key, value, &format!("give one of {states}")))?);
            }
            "type" => self.kind = Some(value.to_owned()),
            "org" => {
                let way_out = "give the id of an organization, a UUID; orrery orgs list shows them";
                self.organization = Some(value.parse().map_err(|_| refused(key, value, way_out))?);
            }
            "error" => self.error_code = Some(value.to_owned()),
            "arg" => {
                let way_out = "give key=value, such as employee_id=... or a key of request_metadata";
                let (name, wanted) = value.split_once('=').ok_or_else(|| refused(key, value, way_out))?;
                if name.is_empty() {
                    return Err(refused(key, value, way_out));
                }
                self.argument = Some((name.to_owned(), wanted.to_owned()));
            }
            "older-than" => self.older_than = Some(time()?),
            _ => self.newer_than = Some(time()?),
        }
        Ok(())
    }

    /// The filter as pairs from which it can be read again, for addresses and for the audit.
    #[must_use]
    pub fn pairs(&self) -> Vec<(&'static str, String)> {
        let time = |at: DateTime<Utc>| at.to_rfc3339_opts(SecondsFormat::AutoSi, true);
        [
            ("queue", self.queue.map(|queue| queue.to_string())),
            ("state", self.state.map(|state| state.to_string())),
            ("type", self.kind.clone()),
            ("org", self.organization.map(|id| id.to_string())),
            ("error", self.error_code.clone()),
            ("arg", self.argument.as_ref().map(|(name, value)| format!("{name}={value}"))),
            ("older-than", self.older_than.map(time)),
            ("newer-than", self.newer_than.map(time)),
        ]
        .into_iter()
        .filter_map(|(key, value)| Some((key, value?)))
        .collect()
    }

    /// Whether all rows of its queue and age pass.
    pub(super) fn lets_all_pass(&self) -> bool {
        let Self { queue, older_than, newer_than, .. } = *self;
        *self == Self { queue, older_than, newer_than, ..Self::default() }
    }

    /// Whether it lets all rows through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// An object of what is set.
impl Serialize for Filter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.pairs())
    }
}

fn refused(field: &str, value: &str, way_out: &str) -> FilterError {
    FilterError { field: field.to_owned(), value: value.to_owned(), way_out: way_out.to_owned() }
}

fn unknown(key: &str) -> FilterError {
    let nearest = KEYS.into_iter().max_by(|a, b| {
        let near = |known: &str| strsim::jaro_winkler(known, key);
        near(a).total_cmp(&near(b))
    });
    let near = nearest.filter(|known| strsim::jaro_winkler(known, key) > 0.8);
    let way_out = near.map_or_else(
        || format!("rows are filtered by {}", KEYS.join(", ")),
        |known| format!("{known} may be meant"),
    );
    refused("filter", key, &way_out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> Result<Filter, FilterError> {
        Filter::from_pairs(pairs.iter().copied(), "2026-11-21T12:00:00Z".parse().unwrap())
    }

    #[test]
    fn every_part_is_read_and_written_again() {
        let all = [
            ("queue", "report"),
            ("state", "failed"),
            ("type", "questionnaire_qa"),
            ("org", "10000000-0000-4000-9000-000000000001"),
            ("error", "data.birth_data_missing"),
            ("arg", "batch=a=b"),
            ("older_than", "1d"),
            ("newer-than", "2026-11-01"),
        ];
        let filter = read(&all).unwrap();
        assert_eq!(filter.argument, Some(("batch".to_owned(), "a=b".to_owned())));
        assert_eq!(filter.older_than, Some("2026-11-20T12:00:00Z".parse().unwrap()));
        let pairs = filter.pairs();
        assert_eq!(pairs.len(), KEYS.len());
        assert_eq!(Filter::from_pairs(pairs, Utc::now()).unwrap(), filter);
    }

    #[test]
    fn what_a_form_leaves_empty_sets_nothing() {
        assert!(read(&[("queue", ""), ("arg", " "), ("state", "")]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_used_is_named_with_the_way_out() {
        for (pair, words) in [
            (("queue", "reports"), "report, entity, quarter, calculation"),
            (("state", "done"), "completed"),
            (("org", "Lantern"), "UUID"),
            (("arg", "employee_id"), "key=value"),
            (("arg", "=1"), "key=value"),
            (("older-than", "yesterday"), "90m, 24h or 7d"),
            (("stat", "failed"), "state may be meant"),
            (("zzz", "1"), "older-than"),
        ] {
            let error = read(&[pair]).unwrap_err().to_string();
            assert!(error.contains(words), "{pair:?}: {error}");
        }
        let twice = read(&[("state", "failed"), ("state", "ready")]).unwrap_err();
        assert_eq!((twice.field.as_str(), twice.value.as_str()), ("state", "ready"));
    }
}
