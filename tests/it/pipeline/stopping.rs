//! Stopping: finish what runs, give back what does not, burn no attempt.

use std::time::{Duration, Instant};

use crate::support::World;
use crate::support::jobs::{hold_birth_data, until_leased};
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::{self, REPORTS, count, run, standing};

/// Time in which a row that is cancelled stops, whatever it waits for.
const AT_ONCE: Duration = Duration::from_secs(2);

#[tokio::test]
async fn a_worker_told_to_stop_finishes_what_it_runs_and_gives_back_what_it_has_not_begun() {
    let world = World::new().await;
    let mut worker = world
        .worker(&[
            ("ORRERY_ENTITY_CONCURRENCY", "2"),
            ("ORRERY_ENTITY_PREFETCH", "8"),
            ("ORRERY_ENTITY_BATCH", "1"),
        ])
        .await;
    let hold = hold_birth_data(&world).await;
    for _ in 0..6 {
        rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    }
    until_leased(&world, 6).await;
    worker.signal("TERM");
    world
        .eventually(Duration::from_secs(10), "rows that it has not begun are back", async || {
            let back =
                count(&world.app, "select count(*) from entity_update_queue where queue_status = 'queued'")
                    .await;
            if back >= 3 { Ok(()) } else { Err(format!("{back} are back")) }
        })
        .await;
    hold.rollback().await.unwrap();
    assert!(worker.ended(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let ended =
        count(&world.app, "select count(*) from entity_update_queue where queue_status = 'completed'").await;
    let back =
        count(&world.app, "select count(*) from entity_update_queue where queue_status = 'queued'").await;
    assert!(ended >= 2 && ended + back == 6, "{ended} completed, {back} given back\n{}", world.evidence());
    assert_nothing_burnt(&world).await;
    assert_eq!(count(&world.app, "select count(*) from orrery.worker where state = 'stopped'").await, 1);
    world.close().await;
}

#[tokio::test]
async fn a_worker_whose_deadline_passes_gives_running_rows_back_without_burning_an_attempt() {
    let world = World::new().await;
    let mut worker = world.worker(&[("ORRERY_QUEUE_DRAIN_S", "1")]).await;
    let hold = hold_birth_data(&world).await;
    for _ in 0..3 {
        rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
        rows::report(&world.app, ANNA, "compatibility_company").await;
    }
    until_leased(&world, 6).await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    hold.rollback().await.unwrap();
    let back = "select (select count(*) from entity_update_queue where queue_status = 'queued')
                     + (select count(*) from report_generation_queue where status = 'pending')";
    assert_eq!(count(&world.app, back).await, 6);
    assert_nothing_burnt(&world).await;
    let mut next = world.worker(&[]).await;
    world
        .eventually(Duration::from_secs(20), "the next worker completes them", async || {
            let open = count(&world.app, "select count(*) from orrery.dispatch").await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    assert!(next.stop(Duration::from_secs(20)).await.success());
    assert_eq!(
        count(
            &world.app,
            "select max(attempt_count)::bigint from report_generation_queue where status = 'completed'"
        )
        .await,
        1
    );
    world.assert_stores_agree().await;
    world.close().await;
}

/// Tells a worker to stop that would wait for its rows for a minute, and tells it again.
async fn ends_soon_when_told_twice(signal: &str) {
    let world = World::new().await;
    let mut worker = world.worker(&[("ORRERY_QUEUE_DRAIN_S", "60")]).await;
    let hold = hold_birth_data(&world).await;
    for _ in 0..3 {
        rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
        rows::report(&world.app, ANNA, "compatibility_company").await;
    }
    until_leased(&world, 6).await;
    worker.signal(signal);
    world
        .eventually(Duration::from_secs(10), "the worker waits for what runs", async || {
            if worker.log().contains("draining") { Ok(()) } else { Err("it does not drain".to_owned()) }
        })
        .await;
    assert!(worker.exit().is_none(), "it waits: its rows are held");
    worker.signal(signal);
    let told = Instant::now();
    assert!(worker.ended(Duration::from_secs(20)).await.success(), "{}", worker.log());
    let took = told.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}\n{}", world.evidence());
    hold.rollback().await.unwrap();
    let back = "select count(*) from orrery.dispatch where state = 'ready'";
    assert_eq!(count(&world.app, back).await, 6, "{}", world.evidence());
    assert_nothing_burnt(&world).await;
    assert_eq!(count(&world.app, "select count(*) from orrery.worker where state = 'stopped'").await, 1);
    world.close().await;
}

#[tokio::test]
async fn a_second_sigterm_ends_a_worker_that_drains_and_burns_no_attempt() {
    ends_soon_when_told_twice("TERM").await;
}

#[tokio::test]
async fn a_second_sigint_ends_a_worker_that_drains_and_burns_no_attempt() {
    ends_soon_when_told_twice("INT").await;
}

#[tokio::test]
async fn rows_of_a_claim_that_was_under_way_when_the_stop_was_heard_go_back() {
    let world = World::new().await;
    let mut worker = world.worker(&[]).await;
    // Claims of a queue take turns at this lock: whoever holds it holds up the claim of the worker.
    let mut turn = world.app.begin().await.unwrap();
    sqlx::query("select pg_advisory_xact_lock(hashtext('orrery.claim'), hashtext('report'))")
        .execute(&mut *turn)
        .await
        .unwrap();
    let mut asked = Vec::new();
    for _ in 0..3 {
        asked.push(rows::report(&world.app, ANNA, "compatibility_company").await);
    }
    world
        .eventually(Duration::from_secs(10), "the worker waits for its turn", async || {
            let waiting = "select count(*) from pg_stat_activity where wait_event = 'advisory' and datname = current_database()";
            if count(&world.app, waiting).await == 1 { Ok(()) } else { Err("nobody waits".to_owned()) }
        })
        .await;
    worker.signal("TERM");
    world
        .eventually(Duration::from_secs(10), "the worker drains", async || {
            let draining = "select count(*) from orrery.worker where state = 'draining'";
            if count(&world.app, draining).await == 1 { Ok(()) } else { Err("not yet".to_owned()) }
        })
        .await;
    turn.rollback().await.unwrap();
    assert!(worker.ended(Duration::from_secs(20)).await.success(), "{}", worker.log());
    for row in asked {
        assert_eq!(rows::dispatch(&world.app, row).await.unwrap().state, "ready", "{}", worker.log());
    }
    assert_nothing_burnt(&world).await;
    world.close().await;
}

async fn assert_nothing_burnt(world: &World) {
    for sql in [
        "select count(*) from orrery.dispatch where state = 'leased' or attempts <> 0 or crashes <> 0",
        "select count(*) from entity_update_queue where queue_status = 'queued' and retry_count <> 0",
        "select count(*) from report_generation_queue where status = 'pending' and attempt_count <> 0",
        "select count(*) from report_generation_errors",
    ] {
        assert_eq!(count(&world.app, sql).await, 0, "{sql}");
    }
}

#[tokio::test]
async fn an_update_to_cancelled_stops_a_running_report_and_nothing_of_it_is_published() {
    let world = World::new().await;
    let mut worker = world.worker(&[]).await;
    let hold = hold_birth_data(&world).await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    until_leased(&world, 1).await;
    run(&world.app, "update report_generation_queue set status = 'cancelled'").await;
    let cancelled = Instant::now();
    world
        .eventually(
            Duration::from_secs(10),
            "the worker gives it up while its data is still held",
            async || {
                if worker.log().contains("stopped; nothing was written") {
                    Ok(())
                } else {
                    Err("it has not".to_owned())
                }
            },
        )
        .await;
    let took = cancelled.elapsed();
    assert!(took < AT_ONCE, "{took:?}\n{}", world.evidence());
    hold.rollback().await.unwrap();
    // Whatever it still does now that nothing is held, it has done when it has stopped.
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "cancelled");
    world.assert_nothing_published().await;
    world.close().await;
}
