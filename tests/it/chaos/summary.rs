//! What a storm prints, and what it keeps when something broke.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::time::Duration;

use comfy_table::{LineStyle, Table, TableStyle};

use super::facts::Facts;
use super::invariants::{self, Check};
use super::storm::Storm;
use crate::support::spread::spread;

fn table(header: &[&str]) -> Table {
    let line = LineStyle::none().fill('─').junction('─');
    let mut table = Table::new();
    table.load_style(TableStyle::new().header_separator(line));
    table.set_header(header);
    table
}

/// Prints what happened and what held; returns the number of violations.
pub fn print(storm: &Storm, facts: &Facts, checks: &[Check], calm: Duration) -> usize {
    let mut happened = table(&["what happened", "times"]);
    for (event, times) in storm.counts.lock().unwrap().iter() {
        happened.add_row([event.clone(), times.to_string()]);
    }
    let events = |name: &str| facts.changes.iter().filter(|change| change.event == name).count();
    for (what, times) in [
        ("rows inserted by the application", facts.ledger.len()),
        (
            "rows added by quarters and recorded calculations",
            facts.rows.len().saturating_sub(facts.ledger.len()),
        ),
        ("rows cancelled before they ended", facts.ledger.values().filter(|entry| entry.cancelled).count()),
        ("reports published", facts.published.len()),
        ("claims", events("claimed")),
        ("rows given back", events("returned")),
        ("rows taken back from workers that did not answer", events("rescued")),
        ("rows quarantined, then released", facts.quarantined.len()),
        ("starts of a worker that met a database out of reach", storm.chronicle.early()),
    ] {
        happened.add_row([what.to_owned(), times.to_string()]);
    }
    println!("{happened}");
    println!(
        "death to claimed again, PostgreSQL being there: {}",
        spread(&invariants::rescues(storm, facts))
    );
    println!("from the end of the storm until every row had ended: {:.1} s", calm.as_secs_f64());
    for ((queue, organization), times) in invariants::waits(facts) {
        println!("wait of comparable rows, {queue:11} {organization}: {}", spread(&times));
    }
    if let Some((others, own)) = invariants::overtaken(facts) {
        println!(
            "most rows of one organization claimed while a row of another waited: {others}, beside {own} of its own"
        );
    }
    let mut held = table(&["what has to hold", "looked at", "violations"]);
    for check in checks {
        held.add_row([
            check.what.to_owned(),
            check.looked_at.to_string(),
            check.violations.len().to_string(),
        ]);
    }
    println!("{held}");
    checks.iter().map(|check| check.violations.len()).sum()
}

/// Writes the violations, the history of every row named in them, and the workers' logs into the storm's folder.
pub fn keep(storm: &Storm, facts: &Facts, checks: &[Check]) -> PathBuf {
    let home = storm.servers.home.clone();
    let mut text = String::new();
    for check in checks.iter().filter(|check| !check.violations.is_empty()) {
        let _ = writeln!(text, "# {}", check.what);
        for violation in &check.violations {
            let _ = writeln!(text, "{violation}");
            for id in facts.rows.keys().filter(|id| violation.contains(&id.to_string())) {
                for change in facts.changes.iter().filter(|change| change.job_id == *id) {
                    let _ = writeln!(
                        text,
                        "    {} {} token {:?} worker {:?}",
                        change.at, change.event, change.token, change.worker_id
                    );
                }
            }
        }
    }
    let _ = writeln!(text, "# troubles");
    for trouble in storm.chronicle.troubles() {
        let _ = writeln!(text, "{trouble:?}");
    }
    let _ = writeln!(text, "# logs of the workers: {}", storm.world.logs().display());
    println!("{}", text.lines().take(60).collect::<Vec<_>>().join("\n"));
    std::fs::write(home.join("violations.txt"), text).unwrap();
    home
}
