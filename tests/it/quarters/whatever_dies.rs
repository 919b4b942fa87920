//! The result of a quarter is right whatever dies while it runs.

use std::path::PathBuf;
use std::time::Duration;

use uuid::Uuid;

use super::{SCHEDULES, schedule};
use crate::chaos::servers::Servers;
use crate::crash::QUICK;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::database::migrated;
use crate::support::platform;
use crate::support::rows::{count, run, standing};
use crate::support::worker::Worker;

/// People, unless `QUARTER_PEOPLE` says otherwise; with those of the small platform there are six rows more, of which two fail.
const PEOPLE: i32 = 300;

fn people() -> i32 {
    std::env::var("QUARTER_PEOPLE")
        .map_or(PEOPLE, |people| people.parse().expect("QUARTER_PEOPLE is a number"))
}

/// Workers that are killed.
const KILLS: i64 = 10;

/// Rows that complete between two kills: the last one comes when five sixths are done.
fn between() -> i64 {
    i64::from(people() / 12)
}

const OPEN: &str =
    "execution_start_time = '12:00', execution_end_time = '11:59:59', scheduled_date = current_date - 2";
const SHUT: &str = "execution_start_time = ((now() + interval '2 hours') at time zone 'UTC')::time,
                    execution_end_time = ((now() + interval '3 hours') at time zone 'UTC')::time, scheduled_date = current_date";

/// Small batches where there are few people, so that there are many moments at which a worker can die.
fn settings() -> Vec<(&'static str, &'static str)> {
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_REPORT_ENABLED", "false"));
    if people() == PEOPLE {
        settings.extend([
            ("ORRERY_ENTITY_CONCURRENCY", "1"),
            ("ORRERY_ENTITY_BATCH", "8"),
            ("ORRERY_ENTITY_PREFETCH", "16"),
        ]);
    }
    settings
}

/// Waits until a quarter has completed.
async fn ended(world: &World, id: Uuid) {
    let limit = Duration::from_mins(2) + Duration::from_millis(50) * people().unsigned_abs();
    world
        .eventually(limit, "the quarter has completed", async || {
            let now = standing(&world.app, SCHEDULES, id).await;
            assert!(now.status != "failed", "{now:?}\n{}", world.evidence());
            if now.status == "completed" { Ok(()) } else { Err(format!("{now:?}")) }
        })
        .await;
}

/// A quarter that nothing disturbs.
async fn calm(world: &World, quarter: &str) -> Uuid {
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_REPORT_ENABLED", "false"));
    let mut worker = world.worker(&settings).await;
    let id = schedule(&world.app, quarter, 2031, true).await;
    ended(world, id).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    id
}

/// Kills workers, restarts MongoDB and closes the window while a quarter runs. Returns how many kills hit it while rows were open.
async fn stormy(world: &World, servers: &Servers, quarter: &str) -> (Uuid, i64) {
    let settings = settings();
    let mut workers: Vec<Worker> = Vec::new();
    for _ in 0..3 {
        workers.push(world.worker(&settings).await);
    }
    let id = schedule(&world.app, quarter, 2031, true).await;
    let completed = format!(
        "select count(*) from entity_update_queue where schedule_id = '{id}' and queue_status = 'completed'"
    );
    let mut hit = 0;
    for kill in 1..=KILLS {
        world
            .eventually(Duration::from_mins(5), &format!("enough is done for kill {kill}"), async || {
                let done = count(&world.app, &completed).await;
                if done > (kill - 1) * between() { Ok(()) } else { Err(format!("{done} rows")) }
            })
            .await;
        workers.remove(0).kill();
        hit += i64::from(count(&world.app, &completed).await < i64::from(people()));
        if matches!(kill, 3 | 7) {
            servers.restart_mongod(&mut *servers.mongod.lock().await, "KILL").await;
        }
        if matches!(kill, 4 | 8) {
            run(&world.app, &format!("update quarterly_update_schedule set {SHUT} where id = '{id}'")).await;
            let held = "select count(*) from orrery.dispatch where queue = 'entity' and state = 'waiting'";
            world
                .eventually(Duration::from_mins(1), "the rows wait for the window", async || {
                    let held = count(&world.app, held).await;
                    if held > 0 { Ok(()) } else { Err("none waits".to_owned()) }
                })
                .await;
            run(&world.app, &format!("update quarterly_update_schedule set {OPEN} where id = '{id}'")).await;
        }
        workers.push(world.worker_starting(&settings));
    }
    ended(world, id).await;
    for mut worker in workers {
        worker.stop(Duration::from_secs(30)).await;
    }
    (id, hit)
}

