//! Tables and lines on standard output.

use std::io::IsTerminal as _;

use chrono::{DateTime, Utc};
use comfy_table::presets::UTF8_FULL_CONDENSED;
use comfy_table::{ContentArrangement, Table};
use serde::Serialize;

/// A table with these headings.
pub(super) fn new<const N: usize>(headings: [&str; N]) -> Table {
    let mut table = Table::new();
    table.load_style(UTF8_FULL_CONDENSED);
    table.set_content_arrangement(ContentArrangement::Dynamic);
    table.set_header(headings);
    table
}

/// Rows under headings: a table on a terminal, and lines with tabs between the cells for programs.
pub(super) fn rows<const N: usize>(headings: [&str; N], rows: impl IntoIterator<Item = [String; N]>) {
    if std::io::stdout().is_terminal() {
        let mut table = super::words::listing(headings);
        for row in rows {
            table.add_row(row);
        }
        say(&super::words::trimmed(&table.to_string()));
        return;
    }
    say(&headings.join("\t"));
    for row in rows {
        say(&row.map(|cell| cell.replace(['\t', '\n'], " ")).join("\t"));
    }
}

/// A remark for people, beside what the command prints for programs.
pub(super) fn note(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// A value as JSON for programs.
pub(super) fn say_json(value: &impl Serialize) -> anyhow::Result<()> {
    say(&serde_json::to_string_pretty(value)?);
    Ok(())
}

/// A moment, to the second.
pub(super) fn time(at: Option<DateTime<Utc>>) -> String {
    at.map_or_else(String::new, |at| at.format("%Y-%m-%d %H:%M:%S").to_string())
}

/// One text to standard output; a closed pipe is no error.
pub(super) fn say(text: &str) {
    use std::io::Write as _;
    let _ = writeln!(std::io::stdout(), "{text}");
}
