//! For how long a row is put off in all: 24 hours from its first snooze on, whenever the row was made.

use std::time::Duration;

use orrery::queue::{JobError, Queue, Stage, StopReason};
use serde_json::json;
use uuid::Uuid;

use crate::llm::listener::{Listener, Reply};
use crate::llm::model::configured;
use crate::support::World;
use crate::support::jobs::{end_waits, transient};
use crate::support::platform::{ANNA, COMPANY, USER};
use crate::support::rows::{self, Dispatch, REPORTS, dispatch, error_codes, run, says};

const PATIENCE: Duration = Duration::from_mins(1);
const KIND: &str = "compatibility_industry";

/// A model that has no room for two hours.
async fn no_room() -> Listener {
    Listener::start(vec![Reply::status(503, "retry-after: 7200\r\n", "")]).await
}

/// Waits until a row is put off for the `number`th time.
async fn put_off(world: &World, id: Uuid, number: i32) -> Dispatch {
    world
        .eventually(PATIENCE, "the row is put off", async || {
            let row = dispatch(&world.app, id).await;
            row.filter(|row| row.state == "ready" && row.snoozes == number)
                .ok_or_else(|| "not yet".to_owned())
        })
        .await
}

/// Hours since the first snooze of a row.
async fn hours_put_off(world: &World, id: Uuid) -> Option<f64> {
    sqlx::query_scalar(
        "select extract(epoch from clock_timestamp() - first_snoozed_at)::float8 / 3600 from orrery.dispatch where job_id = $1",
    )
    .bind(id)
    .fetch_one(&world.app)
    .await
    .unwrap()
}

/// As if all open rows had been put off for the first time so long ago.
async fn first_put_off(world: &World, ago: &str) {
    run(
        &world.app,
        &format!("update orrery.dispatch set first_snoozed_at = clock_timestamp() - interval '{ago}'"),
    )
    .await;
}

#[tokio::test]
async fn a_row_made_30_hours_ago_is_put_off_for_24_hours_from_its_first_snooze_on_and_then_fails() {
    let world = World::new().await;
    let listener = no_room().await;
    let file = configured(&world, &listener, "price = \"free\"");
    let settings = [("ORRERY_CONFIG", file.as_str()), ("ORRERY_LLM_NARRATOR_FALLBACK", "false")];
    let mut worker = world.worker(&settings).await;
    let id: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, created_at)
         values ($1, $2, $3, now() - interval '30 hours') returning id",
    )
    .bind(ANNA)
    .bind(KIND)
    .bind(USER)
    .fetch_one(&world.app)
    .await
    .unwrap();
    let first = put_off(&world, id, 1).await;
    assert!((7000.0..=8700.0).contains(&first.wait_s), "{first:?}");
    let hours = hours_put_off(&world, id).await.expect("its time runs");
    assert!(hours < 0.1, "{hours}");

    first_put_off(&world, "23 hours").await;
    end_waits(&world.app).await;
    let second = put_off(&world, id, 2).await;
    assert!((3400.0..=3600.0).contains(&second.wait_s), "one last look when its time is over: {second:?}");
    let hours = hours_put_off(&world, id).await.expect("its time runs on");
    assert!((22.9..23.1).contains(&hours), "{hours}");

    first_put_off(&world, "24 hours").await;
    end_waits(&world.app).await;
    says(&world.failed(REPORTS, id).await, &["llm.overloaded"]);
    assert_eq!(error_codes(&world.app, id).await, ["llm.overloaded"]);
    assert_eq!(listener.seen().len(), 3, "each look is one request");
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

#[tokio::test]
async fn a_wait_for_budget_never_fails_a_row_and_what_comes_after_it_has_24_hours_again() {
    let world = World::new().await;
    let listener = no_room().await;
    let file = configured(&world, &listener, "price = \"free\"");
    run(
        &world.app,
        &format!("insert into orrery.llm_limits (organization_id, month_calls) values ('{COMPANY}', 0)"),
    )
    .await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    first_put_off(&world, "30 hours").await;
    run(&world.app, "update orrery.dispatch set snoozes = 7").await;
    let settings = [("ORRERY_CONFIG", file.as_str()), ("ORRERY_LLM_NARRATOR_FALLBACK", "false")];
    let mut worker = world.worker(&settings).await;
    put_off(&world, id, 8).await;
    let code: Option<String> = sqlx::query_scalar("select last_code from orrery.dispatch where job_id = $1")
        .bind(id)
        .fetch_one(&world.app)
        .await
        .unwrap();
    assert_eq!(code.as_deref(), Some("llm.budget_exceeded"));
    assert_eq!(hours_put_off(&world, id).await, None, "its time does not run");

    run(&world.app, "delete from orrery.llm_limits").await;
    put_off(&world, id, 9).await;
    let hours = hours_put_off(&world, id).await.expect("its time runs from now on");
    assert!(hours < 0.1, "{hours}");
    assert_eq!(listener.seen().len(), 1);
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

/// How a claim ends, whether its row was put off before for five hours, and for how long it is after.
fn ends() -> Vec<(JobError, bool, Option<f64>)> {
    let snooze = |code: &'static str| JobError::snooze(Stage::Collect, code, "not now", Duration::ZERO);
    let interrupted = || JobError::stopped(StopReason::Interrupted, Stage::Collect);
    vec![
        (snooze("llm.overloaded"), false, Some(0.0)),
        (snooze("llm.overloaded"), true, Some(5.0)),
        // While a store is away, or a worker stops, nothing begins and nothing ends.
        (snooze("store.mongodb_unavailable"), false, None),
        (snooze("store.mongodb_unavailable"), true, Some(5.0)),
        (snooze("llm.store_unavailable"), false, None),
        (snooze("llm.store_unavailable"), true, Some(5.0)),
        (interrupted(), false, None),
        (interrupted(), true, Some(5.0)),
        // What has an end of its own, and an attempt that counts.
        (snooze("llm.batch_waiting"), true, None),
        (snooze("llm.budget_exceeded"), true, None),
        (snooze("llm.prompt_unknown"), true, None),
        (snooze("llm.local_rate_limit"), true, None),
        (transient(), true, None),
    ]
}

#[tokio::test]
async fn the_time_that_a_row_is_put_off_begins_goes_on_and_ends_alike_in_every_queue() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, KIND).await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00')",
    )
    .await;
    for queue in Queue::ALL {
        for (error, before, after) in ends() {
            let job = world.claim_one(queue).await;
            if before {
                first_put_off(&world, "5 hours").await;
            } else {
                run(&world.app, "update orrery.dispatch set first_snoozed_at = null").await;
            }
            world.settle(&job, &error).await;
            end_waits(&world.app).await;
            let now = hours_put_off(&world, job.lease.job_id).await;
            let same = match (now, after) {
                (Some(now), Some(after)) => (now - after).abs() < 0.1,
                (now, after) => now.is_none() && after.is_none(),
            };
            assert!(same, "{queue}, {} after {before}: {now:?}, not {after:?}", error.code);
        }
    }
    world.close().await;
}