/// What the applications' row of the schedule says, but for times.
async fn told(world: &World, id: Uuid) -> (i32, i32, i32, String) {
    sqlx::query_as(
        "select total_entities, processed_entities, failed_entities,
                (select string_agg(concat(e ->> 'code', e ->> 'entities', e ->> 'sample'), ' ' order by e ->> 'code') from jsonb_array_elements(error_summary) e)
         from quarterly_update_schedule where id = $1",
    )
    .bind(id)
    .fetch_one(&world.app)
    .await
    .unwrap()
}

fn home() -> PathBuf {
    std::env::temp_dir().join(format!("orrery-quarter-{}", std::process::id()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_deaths_two_restarts_of_mongodb_and_two_closed_windows_leave_the_result_of_a_calm_run() {
    let undisturbed = World::new().await;
    crowd(&undisturbed.app, people()).await;
    calm(&undisturbed, "Q1").await;
    let wanted = calm(&undisturbed, "Q2").await;

    let servers = Servers::start(home(), false).await;
    let url = migrated(&servers.postgres_url, "quarter").await;
    let name = format!("{}-logs", servers.home.file_name().unwrap().to_str().unwrap());
    let world = World::at(name, &url, &servers.mongodb_uri).await;
    world.set_up_mongodb().await;
    platform::load(&world.app).await;
    crowd(&world.app, people()).await;
    calm(&world, "Q1").await;
    let (found, hit) = stormy(&world, &servers, "Q2").await;
    assert!(hit > KILLS / 2, "only {hit} kills hit a quarter that ran");

    assert_eq!(told(&world, found).await, told(&undisturbed, wanted).await, "counters and errors");
    let (calm, storm) = (undisturbed.plain_documents().await, world.plain_documents().await);
    for ((collection, calm), (other, storm)) in calm.iter().zip(&storm) {
        assert_eq!(collection, other);
        assert_eq!(calm.len(), storm.len(), "{collection}");
        let differ = calm.iter().zip(storm).filter(|(calm, storm)| calm != storm).count();
        assert_eq!(differ, 0, "documents of {collection} that differ\n{}", world.evidence());
    }
    for (calm, storm) in undisturbed.plain_tables().await.iter().zip(&world.plain_tables().await) {
        if calm == storm {
            continue;
        }
        let missing: Vec<&String> = calm.iter().filter(|row| !storm.contains(row)).take(3).collect();
        let more: Vec<&String> = storm.iter().filter(|row| !calm.contains(row)).take(3).collect();
        panic!("{} rows, not {}; missing: {missing:#?}\nmore: {more:#?}", storm.len(), calm.len());
    }
    for sql in [
        "select count(*) from orrery.dispatch",
        "select count(*) from orrery.quarantine",
        "select abs((select count(*) from orrery.outbox where topic = 'quarter.completed') - 2)",
    ] {
        assert_eq!(count(&world.app, sql).await, 0, "{sql}");
    }
    let (home, logs) = (servers.home.clone(), world.logs().to_owned());
    drop(world);
    drop(servers);
    for folder in [home, logs] {
        let _ = std::fs::remove_dir_all(&folder);
    }
    undisturbed.close().await;
}
