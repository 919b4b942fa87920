//! Rows over which a worker died run alone.

use std::time::Duration;

use super::{QUICK, held};
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count, standing};

const KIND: &str = "training_development";

/// Process id of the lane that has a row now, another than `before`.
async fn lane(world: &World, before: i32) -> i32 {
    world
        .eventually(Duration::from_secs(20), "a lane has the row", async || {
            let pid: Option<i32> = sqlx::query_scalar(
                "select w.pid from orrery.dispatch d join orrery.worker w on w.worker_id = d.worker_id
                 where d.state = 'leased' and w.lane_of is not null and w.pid <> $1",
            )
            .bind(before)
            .fetch_optional(&world.app)
            .await
            .unwrap();
            pid.ok_or_else(|| "no lane has one".to_owned())
        })
        .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_that_kills_again_and_again_takes_nobody_with_it_and_is_quarantined() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    // The row hangs where it reads its facts, until whoever has it is killed.
    let proxy = Proxy::start(&url, "facts_employee:").await;
    let address = proxy.url(&url);
    let mut settings = QUICK.to_vec();
    settings.retain(|(name, _)| *name != "ORRERY_QUEUE_CRASH_LIMIT");
    settings.push(("ORRERY_POSTGRES_URL", &address));
    let first = world.worker(&settings).await;
    proxy.arm();
    let poison = rows::report(&world.app, ANNA, KIND).await;
    held(&world, &proxy, 1).await;
    first.kill();

    let mut second = world.worker(&settings).await;
    let mut pid = 0;
    for _ in 0..2 {
        pid = lane(&world, pid).await;
        let killed = std::process::Command::new("kill").args(["-KILL", &pid.to_string()]).status().unwrap();
        assert!(killed.success());
    }
    world
        .eventually(Duration::from_secs(20), "the row is quarantined", async || {
            let standing = standing(&world.app, REPORTS, poison).await;
            if standing.status == "failed" { Ok(()) } else { Err(format!("{standing:?}")) }
        })
        .await;
    assert_eq!(count(&world.app, "select crashes::bigint from orrery.quarantine").await, 3);

    proxy.release();
    let healthy = rows::report(&world.app, BEN, KIND).await;
    world.completed(REPORTS, healthy).await;
    let by_second = count(
        &world.app,
        &format!(
            "select count(*) from report_generation_queue where id = '{healthy}' and worker_id like '%:{}:%'",
            second.pid()
        ),
    )
    .await;
    assert_eq!(by_second, 1, "the worker beside the lanes lives on");
    assert!(second.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_innocent_row_of_a_killed_worker_completes_in_a_lane_and_the_lane_ends() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "facts_employee:").await;
    let address = proxy.url(&url);
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_POSTGRES_URL", &address));
    let first = world.worker(&settings).await;
    proxy.arm();
    let row = rows::report(&world.app, ANNA, KIND).await;
    held(&world, &proxy, 1).await;
    first.kill();
    let _second = world.worker(&QUICK).await;
    world.completed(REPORTS, row).await;
    let in_lane = count(
        &world.app,
        "select count(*) from report_generation_queue q join orrery.worker w using (worker_id) where w.lane_of is not null",
    )
    .await;
    assert_eq!(in_lane, 1, "rows that ran in a lane");
    world
        .eventually(Duration::from_secs(20), "the lane has ended", async || {
            let open = count(
                &world.app,
                "select count(*) from orrery.worker where lane_of is not null and state <> 'stopped'",
            )
            .await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    world.close().await;
}
