//! Stores that are out of reach for a while.

use std::time::Duration;

use super::{QUICK, two_rows};
use crate::support::World;
use crate::support::jobs::{hold_birth_data, until_leased};
use crate::support::platform::BEN;
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count};
use crate::support::servers::mongodb_uri;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_mongodb_is_out_of_reach_rows_wait_without_burning_attempts() {
    let world = World::new().await;
    let proxy = Proxy::start(&mongodb_uri(), "").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.extend([
        ("ORRERY_MONGODB_URI", address.as_str()),
        ("ORRERY_MONGODB_SERVER_SELECTION_TIMEOUT_S", "1"),
    ]);
    let _worker = world.worker(&settings).await;
    proxy.cut();
    let rows = two_rows(&world).await;
    world
        .eventually(Duration::from_secs(30), "both rows are put off", async || {
            let put_off = count(&world.app, "select count(*) from orrery.dispatch where snoozes > 0").await;
            if put_off == 2 { Ok(()) } else { Err(format!("{put_off} are")) }
        })
        .await;
    proxy.mend();
    for (table, id) in rows {
        world.completed(table, id).await;
    }
    assert_eq!(count(&world.app, "select max(attempt_count)::bigint from report_generation_queue").await, 1);
    assert_eq!(count(&world.app, "select max(retry_count)::bigint from entity_update_queue").await, 0);
    assert_eq!(count(&world.app, "select count(*) from report_generation_errors").await, 0);
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_that_loses_postgresql_for_a_moment_goes_on_by_itself() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "").await;
    let address = proxy.url(&url);
    let mut worker =
        world.worker(&[("ORRERY_POSTGRES_URL", &address), ("ORRERY_POSTGRES_CONNECT_TIMEOUT_S", "1")]).await;
    let hold = hold_birth_data(&world).await;
    let rows = two_rows(&world).await;
    until_leased(&world, 2).await;
    proxy.cut();
    hold.rollback().await.unwrap();
    let told = async || {
        let log = worker.log();
        if log.contains("PostgreSQL does not answer") { Ok(()) } else { Err(log) }
    };
    world.eventually(Duration::from_secs(20), "the worker notices", told).await;
    let late = rows::report(&world.app, BEN, "compatibility_company").await;
    proxy.mend();
    for (table, id) in rows.into_iter().chain([(REPORTS, late)]) {
        world.completed(table, id).await;
    }
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    let told = worker.log().matches("PostgreSQL does not answer").count();
    assert_eq!(told, 1, "lines that tell of the outage\n{}", worker.log());
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_errors").await,
        0,
        "{}",
        world.evidence()
    );
    assert_eq!(count(&world.app, "select max(attempt_count)::bigint from report_generation_queue").await, 1);
    world.assert_stores_agree().await;
    world.close().await;
}
