//! Rows that only waited for a slot when their worker died: nobody blames them.

use std::time::Duration;

use orrery::queue::{InFlight, Queue};
use uuid::Uuid;

use super::{QUICK, held};
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, ENTITIES, dispatch};
use crate::support::servers::mongodb_uri;

const KIND: &str = "training_development";

/// Waits until so many leased rows have begun, or are said to wait, and returns them.
async fn leased(world: &World, begun: bool, rows: usize) -> Vec<Uuid> {
    let what = format!("rows with begun = {begun}");
    world
        .eventually(Duration::from_secs(30), &what, async || {
            let found: Vec<Uuid> = sqlx::query_scalar(
                "select job_id from orrery.dispatch where state = 'leased' and begun = $1 order by job_id",
            )
            .bind(begun)
            .fetch_all(&world.app)
            .await
            .unwrap();
            if found.len() >= rows { Ok(found) } else { Err(format!("{} are", found.len())) }
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_killed_workers_entities_only_those_that_it_had_begun_are_blamed_and_run_alone() {
    let world = World::new().await;
    crowd(&world.app, 40).await;
    let proxy = Proxy::start(&mongodb_uri(), "commitTransaction").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.extend([
        ("ORRERY_MONGODB_URI", address.as_str()),
        ("ORRERY_ENTITY_CONCURRENCY", "1"),
        ("ORRERY_ENTITY_BATCH", "5"),
        ("ORRERY_ENTITY_PREFETCH", "20"),
    ]);
    let first = world.worker(&settings).await;
    proxy.arm();
    rows::run(
        &world.app,
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active)
         select 'employee', id::text, organization_id::text, true from employees where id::text like '62%'",
    )
    .await;
    held(&world, &proxy, 1).await;
    let waited = leased(&world, false, 15).await;
    let begun = leased(&world, true, 1).await;
    assert!(begun.len() <= 10, "a batch, and one that the slot may have taken already: {}", begun.len());
    first.kill();

    let second = world.worker(&QUICK).await;
    let rescued = |row: &Uuid| {
        let log = second.log();
        log.lines()
            .find(|line| line.contains("row rescued") && line.contains(&row.to_string()))
            .map(str::to_owned)
    };
    for (rows, crashes) in [(&begun, "crashes=1"), (&waited, "crashes=0")] {
        for row in rows {
            let line = world
                .eventually(Duration::from_secs(30), "the row is rescued", async || {
                    rescued(row).ok_or_else(|| "not yet".to_owned())
                })
                .await;
            assert!(line.contains(crashes), "{crashes}: {line}");
        }
    }
    for row in waited.into_iter().chain(begun) {
        world.completed(ENTITIES, row).await;
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_that_waited_longer_than_two_heartbeats_is_not_blamed_for_the_one_that_ran() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "facts_employee:").await;
    let address = proxy.url(&url);
    let mut settings = QUICK.to_vec();
    settings.extend([
        ("ORRERY_POSTGRES_URL", address.as_str()),
        ("ORRERY_REPORT_CONCURRENCY", "1"),
        ("ORRERY_REPORT_PREFETCH", "3"),
    ]);
    let first = world.worker(&settings).await;
    proxy.arm();
    for _ in 0..4 {
        rows::report(&world.app, ANNA, KIND).await;
    }
    held(&world, &proxy, 1).await;
    let waited = leased(&world, false, 1).await;
    first.kill();
    end_leases(&world.app).await;
    let rescued = world.rescue(Queue::Report).await;
    let blamed: Vec<Uuid> = rescued.iter().filter(|row| row.crashes > 0).map(|row| row.job_id).collect();
    assert!(!blamed.is_empty(), "the row that ran is counted: {rescued:?}");
    assert!(waited.iter().all(|row| !blamed.contains(row)), "those that waited are not: {rescued:?}");
    world.close().await;
}

#[tokio::test]
async fn a_row_that_was_said_to_wait_and_then_begins_is_counted_however_late_a_heartbeat_comes() {
    let world = World::new().await;
    let id = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let job = world.claim_one(Queue::Entity).await;
    let said = async || -> Option<bool> {
        sqlx::query_scalar("select begun from orrery.dispatch").fetch_one(&world.app).await.unwrap()
    };
    let inflight = InFlight::default();
    inflight.add(job.lease, job.signal.clone());
    assert_eq!(said().await, None, "nothing is said at first");
    let lease = Duration::from_mins(1);
    inflight.beat(&world.worker_pool, "tester", lease).await.unwrap();
    assert_eq!(said().await, None, "rows that rush through cost nothing");
    inflight.beat(&world.worker_pool, "tester", lease).await.unwrap();
    assert_eq!(said().await, Some(false));
    inflight.begin(&world.worker_pool, &[job.lease]).await.unwrap();
    assert_eq!(said().await, Some(true));
    // A heartbeat that was sent before, by the same process, arrives now.
    let late = InFlight::default();
    late.add_claimed(job.lease, job.signal.clone(), true);
    late.beat(&world.worker_pool, "tester", lease).await.unwrap();
    assert_eq!(said().await, Some(true));
    end_leases(&world.app).await;
    assert_eq!(world.rescue(Queue::Entity).await[0].crashes, 1);
    assert_eq!(dispatch(&world.app, id).await.unwrap().crashes, 1);
    assert_eq!(rows::standing(&world.app, ENTITIES, id).await.status, "queued");
    world.close().await;
}

#[tokio::test]
async fn a_row_that_never_began_is_not_quarantined_however_many_workers_die() {
    let world = World::new().await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    for _ in 0..5 {
        let job = world.claim_one(Queue::Entity).await;
        let inflight = InFlight::default();
        inflight.add_claimed(job.lease, job.signal.clone(), true);
        inflight.beat(&world.worker_pool, "tester", Duration::from_mins(1)).await.unwrap();
        end_leases(&world.app).await;
        let rescued = world.rescue(Queue::Entity).await;
        assert_eq!((rescued[0].crashes, rescued[0].quarantined), (0, false));
    }
    world.close().await;
}
