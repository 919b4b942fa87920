//! How a claim ends: completed, put back, failed, cancelled, rescued.

use std::time::Duration;

use orrery::queue::notify::{self, Wake};
use orrery::queue::settle::Settled;
use orrery::queue::{ClaimedJob, ErrorClass, InFlight, JobError, Queue, Stage, StopReason, maintenance};
use serde_json::json;
use sqlx::PgPool;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::{permanent, transient};
use crate::support::platform::{ANNA, COMPANY, USER};
use crate::support::rows::{self, count, dispatch, error_codes, run, standing};

const REPORTS: &str = "report_generation_queue";

/// Lets every wait end, so that a test need not wait itself.
async fn end_waits(pool: &PgPool) {
    run(pool, "update orrery.dispatch set run_at = now() where state = 'ready'").await;
}

/// Lets every lease run out, as if its worker had died a while ago.
async fn end_leases(pool: &PgPool) {
    run(
        pool,
        "update orrery.dispatch set lease_expires_at = now() - interval '1 second' where state = 'leased'",
    )
    .await;
}

async fn attempts(world: &World, id: Uuid) -> i32 {
    sqlx::query_scalar("select attempt_count from report_generation_queue where id = $1")
        .bind(id)
        .fetch_one(&world.app)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_transient_failure_is_put_back_with_back_off_and_the_last_one_fails_the_row() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    for attempt in 1..=2 {
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.attempt, attempt);
        let Settled::PutBack { wait, counted: true } = world.settle(&job, &transient()).await else {
            panic!("it is not put back")
        };
        let back = dispatch(&world.app, id).await.unwrap();
        assert_eq!((back.state.as_str(), back.attempts, back.token), ("ready", attempt, None));
        assert!((back.wait_s - wait.as_secs_f64()).abs() < 2.0, "waits {} s, told {wait:?}", back.wait_s);
        assert!(wait <= Duration::from_secs(60), "the cap holds");
        assert_eq!(attempts(&world, id).await, attempt);
        let now = standing(&world.app, REPORTS, id).await;
        assert_eq!((now.status.as_str(), now.error.as_deref()), ("pending", Some("a wire was loose")));
        end_waits(&world.app).await;
    }
    let job = world.claim_one(Queue::Report).await;
    assert_eq!(world.settle(&job, &transient()).await, Settled::Failed);
    let now = standing(&world.app, REPORTS, id).await;
    assert_eq!((now.status.as_str(), now.error.as_deref()), ("failed", Some("a wire was loose")));
    assert_eq!(dispatch(&world.app, id).await, None);
    assert_eq!(error_codes(&world.app, id).await, ["test.transient"; 3], "one error row for each attempt");
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_errors where retry_attempted and retry_successful is false").await,
        2,
        "of the first two a retry was made, and it did not work"
    );
    world.close().await;
}

#[tokio::test]
async fn a_retry_that_works_settles_the_errors_before_it() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    world.settle(&job, &transient()).await;
    end_waits(&world.app).await;
    let again = world.claim_one(Queue::Report).await;
    assert!(world.complete(&again).await);
    let now = standing(&world.app, REPORTS, id).await;
    assert_eq!((now.status.as_str(), now.error), ("completed", None));
    assert_eq!(
        count(
            &world.app,
            "select count(*) from report_generation_errors where retry_successful and resolved_at is not null"
        )
        .await,
        1
    );
    world.close().await;
}

#[tokio::test]
async fn the_message_of_an_error_may_be_longer_than_any_column() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, &"x".repeat(50)).await;
    let job = world.claim_one(Queue::Report).await;
    let error = JobError::permanent(Stage::Collect, "c".repeat(90), "m".repeat(100_000));
    assert_eq!(world.settle(&job, &error).await, Settled::Failed);
    assert_eq!(standing(&world.app, REPORTS, id).await.error.map(|text| text.len()), Some(100_000));
    let entity = rows::entity(&world.app, "employee", &"i".repeat(100), COMPANY).await;
    let job = world.claim_one(Queue::Entity).await;
    let error = JobError::permanent(Stage::Collect, "c".repeat(90), "m".repeat(100_000));
    assert_eq!(world.settle(&job, &error).await, Settled::Failed);
    assert_eq!(standing(&world.app, "entity_update_queue", entity).await.status, "failed");
    assert_eq!(
        count(&world.app, "select count(*) from calculation_audit_log where event_type = 'job_failed'").await,
        1
    );
    world.close().await;
}

#[tokio::test]
async fn a_permanent_failure_ends_the_row_at_once() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    assert_eq!(world.settle(&job, &permanent()).await, Settled::Failed);
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "failed");
    assert_eq!(error_codes(&world.app, id).await, ["test.permanent"]);
    assert_eq!(
        count(&world.app, "select count(*) from orrery.outbox where topic = 'report.failed'").await,
        1
    );
    world.close().await;
}

