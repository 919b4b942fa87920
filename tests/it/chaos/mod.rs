//! A storm: three real workers under load, while workers are killed, frozen and drained, databases are killed and restarted,
//! networks fall silent and are cut, and clocks go wrong. Afterwards everything must be as if nothing had happened.
//!
//! `make test` plays a short storm, `make chaos` a long one. The seed decides what happens and when; it is printed, and
//! `CHAOS_SEED` plays it again.
#![allow(clippy::print_stdout, reason = "a storm tells what it did, for people who read it")]

pub mod disk;
mod facts;
mod fleet;
mod invariants;
mod ledger;
mod load;
mod oplog;
mod people;
mod plan;
pub mod server;
pub mod servers;
mod storm;
mod summary;
mod wire;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use fastrand::Rng;
use orrery::pipeline::reconcile::Reconciler;
use tokio_util::sync::CancellationToken;

use self::facts::Facts;
use self::fleet::skewed;
use self::ledger::Ledger;
use self::load::Load;
use self::plan::{Event, plan};
use self::storm::Storm;
use crate::support::rows::{count, run};
use crate::support::spread::setting;

/// Seconds of the short storm.
const SHORT_S: u64 = 20;

/// Its seed.
const SEED: u64 = 4;

/// When no row has ended for so long after the storm, those that are open are stuck.
const STUCK: Duration = Duration::from_secs(75);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_storm_of_deaths_freezes_and_cuts_loses_nothing_and_publishes_nothing_twice() {
    let (seconds, seed) = (setting("CHAOS_SECONDS", SHORT_S), setting("CHAOS_SEED", SEED));
    let long = seconds > 120;
    let home = home(seed);
    println!("storm of {seconds} s with seed {seed} in {}", home.display());
    let storm = Storm::gather(home, long).await;
    let mut without = Vec::new();
    if skewed("+1h").is_none() {
        println!("clocks stay right: libfaketime is not installed");
        without.push(Event::SkewClock);
    }
    if storm.servers.disk.is_none() {
        println!("disks stay roomy: only a long storm of root, who may mount, fills them");
        without.push(Event::FillDisk);
    }

    let ledger = Arc::new(Ledger::default());
    let load = Load {
        pool: storm.world.app.clone(),
        ledger: Arc::clone(&ledger),
        organizations: people::organizations(&storm.world.app).await,
        rng: Rng::with_seed(seed),
        most_open: if long { 250 } else { 60 },
    };
    let enough = CancellationToken::new();
    let inserting = tokio::spawn(load.run(enough.clone()));
    storm.play(plan(seed, Duration::from_secs(seconds), &without)).await;
    enough.cancel();
    inserting.await.expect("the application works");

    let calm = calm(&storm).await;
    let facts = Facts::read(&storm, ledger.all()).await;
    let checks = invariants::all(&storm, &facts).await;
    let violations = summary::print(&storm, &facts, &checks, calm);
    if violations > 0 {
        let evidence = summary::keep(&storm, &facts, &checks);
        panic!("{violations} violations with seed {seed}; evidence: {}", evidence.display());
    }
    if !long {
        invariants::notice_tampering(&storm, &facts);
    }
    let (home, logs) = (storm.servers.home.clone(), storm.world.logs().to_owned());
    drop(storm);
    for folder in [home, logs] {
        std::fs::remove_dir_all(&folder)
            .unwrap_or_else(|error| println!("{} stays: {error}", folder.display()));
    }
}

fn home(seed: u64) -> PathBuf {
    std::env::temp_dir().join(format!("orrery-storm-{seed}-{}", std::process::id()))
}

/// Rows of all queues that have not ended.
const OPEN: &str = "
    select (select count(*) from report_generation_queue where status in ('pending', 'processing'))
         + (select count(*) from entity_update_queue where queue_status in ('queued', 'processing'))
         + (select count(*) from quarterly_update_schedule where status in ('scheduled', 'in_progress'))
         + (select count(*) from calculation_jobs where job_status in ('pending', 'in_progress'))";

/// Waits until every row has ended, or until none has ended for too long: the invariants then say which are open.
async fn until_ended(storm: &Storm) {
    let (mut least, mut since) = (i64::MAX, tokio::time::Instant::now());
    let mut looks = tokio::time::interval(Duration::from_millis(50));
    loop {
        looks.tick().await;
        storm.attend();
        let open = count(&storm.world.app, OPEN).await;
        if open < least {
            (least, since) = (open, tokio::time::Instant::now());
        }
        if open == 0 || since.elapsed() > STUCK {
            return;
        }
    }
}

/// Waits until every row has ended, releases what was quarantined, stops the workers and lets the reconciler pass once.
/// Returns how long the rows took.
async fn calm(storm: &Storm) -> Duration {
    let world = &storm.world;
    let began = tokio::time::Instant::now();
    until_ended(storm).await;
    // An operator who knows that the rows were not at fault lets them run again.
    for (table, column, word) in [
        ("report_generation_queue", "status", "pending"),
        ("entity_update_queue", "queue_status", "queued"),
        ("calculation_jobs", "job_status", "pending"),
    ] {
        let release = format!(
            "update {table} set {column} = '{word}' where {column} = 'failed'
             and id in (select job_id from orrery.quarantine where released_at is null)"
        );
        run(&world.app, &release).await;
    }
    until_ended(storm).await;
    let took = began.elapsed();
    for member in &storm.members {
        if let Err(why) = member.lock().await.drain(Duration::from_secs(40)).await {
            storm.undrained.lock().unwrap().push(why);
        }
    }
    Reconciler::new(world.context()).remove_orphans(Duration::ZERO).await.unwrap();
    took
}
