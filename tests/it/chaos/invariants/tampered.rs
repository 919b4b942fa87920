//! The invariants themselves are tested: on what a real storm left, with one thing changed at a time.

use bson::doc;
use chrono::TimeDelta;
use uuid::Uuid;

use super::of_facts;
use crate::chaos::facts::{self, Facts};
use crate::chaos::ledger::Plan;
use crate::chaos::oplog::Write;
use crate::chaos::storm::Storm;

/// A change of the facts that some invariant must notice.
type Change = (&'static str, fn(&mut Facts));

const CHANGES: [Change; 21] = [
    ("a row is lost", |facts| {
        let id = *facts.ledger.keys().next().unwrap();
        facts.rows.remove(&id);
    }),
    ("a row never ended", |facts| {
        let id = *facts.ledger.keys().next().unwrap();
        "processing".clone_into(&mut facts.rows.get_mut(&id).unwrap().status);
    }),
    ("an attempt was burnt", |facts| {
        let id = *facts.ledger.iter().find(|(_, entry)| entry.plan == Plan::Completes).unwrap().0;
        facts.errors.entry(id).or_default().push("store.mongodb_down".to_owned());
    }),
    ("a result without metadata", |facts| facts.published[0].metadata = 0),
    ("a second version", |facts| facts.published[0].versions = 2),
    ("a published report twice", |facts| {
        facts.published[0].report_id = facts.published[1].report_id.clone();
    }),
    ("a document is gone", |facts| drop(facts.documents.get_mut("reports").unwrap().pop())),
    ("an analysis twice", |facts| {
        let all = facts.documents.get_mut("analysis_data").unwrap();
        all.push(all[0].clone());
    }),
    ("a document that nobody knows", |facts| {
        facts.documents.get_mut("training_recommendations").unwrap().push(doc! { "reportId": "unknown" });
    }),
    ("a document of another claim", |facts| {
        let job = facts.documents.get_mut("reports").unwrap()[0].get_document_mut("job").unwrap();
        job.insert("token", 1_i64);
    }),
    ("an old chart over a new one", |facts| {
        for chart in facts.entities.get_mut("birth_charts").unwrap() {
            chart.get_document_mut("job").unwrap().insert("token", 0_i64);
        }
    }),
    ("a late write of a loser", |facts| {
        let mut late = facts.writes.iter().rev().find(|write| write.token.is_some()).unwrap().clone();
        late.token = Some(0);
        facts.writes.push(late);
    }),
    ("an expiry that a loser moved", |facts| {
        let late = later(facts, &["expiryDate", "updatedAt", "job.renewed"], Some(0));
        facts.writes.push(late);
    }),
    ("an expiry that was moved by nobody knows whom", |facts| {
        let late = later(facts, &["expiryDate", "updatedAt"], None);
        facts.writes.push(late);
    }),
    ("a report that was changed beside its token", |facts| {
        let late = later(facts, &["content.summary"], None);
        facts.writes.push(late);
    }),
    ("a result of a loser", |facts| *facts.results.values_mut().next().unwrap() = Some(0)),
    ("a completed row without result", |facts| {
        let id = *facts.updated.keys().next().unwrap();
        facts.results.remove(&id);
    }),
    ("all charts of an entity are gone", |facts| {
        let (_, entity) = facts.updated.values().next().unwrap().clone();
        let charts = facts.entities.get_mut("birth_charts").unwrap();
        charts.retain(|chart| chart.get_str("entity_id").ok() != Some(entity.as_str()));
    }),
    ("a calculation that names a document which is not there", |facts| {
        facts.calculated.values_mut().next().unwrap().1 = Some("000000000000000000000000".to_owned());
    }),
    ("a row taken from a worker that lived", |facts| {
        let mut change = facts.changes.iter().find(|change| change.event == "claimed").unwrap().clone();
        "rescued".clone_into(&mut change.event);
        change.at -= TimeDelta::days(1);
        facts.changes.push(change);
    }),
    ("one organization is served alone", |facts| {
        let of_report =
            |change: &&facts::Change, event: &str| change.queue == "report" && change.event == event;
        let first = |change: &&facts::Change| of_report(change, "claimed") && change.crashes == 0;
        let claim = facts.changes.iter().find(first).unwrap().clone();
        let comparable =
            |change: &facts::Change| facts.ledger.get(&change.job_id).is_some_and(|entry| entry.comparable);
        let ready = facts
            .changes
            .iter()
            .position(|change| of_report(&change, "ready") && comparable(change))
            .unwrap();
        let at = facts.changes[ready].at + TimeDelta::seconds(10);
        let alone = (0..1000).map(|n| {
            let mut claim = claim.clone();
            "greedy".clone_into(&mut claim.organization_id);
            claim.job_id = Uuid::from_u128(n);
            claim.at = at;
            claim
        });
        facts.changes.splice(ready + 1..=ready, alone).for_each(drop);
    }),
];

/// A write of a report's document after all others that leaves its token and changes these fields.
fn later(facts: &Facts, fields: &[&str], renewed: Option<i64>) -> Write {
    let written = |write: &&Write| write.token.is_some() && write.collection() == "reports";
    let last = facts.writes.iter().rev().find(written).unwrap().clone();
    Write { token: None, fields: fields.iter().map(|field| (*field).to_owned()).collect(), renewed, ..last }
}

/// Panics when the invariants do not notice one of the changes.
pub fn notice_tampering(storm: &Storm, facts: &Facts) {
    let broken =
        |facts: &Facts| of_facts(storm, facts).iter().map(|check| check.violations.len()).sum::<usize>();
    let before = broken(facts);
    for (what, change) in CHANGES {
        let mut tampered = facts.clone();
        change(&mut tampered);
        assert!(broken(&tampered) > before, "no invariant notices: {what}");
    }
}