#[tokio::test]
async fn a_snooze_and_a_shutdown_burn_no_attempt() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    for round in 1..=10 {
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.attempt, 1, "round {round}");
        let error = if round % 2 == 0 {
            JobError::snooze(Stage::Collect, "test.later", "not now", Duration::ZERO)
        } else {
            JobError::stopped(StopReason::Interrupted, Stage::Collect)
        };
        assert!(matches!(world.settle(&job, &error).await, Settled::PutBack { counted: false, .. }));
        assert_eq!(attempts(&world, id).await, 0, "round {round}");
    }
    assert_eq!(error_codes(&world.app, id).await.len(), 0, "neither is an error");
    world.close().await;
}

#[tokio::test]
async fn a_row_without_max_attempts_gets_the_default_of_three() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    run(&world.app, "update report_generation_queue set max_attempts = null, attempt_count = null").await;
    for _ in 0..2 {
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.max_attempts, 3);
        assert!(matches!(world.settle(&job, &transient()).await, Settled::PutBack { .. }));
        end_waits(&world.app).await;
    }
    let job = world.claim_one(Queue::Report).await;
    assert_eq!(world.settle(&job, &transient()).await, Settled::Failed);
    assert_eq!(attempts(&world, id).await, 3);
    world.close().await;
}

#[tokio::test]
async fn a_stale_token_changes_nothing() {
    let world = World::new().await;
    let report = rows::report(&world.app, ANNA, "compatibility_company").await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let calculation = rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    for (queue, id) in [(Queue::Report, report), (Queue::Entity, entity), (Queue::Calculation, calculation)] {
        let stale = world.claim_one(queue).await;
        end_leases(&world.app).await;
        assert_eq!(world.rescue(queue).await.len(), 1);
        let current = world.claim_one(queue).await;
        assert_eq!((stale.lease.job_id, current.lease.job_id), (id, id));

        let before = world.all_rows().await;
        assert!(!world.complete(&stale).await, "{queue}: a stale claim cannot complete");
        for error in [transient(), permanent(), JobError::stopped(StopReason::Interrupted, Stage::Publish)] {
            assert_eq!(world.settle(&stale, &error).await, Settled::Fenced, "{queue}: {error}");
        }
        assert_eq!(world.all_rows().await, before, "{queue}");

        assert!(world.complete(&current).await, "{queue}: the current claim can");
        assert!(!world.complete(&current).await, "{queue}: but only once");
    }
    world.close().await;
}

/// A listener of notices that knows `job`, as a worker has it.
async fn listening(world: &World, job: &ClaimedJob) -> (InFlight, CancellationToken) {
    let (inflight, wake, stop) = (InFlight::default(), Wake::default(), CancellationToken::new());
    inflight.add(job.lease, job.signal.clone());
    tokio::spawn(notify::listen(world.worker_pool.clone(), wake.clone(), inflight.clone(), stop.clone()));
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
async fn a_row_whose_worker_died_is_put_back_and_the_death_is_counted_apart_from_attempts() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.claim_one(Queue::Report).await;
    assert!(world.rescue(Queue::Report).await.is_empty(), "its lease still holds");
    end_leases(&world.app).await;
    let rescued = world.rescue(Queue::Report).await;
    assert_eq!((rescued[0].job_id, rescued[0].crashes, rescued[0].quarantined), (id, 1, false));
    let back = dispatch(&world.app, id).await.unwrap();
    assert_eq!((back.state.as_str(), back.attempts, back.crashes), ("ready", 0, 1));
    assert_eq!(attempts(&world, id).await, 0);
    let again = world.claim_one(Queue::Report).await;
    assert_eq!((again.attempt, again.crashes), (1, 1));
    world.close().await;
}

#[tokio::test]
async fn the_third_death_quarantines_the_row_with_evidence_and_fails_what_waits_for_it() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let child = rows::report_after(&world.app, ANNA, "training_development", id).await;
    for death in 1..=3 {
        assert_eq!(world.claim_ids(Queue::Report, 5).await, [id], "life {death}");
        end_leases(&world.app).await;
        let rescued = world.rescue(Queue::Report).await;
        assert_eq!((rescued[0].crashes, rescued[0].quarantined), (death, death == 3));
    }
    let now = standing(&world.app, REPORTS, id).await;
    assert_eq!(now.status, "failed");
    assert!(now.error.unwrap().contains("orrery.quarantine"), "the message says where the evidence is");
    let (crashes, evidence): (i32, serde_json::Value) =
        sqlx::query_as("select crashes, evidence from orrery.quarantine where job_id = $1")
            .bind(id)
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!((crashes, &evidence["worker_id"]), (3, &json!("tester")));
    assert!(evidence["leased_at"].is_string() && evidence["heartbeat_at"].is_string(), "{evidence}");
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    assert_eq!(error_codes(&world.app, child).await, ["dependency.failed"]);
    assert_eq!(error_codes(&world.app, id).await, ["worker.died"], "a failed row has its error recorded");

    run(
        &world.app,
        "update report_generation_queue set status = 'pending' where depends_on_queue_id is null",
    )
    .await;
    assert_eq!(world.claim_ids(Queue::Report, 5).await, [id], "an operator lets it go on");
    world.close().await;
}

