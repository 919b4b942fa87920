//! How a claim ends: completed, put back, failed, fenced.

use std::time::Duration;

use orrery::queue::settle::{Settled, give_back};
use orrery::queue::{JobError, Queue, Stage, StopReason};
use serde_json::json;

use crate::support::World;
use crate::support::jobs::{end_leases, end_waits, permanent, transient};
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::rows::{
    self, CALCULATIONS, ENTITIES, REPORTS, attempts, count, dispatch, error_codes, run, standing,
};

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
        assert!(wait <= Duration::from_mins(1), "the cap holds");
        assert_eq!(attempts(&world.app, id).await, attempt);
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
        assert_eq!(attempts(&world.app, id).await, 0, "round {round}");
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
    assert_eq!(attempts(&world.app, id).await, 3);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_job_writes_its_row_when_it_is_claimed_and_when_it_completes_and_an_entity_names_its_calculations()
{
    let world = World::new().await;
    run(
        &world.app,
        "create table test_written (job_id uuid not null);
         create function test_note() returns trigger language plpgsql security definer as $$
         begin insert into public.test_written values (new.id); return null; end $$;
         create trigger test_note after update on report_generation_queue for each row execute function test_note();
         create trigger test_note after update on entity_update_queue for each row execute function test_note();
         create trigger test_note after update on calculation_jobs for each row execute function test_note()",
    )
    .await;
    let mut worker = world.worker(&[]).await;
    let all = [
        (REPORTS, rows::report(&world.app, ANNA, "personality_role_specific").await, 2),
        // It names its calculations, whose rows can be written only once its lease is known to hold.
        (ENTITIES, rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await, 3),
        (CALCULATIONS, rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await, 2),
    ];
    for (table, id, _) in all {
        world.completed(table, id).await;
    }
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    for (table, id, written) in all {
        let writes = format!("select count(*) from test_written where job_id = '{id}'");
        assert_eq!(count(&world.app, &writes).await, written, "writes to the row of {table}");
    }
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

#[tokio::test]
async fn rows_of_all_queues_go_back_together_and_a_stale_token_gives_nothing_back() {
    let world = World::new().await;
    for kind in ["compatibility_company", "compatibility_industry"] {
        rows::report(&world.app, ANNA, kind).await;
    }
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00')",
    )
    .await;
    let mut claimed = Vec::new();
    for queue in Queue::ALL {
        claimed.extend(world.claim(queue, 10).await);
    }
    let mut leases: Vec<_> = claimed.iter().map(|job| job.lease).collect();
    assert_eq!(leases.len(), 5, "{leases:?}");
    // The first belongs to somebody else by now.
    let gone = leases[0];
    leases[0].token -= 1;
    give_back(&world.worker_pool, &leases).await.unwrap();
    for lease in &leases {
        let now = dispatch(&world.app, lease.job_id).await.unwrap();
        if lease.job_id == gone.job_id {
            assert_eq!((now.state.as_str(), now.token, now.attempts), ("leased", Some(gone.token), 1));
        } else {
            assert_eq!((now.state.as_str(), now.token, now.attempts, now.snoozes), ("ready", None, 0, 1));
            assert!(now.wait_s <= 0.0, "it may run at once");
        }
    }
    let again =
        "select (select count(*) from report_generation_queue where status = 'pending' and attempt_count = 0)
                      + (select count(*) from entity_update_queue where queue_status = 'queued')
                      + (select count(*) from calculation_jobs where job_status = 'pending')";
    assert_eq!(count(&world.app, again).await, 3, "the applications see it too");
    assert_eq!(count(&world.app, "select count(*) from report_generation_errors").await, 0);
    world.close().await;
}
