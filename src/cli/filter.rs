//! The flags that choose rows.

use chrono::Utc;
use clap::Args;

use crate::operate::{Filter, FilterError};

// Which rows; flags that are not given let all through. No doc comment: it would become that of the command.
#[derive(Debug, Args)]
pub(super) struct Flags {
    /// Of this queue: report, entity, quarter or calculation.
    #[arg(long)]
    queue: Option<String>,
    /// In this state: open, ready, later, waiting, running, unseen, completed, failed, quarantined, cancelled or skipped.
    #[arg(long)]
    state: Option<String>,
    /// Of this type: report type, entity type, type of calculation, or a quarter such as 2026-Q4.
    #[arg(long = "type", value_name = "TYPE")]
    kind: Option<String>,
    /// Of this organization.
    #[arg(long, value_name = "ID")]
    org: Option<String>,
    /// Whose last error has this code, such as `data.birth_data_missing`.
    #[arg(long, value_name = "CODE")]
    error: Option<String>,
    /// In which a column, or a key of `request_metadata`, `input_data` or `calculation_params`, has this value.
    #[arg(long, value_name = "KEY=VALUE")]
    arg: Option<String>,
    /// Made before: so long ago (90m, 24h, 7d), or a day or time (UTC).
    #[arg(long, value_name = "WHEN")]
    older_than: Option<String>,
    /// Made since: so long ago (90m, 24h, 7d), or a day or time (UTC).
    #[arg(long, value_name = "WHEN")]
    newer_than: Option<String>,
}

impl Flags {
    /// The filter that the flags say.
    pub(super) fn filter(&self) -> Result<Filter, FilterError> {
        let all = [
            ("queue", &self.queue),
            ("state", &self.state),
            ("type", &self.kind),
            ("org", &self.org),
            ("error", &self.error),
            ("arg", &self.arg),
            ("older-than", &self.older_than),
            ("newer-than", &self.newer_than),
        ];
        let given = all.into_iter().filter_map(|(key, value)| Some((key, value.as_deref()?)));
        Filter::from_pairs(given, Utc::now())
    }
}

/// A filter in words: `state failed, queue report`.
pub(super) fn in_words(filter: &Filter) -> String {
    let words: Vec<String> =
        filter.pairs().into_iter().map(|(key, value)| format!("{key} {value}")).collect();
    if words.is_empty() { "all rows".to_owned() } else { words.join(", ") }
}
