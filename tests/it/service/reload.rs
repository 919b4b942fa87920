//! SIGHUP: what a worker takes over from its file while it runs.

use std::path::Path;
use std::time::Duration;

use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::hold_birth_data;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, ENTITIES, REPORTS, count};
use crate::support::worker::Worker;

/// Writes the file and has the worker read it; waits for `wanted` in what is logged from then on.
async fn reload(world: &World, worker: &Worker, file: &Path, text: &str, wanted: &[&str]) -> String {
    let before = worker.log().len();
    std::fs::write(file, text).unwrap();
    worker.signal("HUP");
    world
        .eventually(Duration::from_secs(10), "the reload is told", async || {
            let log = worker.log();
            let new = &log[before..];
            if wanted.iter().all(|word| new.contains(word)) {
                Ok(new.to_owned())
            } else {
                Err(new.to_owned())
            }
        })
        .await
}

async fn entity(world: &World) {
    let id = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    world.completed(ENTITIES, id).await;
}

async fn report(world: &World) -> Uuid {
    rows::new_version(&world.app, ANNA, "compatibility_company").await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_takes_over_level_pauses_and_limits_and_says_what_needs_a_restart() {
    let world = World::new().await;
    let file = world.logs().join("orrery.toml");
    std::fs::write(&file, "[calculation]\nenabled = false\n").unwrap();
    let settings = [
        ("ORRERY_CONFIG", file.to_str().unwrap()),
        ("ORRERY_QUEUE_LEASE_S", "6"),
        ("ORRERY_QUEUE_HEARTBEAT_S", "1"),
    ];
    let mut worker = world.worker(&settings).await;

    // The first claim is over: one on its way when the queue is switched off still brings what it finds.
    world.completed(REPORTS, report(&world).await).await;

    // A queue that is off: nothing of it is claimed, the others go on.
    let told = reload(
        &world,
        &worker,
        &file,
        "[log]\nlevel = \"debug\"\n[report]\nenabled = false\n[queue]\nsweep_s = 20\n[calculation]\nenabled = true\n",
        &["configuration reloaded", "changed=4"],
    )
    .await;
    let line = |key: &str| {
        told.lines().find(|line| line.contains(&format!("key={key}"))).unwrap_or_else(|| panic!("{told}"))
    };
    for key in ["log.level", "report.enabled"] {
        assert!(line(key).contains("setting changed") && !line(key).contains("restart"), "{}", line(key));
    }
    for key in ["queue.sweep_s", "calculation.enabled"] {
        assert!(line(key).contains("needs a restart"), "{}", line(key));
    }
    let waiting = report(&world).await;
    entity(&world).await;
    assert!(worker.log().contains("DEBUG"), "the level has changed");
    assert_eq!(rows::standing(&world.app, REPORTS, waiting).await.status, "pending");

    // On again, with one slot of four: of several rows one begins.
    reload(
        &world,
        &worker,
        &file,
        "[report]\nconcurrency = 1\n[calculation]\nenabled = false\n",
        &["configuration reloaded"],
    )
    .await;
    world.completed(REPORTS, waiting).await;
    let held = hold_birth_data(&world).await;
    let three = [report(&world).await, report(&world).await, report(&world).await];
    world
        .eventually(Duration::from_secs(20), "one row has begun, the others wait for the slot", async || {
            let leased =
                count(&world.app, "select count(*) from orrery.dispatch where state = 'leased'").await;
            let wait = count(&world.app, "select count(*) from orrery.dispatch where begun is false").await;
            if (leased, wait) == (3, 2) { Ok(()) } else { Err(format!("{leased} leased, {wait} wait")) }
        })
        .await;
    held.rollback().await.unwrap();
    for id in three {
        world.completed(REPORTS, id).await;
    }

    // A wrong file changes nothing and is one line.
    let told = reload(&world, &worker, &file, "[report]\nconcurency = 9\n", &["not reloaded"]).await;
    let complaints: Vec<&str> = told.lines().filter(|line| line.contains("ERROR")).collect();
    assert_eq!(complaints.len(), 1, "{told}");
    rows::says(complaints[0], &["report.concurency", "report.concurrency", file.to_str().unwrap()]);
    entity(&world).await;
    let told = reload(
        &world,
        &worker,
        &file,
        "[report]\nconcurrency = 9\n[calculation]\nenabled = false\n",
        &["configuration reloaded"],
    )
    .await;
    assert!(told.contains("slots=4") && told.contains("restart"), "{told}");
    let last = report(&world).await;
    world.completed(REPORTS, last).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
