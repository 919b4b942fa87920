//! How the rows ended.

use std::collections::HashSet;

use uuid::Uuid;

use super::Check;
use crate::chaos::facts::{Facts, Row};
use crate::chaos::ledger::{Entry, Plan};

/// Codes of errors that are in the data and not in the storm.
const IN_THE_DATA: [&str; 3] = ["data.", "astro.", "report.type_unknown"];

/// Rows that an operator had to release, or whose parents were such.
fn touched_by_quarantine(facts: &Facts) -> HashSet<Uuid> {
    let mut touched: HashSet<Uuid> = facts.quarantined.iter().copied().collect();
    loop {
        let more: Vec<Uuid> = facts
            .ledger
            .iter()
            .filter(|(id, entry)| {
                !touched.contains(id) && entry.parents.iter().any(|parent| touched.contains(parent))
            })
            .map(|(id, _)| *id)
            .collect();
        if more.is_empty() {
            return touched;
        }
        touched.extend(more);
    }
}

/// Whether something that a row waits for did not complete.
fn orphaned(facts: &Facts, entry: &Entry) -> bool {
    entry.parents.iter().any(|parent| facts.rows.get(parent).is_none_or(|row| row.status != "completed"))
}

/// Every row that the application inserted is there and has ended as planned.
pub fn ended_as_planned(facts: &Facts) -> Check {
    let mut check = Check::new("every inserted row ended as planned");
    let touched = touched_by_quarantine(facts);
    for (id, entry) in &facts.ledger {
        let row = facts.rows.get(id);
        let holds = row
            .is_some_and(|row| as_planned(facts, *id, entry, row) || (touched.contains(id) && row.ended()));
        check.look(holds, || format!("{id} {entry:?} {row:?} errors {:?}", facts.errors.get(id)));
    }
    check
}

fn as_planned(facts: &Facts, id: Uuid, entry: &Entry, row: &Row) -> bool {
    let cancelled_word = if entry.queue == "entity" { "skipped" } else { "cancelled" };
    if entry.cancelled {
        return row.status == cancelled_word;
    }
    let last_code = facts.errors.get(&id).and_then(|codes| codes.last()).map(String::as_str);
    if orphaned(facts, entry) {
        return row.status == "failed" && last_code == Some("dependency.failed");
    }
    match entry.plan {
        Plan::Completes => row.status == "completed",
        Plan::Skipped => row.status == "skipped",
        Plan::Fails(code) => row.status == "failed" && last_code == Some(code),
    }
}

/// No error was recorded for a row that was not at fault: what is down costs no attempt.
pub fn cost_no_attempt(facts: &Facts) -> Check {
    let mut check = Check::new("databases and workers that were away cost no attempt");
    for (id, entry) in &facts.ledger {
        let codes = facts.errors.get(id).map_or(&[][..], Vec::as_slice);
        let strange = codes.iter().any(|code| {
            let own = matches!(entry.plan, Plan::Fails(planned) if planned == code);
            !own && !code.starts_with("dependency.") && code != "worker.died"
        });
        check.look(!strange, || format!("{id} {entry:?} errors {codes:?}"));
    }
    check
}

/// Nothing began before what it waits for had completed.
pub fn in_order(facts: &Facts) -> Check {
    let mut check = Check::new("no row began before what it waits for had completed");
    for (id, entry) in &facts.ledger {
        let Some(row) = facts.rows.get(id).filter(|row| row.status == "completed") else { continue };
        for parent in entry.parents.iter().filter_map(|parent| facts.rows.get(parent)) {
            let holds = parent.status == "completed" && parent.completed_at <= row.started_at;
            check.look(holds, || format!("{row:?} waits for {parent:?}"));
        }
    }
    check
}

/// Rows that Orrery itself has inserted (entities and reports of a quarter, recorded calculations) have ended, too.
pub fn others_ended(facts: &Facts) -> Check {
    let mut check = Check::new("every row that a quarter added ended, and failed only for its data");
    let touched: HashSet<&Uuid> = facts.quarantined.iter().collect();
    for row in facts.rows.values().filter(|row| !facts.ledger.contains_key(&row.id)) {
        let codes = facts.errors.get(&row.id).map_or(&[][..], Vec::as_slice);
        let in_the_data = codes.iter().all(|code| IN_THE_DATA.iter().any(|known| code.starts_with(known)));
        let holds = row.ended()
            && ((in_the_data && (row.status != "failed" || !codes.is_empty())) || touched.contains(&row.id));
        check.look(holds, || format!("{row:?} errors {codes:?}"));
    }
    check
}

/// Only rows whose worker died three times are quarantined.
pub fn quarantine_is_earned(facts: &Facts) -> Check {
    let mut check = Check::new("only a row that lost its worker three times was quarantined");
    for id in &facts.quarantined {
        let rescued =
            facts.changes.iter().filter(|change| change.job_id == *id && change.event == "rescued").count();
        // The third death ends the row instead of putting it back.
        check.look(rescued >= 2, || format!("{id} was put back {rescued} times"));
    }
    check
}
