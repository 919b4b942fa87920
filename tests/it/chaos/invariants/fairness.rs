//! Whether organizations took turns.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use uuid::Uuid;

use super::Check;
use crate::chaos::facts::{Change, Facts};
use crate::chaos::plan::WORKERS;

/// Rows of one queue that all workers together can have claimed: slots and prefetch of each.
fn capacity(queue: &str) -> usize {
    let of_one = match queue {
        "report" => 2 + 4,
        "entity" => 2 + 16,
        _ => 1 + 8,
    };
    of_one * WORKERS
}

/// First claims of comparable rows, each with the change that made the row ready.
fn first_claims(facts: &Facts) -> Vec<(usize, usize)> {
    let mut ready: HashMap<Uuid, usize> = HashMap::new();
    let mut pairs = Vec::new();
    for (at, change) in facts.changes.iter().enumerate() {
        if !facts.ledger.get(&change.job_id).is_some_and(|entry| entry.comparable) {
            continue;
        }
        match change.event.as_str() {
            "ready" => drop(ready.entry(change.job_id).or_insert(at)),
            "claimed" => pairs.extend(ready.remove(&change.job_id).map(|from| (from, at))),
            _ => {}
        }
    }
    pairs
}

/// While a row waited, no other organization was served more often than its own, but for what fits into the slots of all
/// workers twice: what others had claimed before it came, and what dead workers hold until they are noticed.
pub fn turns_were_taken(facts: &Facts) -> Check {
    let mut check =
        Check::new("no organization was served more than its turns while a row of another waited");
    for (from, to) in first_claims(facts) {
        let row = &facts.changes[to];
        let mut served: HashMap<&str, usize> = HashMap::new();
        for change in facts.changes[from..to]
            .iter()
            .filter(|change| change.queue == row.queue && change.event == "claimed")
        {
            *served.entry(&change.organization_id).or_default() += 1;
        }
        let own = served.remove(row.organization_id.as_str()).unwrap_or(0);
        let most = served.into_iter().max_by_key(|(_, times)| *times);
        let bound = own + 2 * capacity(&row.queue);
        check.look(most.is_none_or(|(_, times)| times <= bound), || {
            format!(
                "{} {} waited while {most:?} were served, its own organization {own} times",
                row.queue, row.job_id
            )
        });
    }
    check
}

/// Median and longest wait of comparable rows by queue and organization.
pub fn waits(facts: &Facts) -> BTreeMap<(String, String), Vec<Duration>> {
    let mut waits: BTreeMap<(String, String), Vec<Duration>> = BTreeMap::new();
    for (from, to) in first_claims(facts) {
        let (ready, claimed): (&Change, &Change) = (&facts.changes[from], &facts.changes[to]);
        let of = waits.entry((claimed.queue.clone(), claimed.organization_id.clone())).or_default();
        of.push((claimed.at - ready.at).to_std().unwrap_or_default());
    }
    for times in waits.values_mut() {
        times.sort();
    }
    waits
}
