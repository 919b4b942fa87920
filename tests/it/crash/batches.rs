//! Workers that die or freeze over a batch of entities.

use std::time::Duration;

use bson::doc;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{QUICK, held};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, CLEO, COMPANY};
use crate::support::proxy::Proxy;
use crate::support::rows::{ENTITIES, count, standing};
use crate::support::servers::mongodb_uri;

/// Inserts rows of four entities in one statement, so that they are claimed together.
async fn four_rows(world: &World) -> Vec<Uuid> {
    let sql = format!(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active)
         values ('employee', '{ANNA}', '{COMPANY}', true), ('employee', '{BEN}', '{COMPANY}', true),
                ('candidate', '{CLEO}', '{COMPANY}', true), ('company', '{COMPANY}', '{COMPANY}', true) returning id"
    );
    sqlx::query_scalar(AssertSqlSafe(sql)).fetch_all(&world.app).await.unwrap()
}

async fn all_complete(world: &World, rows: &[Uuid]) {
    for id in rows {
        world
            .eventually(Duration::from_mins(1), "the row completes", async || {
                let standing = standing(&world.app, ENTITIES, *id).await;
                assert_ne!(standing.status, "failed", "{:?}\n{}", standing.error, world.evidence());
                if standing.status == "completed" { Ok(()) } else { Err(format!("{standing:?}")) }
            })
            .await;
    }
}

/// Each entity has its documents once, and each row has recorded its calculations once.
async fn assert_once(world: &World) {
    for collection in ["birth_charts", "harmonic_codes", "energy_patterns"] {
        assert_eq!(world.astrology(collection, doc! {}).await.len(), 4, "{collection}");
    }
    let calculations = "select count(*) from (select entity_id, job_type, output_document_id from calculation_jobs group by 1, 2, 3 having count(*) > 1) x";
    assert_eq!(count(&world.app, calculations).await, 0, "a calculation is recorded twice");
    let told = "select abs((select count(*) from calculation_jobs) - (select count(*) from calculation_audit_log where event_type = 'job_completed'))";
    assert_eq!(count(&world.app, told).await, 0, "one audit row for each calculation");
    assert_eq!(count(&world.app, "select coalesce(sum(retry_count), 0) from entity_update_queue").await, 0);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
}

/// A worker that is held back where it commits the documents of its batch.
async fn held_at_commit(world: &World) -> (Proxy, crate::support::worker::Worker, Vec<Uuid>) {
    let proxy = Proxy::start(&mongodb_uri(), "commitTransaction").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_MONGODB_URI", address.as_str()));
    let worker = world.worker(&settings).await;
    proxy.arm();
    let rows = four_rows(world).await;
    held(world, &proxy, 1).await;
    (proxy, worker, rows)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_of_a_batch_whose_worker_is_killed_run_again_and_each_is_done_once() {
    let world = World::new().await;
    let (_proxy, first, rows) = held_at_commit(&world).await;
    first.kill();
    let mut second = world.worker(&QUICK).await;
    all_complete(&world, &rows).await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    assert_once(&world).await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_worker_changes_nothing_of_a_batch_that_another_has_finished() {
    let world = World::new().await;
    let (proxy, mut zombie, rows) = held_at_commit(&world).await;
    zombie.signal("STOP");
    let mut second = world.worker(&QUICK).await;
    all_complete(&world, &rows).await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    assert_once(&world).await;
    let before = world.snapshot().await;
    proxy.release();
    zombie.signal("CONT");
    world
        .eventually(Duration::from_secs(20), "the zombie has noticed", async || {
            let noticed = zombie.log().matches("stopped; nothing was written").count();
            if noticed == rows.len() { Ok(()) } else { Err(format!("{noticed} rows given up")) }
        })
        .await;
    world.assert_unchanged(&before).await;
    assert!(zombie.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
