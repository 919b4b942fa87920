//! Leases: who lost one, how soon it was noticed, and what is left of them.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::Check;
use crate::chaos::facts::{Change, Facts};
use crate::chaos::fleet::Trouble;
use crate::chaos::storm::Storm;
use crate::support::rows::count;

/// A row is only taken from a worker that could not show itself since its last heartbeat.
pub fn nobody_alive_was_rescued(storm: &Storm, facts: &Facts) -> Check {
    let mut check = Check::new("no row was taken from a worker that lived and could reach PostgreSQL");
    let troubles = storm.chronicle.troubles();
    for change in facts.changes.iter().filter(|change| change.event == "rescued") {
        let excused = troubles.iter().any(|trouble| explains(trouble, change));
        check.look(excused, || format!("{change:?}"));
    }
    check
}

fn explains(trouble: &Trouble, change: &Change) -> bool {
    let whose = trouble.pid.is_none() || trouble.pid == change.pid() || trouble.pid == change.opener();
    // After a silence the connections of a worker may take a while to notice that they are dead.
    let slack = TimeDelta::seconds(5);
    let since = change.heartbeat_at.unwrap_or(change.at);
    whose && trouble.from <= change.at && trouble.to.is_none_or(|to| to + slack >= since)
}

/// Times from a `kill -9` until rows of the dead worker were claimed again, while PostgreSQL was there all along.
pub fn rescues(storm: &Storm, facts: &Facts) -> Vec<Duration> {
    let troubles = storm.chronicle.troubles();
    let away = |from: DateTime<Utc>, to: DateTime<Utc>| {
        troubles.iter().any(|trouble| {
            trouble.pid.is_none()
                && trouble.from <= to
                && trouble.to.is_none_or(|end| end + TimeDelta::seconds(12) >= from)
        })
    };
    let mut times = Vec::new();
    for (at, change) in facts.changes.iter().enumerate().filter(|(_, change)| change.event == "rescued") {
        // A worker that was cut off before it died had lost a part of its lease already.
        let fresh = |trouble: &&Trouble| {
            change.heartbeat_at.is_some_and(|at| at + TimeDelta::seconds(4) > trouble.from)
        };
        let killed = |trouble: &&Trouble| trouble.pid == change.pid() && trouble.what == "killed";
        let Some(death) = troubles.iter().find(killed).filter(fresh) else {
            continue;
        };
        let next =
            facts.changes[at..].iter().find(|next| next.job_id == change.job_id && next.event == "claimed");
        if let Some(next) = next.filter(|next| !away(death.from, next.at)) {
            times.push((next.at - death.from).to_std().unwrap_or_default());
        }
    }
    times.sort();
    times
}

/// No dispatch row, edge or reserved version is left.
pub async fn nothing_is_left(storm: &Storm) -> Check {
    let mut check = Check::new("no dispatch row, edge or reserved version is left");
    for table in ["dispatch", "dependency", "report_slot"] {
        let left = count(&storm.world.app, &format!("select count(*) from orrery.{table}")).await;
        let shown: Vec<String> =
            sqlx::query_scalar(sqlx::AssertSqlSafe(format!("select t::text from orrery.{table} t limit 20")))
                .fetch_all(&storm.world.app)
                .await
                .unwrap();
        check.look(left == 0, || format!("{left} rows in orrery.{table}: {shown:#?}"));
    }
    check
}

/// No worker ended unasked, and those that were asked ended well.
pub fn workers_live(storm: &Storm) -> Check {
    let mut check = Check::new("no worker ended unasked, and each that was asked ended well");
    check.looked_at = storm.chronicle.troubles().len();
    check.violations = storm.chronicle.deserters();
    check.violations.extend(storm.undrained.lock().unwrap().iter().cloned());
    check
}
