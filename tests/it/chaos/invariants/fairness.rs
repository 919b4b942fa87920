//! Whether organizations took turns.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use uuid::Uuid;

use super::Check;
use crate::chaos::facts::{Change, Facts};
use crate::chaos::plan::WORKERS;

/// Rows of one queue that all workers together can claim in the same instant, without seeing each other's claims.
fn at_once(queue: &str) -> i64 {
    let of_one = match queue {
        "report" => 4,
        "entity" => 16,
        _ => 8,
    };
    of_one * i64::try_from(WORKERS).unwrap()
}

/// How long a row has to have been ready, so that every claim that is on its way has seen it.
const SEEN: TimeDelta = TimeDelta::seconds(2);

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

/// For how long a lease counts for its organization's turn without a heartbeat: half of it, with default settings.
const COUNTS: TimeDelta = TimeDelta::seconds(6);

/// Rows that organizations hold, each with the time of its claim.
#[derive(Default)]
struct Held<'a>(HashMap<(&'a str, &'a str), HashMap<Uuid, DateTime<Utc>>>);

impl<'a> Held<'a> {
    fn claimed(&mut self, change: &'a Change) {
        let of = self.0.entry((&change.queue, &change.organization_id)).or_default();
        of.insert(change.job_id, change.at);
    }

    fn freed(&mut self, change: &'a Change) {
        if let Some(of) = self.0.get_mut(&(change.queue.as_str(), change.organization_id.as_str())) {
            of.remove(&change.job_id);
        }
    }

    /// All rows: the most that may count for the turn.
    fn at_most(&self, queue: &str, organization: &str) -> i64 {
        self.0.get(&(queue, organization)).map_or(0, |of| i64::try_from(of.len()).unwrap())
    }

    /// Rows claimed so lately that they count for the turn even if their worker, or PostgreSQL, has been silent since.
    fn at_least(&self, queue: &str, organization: &str, at: DateTime<Utc>) -> i64 {
        let of = self.0.get(&(queue, organization));
        let counts = of.map_or(0, |of| of.values().filter(|claimed| at - **claimed < COUNTS).count());
        i64::try_from(counts).unwrap()
    }
}

/// An organization that holds more rows than another, whose comparable row waits, gets no further one; but for rows that
/// several workers claim in the same instant. Rows of a worker that may be dead do not count. A row that a worker died
/// over is left out: it goes to a lane, which may take nothing else.
pub fn turns_were_taken(facts: &Facts) -> Check {
    let mut check =
        Check::new("no organization got a row while one that waited held fewer, but for claims at once");
    let mut waiting: HashMap<Uuid, (&str, &str, DateTime<Utc>)> = HashMap::new();
    let mut held = Held::default();
    for change in &facts.changes {
        let (queue, organization) = (change.queue.as_str(), change.organization_id.as_str());
        let comparable = facts.ledger.get(&change.job_id).is_some_and(|entry| entry.comparable);
        match change.event.as_str() {
            "ready" if comparable => drop(waiting.insert(change.job_id, (queue, organization, change.at))),
            "returned" | "rescued" | "ended" => held.freed(change),
            "gone" => drop(waiting.remove(&change.job_id)),
            "claimed" => {
                waiting.remove(&change.job_id);
                held.claimed(change);
                if change.crashes > 0 {
                    continue;
                }
                let others = waiting.values().filter(|(other_queue, other, since)| {
                    *other_queue == queue && *other != organization && change.at - *since > SEEN
                });
                let fewest = others.map(|(_, other, _)| held.at_most(queue, other)).min();
                if let Some(fewest) = fewest {
                    let mine = held.at_least(queue, organization, change.at);
                    check.look(mine <= fewest + 1 + at_once(queue), || {
                        format!(
                            "{queue} {}: {organization} held {mine} while one that waited held {fewest}",
                            change.job_id
                        )
                    });
                }
            }
            _ => {}
        }
    }
    check
}

/// Most rows of another organization that were claimed while a comparable row waited, beside those of its own.
pub fn overtaken(facts: &Facts) -> Option<(usize, usize)> {
    let mut worst: Option<(usize, usize)> = None;
    for (from, to) in first_claims(facts) {
        let row = &facts.changes[to];
        let mut served: HashMap<&str, usize> = HashMap::new();
        for change in &facts.changes[from..to] {
            if change.queue == row.queue && change.event == "claimed" {
                *served.entry(&change.organization_id).or_default() += 1;
            }
        }
        let own = served.remove(row.organization_id.as_str()).unwrap_or(0);
        let most = served.into_values().max().unwrap_or(0);
        if worst
            .is_none_or(|(most_yet, own_then)| most.saturating_sub(own) > most_yet.saturating_sub(own_then))
        {
            worst = Some((most, own));
        }
    }
    worst
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