#[tokio::test]
async fn rows_of_every_queue_are_rescued() {
    let world = World::new().await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00')",
    )
    .await;
    for queue in [Queue::Entity, Queue::Calculation, Queue::Quarter] {
        for death in 1..=3 {
            let job = world.claim_one(queue).await;
            assert_eq!(job.crashes, death - 1, "{queue}");
            end_leases(&world.app).await;
            let rescued = world.rescue(queue).await;
            assert_eq!(rescued[0].quarantined, death == 3, "{queue}");
            let wanted = match (queue, death) {
                (_, 3) => "failed",
                (Queue::Entity, _) => "queued",
                (Queue::Quarter, _) => "in_progress",
                _ => "pending",
            };
            assert_eq!(
                standing(&world.app, queue.table(), job.lease.job_id).await.status,
                wanted,
                "{queue} after death {death}"
            );
        }
    }
    assert_eq!(count(&world.app, "select count(*) from orrery.quarantine").await, 3);
    world.close().await;
}

#[tokio::test]
async fn the_sweep_finds_rows_that_no_trigger_saw() {
    let world = World::new().await;
    let orphan_after = Duration::from_secs(60);
    let mut connection = world.app.acquire().await.unwrap();
    sqlx::raw_sql("set session_replication_role = replica").execute(&mut *connection).await.unwrap();
    let unseen: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, 'compatibility_company', $2) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let waiting: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, depends_on_queue_id)
         values ($1, 'training_development', $2, $3) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .bind(unseen)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let orphan: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, status, started_at)
         values ($1, 'compatibility_industry', $2, 'processing', now() - interval '2 minutes') returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let young: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, status, started_at)
         values ($1, 'compatibility_industry', $2, 'processing', now()) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    sqlx::raw_sql(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active) values ('employee', 'x', 'y', true);
         insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, input_data, algorithm_version, engine_version)
         values ('birth_chart', 'employee', 'x', 'y', '{}', '1.0.0', '1.0.0');
         insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00');
         set session_replication_role = default",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    drop(connection);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0, "no trigger saw them");

    for queue in Queue::ALL {
        let found = maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap();
        assert_eq!(found, if queue == Queue::Report { 3 } else { 1 }, "{queue}");
        assert_eq!(
            maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap(),
            0,
            "{queue}: once is enough"
        );
    }
    assert_eq!(dispatch(&world.app, unseen).await.unwrap().state, "ready");
    assert_eq!(dispatch(&world.app, waiting).await.unwrap().state, "waiting", "also its dependency is seen");
    assert_eq!(standing(&world.app, REPORTS, orphan).await.status, "pending");
    assert_eq!(dispatch(&world.app, orphan).await.unwrap().state, "ready");
    assert_eq!(dispatch(&world.app, young).await, None, "a young one may be running somewhere");
    world.close().await;
}

#[tokio::test]
async fn a_heartbeat_renews_what_holds_and_tells_the_jobs_whose_lease_is_lost() {
    let world = World::new().await;
    for _ in 0..3 {
        rows::report(&world.app, ANNA, "compatibility_company").await;
    }
    let jobs = world.claim(Queue::Report, 3).await;
    let inflight = InFlight::default();
    for job in &jobs {
        inflight.add(job.lease, job.signal.clone());
    }
    run(&world.app, "update orrery.dispatch set lease_expires_at = now() + interval '1 second'").await;
    sqlx::query("update orrery.dispatch set token = nextval('orrery.lease_token') where job_id = $1")
        .bind(jobs[1].lease.job_id)
        .execute(&world.app)
        .await
        .unwrap();
    // Once may be a job that has just completed; twice in a row is a lost lease.
    let beat = || inflight.beat(&world.worker_pool, "tester", Duration::from_secs(60));
    assert_eq!(beat().await.unwrap(), 0);
    assert_eq!(jobs[1].signal.reason(), None);
    assert_eq!(beat().await.unwrap(), 1);
    assert_eq!(jobs[1].signal.reason(), Some(StopReason::LeaseLost));
    assert_eq!((jobs[0].signal.reason(), jobs[2].signal.reason()), (None, None));
    assert_eq!(
        count(
            &world.app,
            "select count(*) from orrery.dispatch where lease_expires_at > now() + interval '50 seconds'"
        )
        .await,
        2
    );
    world.close().await;
}

#[tokio::test]
async fn a_living_worker_keeps_its_row_however_late_its_heartbeat_is_noticed() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    let inflight = InFlight::default();
    inflight.add(job.lease, job.signal.clone());
    end_leases(&world.app).await;
    // It was late, but nobody has taken the row: the lease is renewed instead of given up.
    assert_eq!(inflight.beat(&world.worker_pool, "tester", Duration::from_secs(60)).await.unwrap(), 0);
    assert!(world.rescue(Queue::Report).await.is_empty());
    assert!(world.complete(&job).await);
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
        maintenance::sweep(&world.worker_pool, Queue::Report, Duration::from_secs(60)).await.unwrap();
        assert_eq!(count(&world.app, "select count(*) from orrery.report_slot").await, 0, "{end}");
    }
    world.close().await;
}
