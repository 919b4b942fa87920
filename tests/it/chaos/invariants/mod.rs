//! What has to hold after a storm. Each invariant says how much it looked at and what broke it.

mod fairness;
mod leases;
mod rows;
mod stores;
mod tampered;

use super::facts::Facts;
use super::storm::Storm;

pub use fairness::{overtaken, waits};
pub use leases::rescues;
pub use tampered::notice_tampering;

/// One invariant after a storm.
pub struct Check {
    /// What has to hold.
    pub what: &'static str,
    /// How much was looked at.
    pub looked_at: usize,
    /// What broke it.
    pub violations: Vec<String>,
}

impl Check {
    /// Nothing has been looked at yet.
    pub const fn new(what: &'static str) -> Self {
        Self { what, looked_at: 0, violations: Vec::new() }
    }

    /// Looks at one thing.
    pub fn look(&mut self, holds: bool, violation: impl FnOnce() -> String) {
        self.looked_at += 1;
        if !holds {
            self.violations.push(violation());
        }
    }
}

/// All invariants.
pub async fn all(storm: &Storm, facts: &Facts) -> Vec<Check> {
    let mut checks = of_facts(storm, facts);
    checks.push(stores::one_latest(storm).await);
    checks.push(leases::nothing_is_left(storm).await);
    checks.push(leases::workers_live(storm));
    checks
}

/// Those that need what was read only.
fn of_facts(storm: &Storm, facts: &Facts) -> Vec<Check> {
    vec![
        rows::ended_as_planned(facts),
        rows::cost_no_attempt(facts),
        rows::in_order(facts),
        rows::others_ended(facts),
        rows::quarantine_is_earned(facts),
        stores::one_of_each(facts),
        stores::one_document(facts),
        stores::nothing_without_metadata(facts),
        stores::cancelled_published_nothing(facts),
        stores::winners_wrote(facts),
        stores::entities_bear_the_newest(facts),
        stores::tokens_only_rise(facts),
        stores::others_only_renew(facts),
        stores::results_bear_the_winner(facts),
        stores::every_entity_is_there(facts),
        stores::every_calculation_is_there(facts),
        leases::nobody_alive_was_rescued(storm, facts),
        fairness::turns_were_taken(facts),
    ]
}
