//! What applications and operators do to a row: cancel, delete, re-prioritise, put back.

use std::time::Duration;

use orrery::queue::notify::Wake;
use orrery::queue::settle::Settled;
use orrery::queue::{ClaimedJob, ErrorClass, InFlight, Outage, Queue, Stage, StopReason, maintenance};
use orrery::runtime::Listener;
use tokio_util::sync::CancellationToken;

use crate::support::World;
use crate::support::jobs::{permanent, transient};
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, count, dispatch, run, standing};

/// A listener of notices that knows `job`, as a worker has it.
async fn listening(world: &World, job: &ClaimedJob) -> (InFlight, CancellationToken) {
    let (inflight, wake, stop) = (InFlight::default(), Wake::default(), CancellationToken::new());
    inflight.add(job.lease, job.signal.clone());
    let limit = Duration::from_secs(5);
    let listener =
        Listener::new(&world.worker_pool, limit, wake.clone(), inflight.clone(), Outage::default());
    tokio::spawn(listener.run(stop.clone()));
    // The first wake-up says that it listens.
    wake.of(Queue::Report).notified().await;
    (inflight, stop)
}

async fn told(world: &World, job: &ClaimedJob) -> StopReason {
    world
        .eventually(Duration::from_secs(10), "the running job is told to stop", async || {
            job.signal.reason().ok_or_else(|| "not told".to_owned())
        })
        .await
}

#[tokio::test]
async fn a_running_row_that_is_cancelled_stops_at_once_and_publishes_nothing() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    let (_inflight, stop) = listening(&world, &job).await;
    run(&world.app, "update report_generation_queue set status = 'cancelled'").await;
    assert_eq!(told(&world, &job).await, StopReason::Cancelled);
    assert_eq!(job.signal.check(Stage::Publish).unwrap_err().class, ErrorClass::Cancelled);
    assert!(!world.complete(&job).await);
    assert_eq!(world.settle(&job, &transient()).await, Settled::Fenced);
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "cancelled");
    stop.cancel();
    world.close().await;
}

#[tokio::test]
async fn a_running_row_that_is_deleted_stops_at_once_and_publishes_nothing() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    let (_inflight, stop) = listening(&world, &job).await;
    run(&world.app, "delete from report_generation_queue").await;
    assert_eq!(told(&world, &job).await, StopReason::Cancelled);
    assert!(!world.complete(&job).await);
    assert_eq!(world.settle(&job, &permanent()).await, Settled::Fenced);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    stop.cancel();
    world.close().await;
}

#[tokio::test]
async fn a_pending_row_that_is_cancelled_is_never_claimed() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    run(&world.app, "update report_generation_queue set status = 'cancelled'").await;
    assert_eq!(dispatch(&world.app, id).await, None);
    assert!(world.claim(Queue::Report, 10).await.is_empty());
    world.close().await;
}

#[tokio::test]
async fn another_priority_leaves_a_running_row_running() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    run(&world.app, "update report_generation_queue set priority = 9").await;
    assert!(world.complete(&job).await);
    world.close().await;
}

#[tokio::test]
async fn a_failed_row_that_an_operator_sets_to_pending_runs_again_with_fresh_attempts() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    world.settle(&job, &permanent()).await;
    run(&world.app, "update report_generation_queue set status = 'pending', attempt_count = 0").await;
    let again = world.claim_one(Queue::Report).await;
    assert_eq!((again.lease.job_id, again.attempt), (id, 1));
    assert!(again.lease.token > job.lease.token);
    assert!(world.complete(&again).await);
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "completed");
    world.close().await;
}

#[tokio::test]
async fn a_row_that_is_cancelled_after_it_reserved_a_version_gives_the_number_back() {
    let world = World::new().await;
    for end in [
        "update report_generation_queue set status = 'cancelled' where status = 'processing'",
        "delete from report_generation_queue where status = 'processing'",
    ] {
        rows::report(&world.app, ANNA, "compatibility_company").await;
        let job = world.claim_one(Queue::Report).await;
        sqlx::query("insert into orrery.report_slot (queue_id, employee_id, report_type, version) values ($1, $2, 'compatibility_company', 1)")
            .bind(job.lease.job_id)
            .bind(ANNA)
            .execute(&world.app)
            .await
            .unwrap();
        run(&world.app, end).await;
        maintenance::sweep(&world.worker_pool, Queue::Report, Duration::from_mins(1)).await.unwrap();
        assert_eq!(count(&world.app, "select count(*) from orrery.report_slot").await, 0, "{end}");
    }
    world.close().await;
}
