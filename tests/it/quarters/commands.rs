//! `orrery quarter` through the real program.

use serde_json::json;
use uuid::Uuid;

use super::{SCHEDULES, schedule, until};
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::platform::{COMPANY, WRONG_ZONE};
use crate::support::rows::{self, count, says};

#[tokio::test]
async fn the_next_four_quarters_are_planned_once_by_hand_and_by_workers() {
    let world = World::new().await;
    says(&world.run(&["quarter", "status"]).1, &["no quarter is planned"]);
    let made = world.json_of(&["quarter", "plan", "--json"]);
    assert_eq!(made.as_array().map(Vec::len), Some(4));
    assert!(made.as_array().unwrap().iter().all(|row| row["made"] == json!(true)), "{made}");
    let again = world.run(&["quarter", "plan"]).1;
    assert_eq!(again.matches("is there already").count(), 4, "{again}");

    rows::run(&world.app, "delete from quarterly_update_schedule where year = (select max(year) from quarterly_update_schedule)").await;
    let worker =
        world.worker(&[("ORRERY_QUARTER_PLAN", "true"), ("ORRERY_QUARTER_PLAN_START", "01:30:00")]).await;
    super::until_count(
        &world,
        "the worker has planned what was missing",
        "select count(*) from quarterly_update_schedule",
        4,
    )
    .await;
    let first = "select count(*) from quarterly_update_schedule where extract(day from scheduled_date) = 2 and status = 'scheduled'";
    assert_eq!(count(&world.app, first).await, 4);
    assert!(
        count(
            &world.app,
            "select count(*) from quarterly_update_schedule where execution_start_time = '01:30'"
        )
        .await
            > 0
    );
    assert_eq!(
        count(&world.app, "select count(*) from orrery.dispatch where queue = 'quarter' and run_at > now()")
            .await,
        4
    );
    drop(worker);
    world.close().await;
}

#[tokio::test]
async fn a_quarter_is_started_by_hand_followed_and_only_its_failures_run_again() {
    let world = World::new().await;
    crowd(&world.app, 20).await;
    let worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
    let started = world.json_of(&["quarter", "start", "2031-Q1", "--json"]);
    assert_eq!((&started["quarter"], &started["done"]), (&json!("2031-Q1"), &json!("started")));
    let id: Uuid = started["id"].as_str().unwrap().parse().unwrap();
    until(&world, id, "completed").await;
    // A timer that fires late finds nothing to do, and that is no failure of its unit.
    let late = world.json_of(&["quarter", "start", "2031-Q1", "--scheduled", "--json"]);
    assert_eq!(late["done"], json!("completed"));
    assert!(!world.run(&["quarter", "start", "2031-Q1"]).0, "a person is told that it has completed");

    let standing = world.json_of(&["quarter", "status", "2031-Q1", "--json"]);
    let of = |standing: &serde_json::Value, key: &str| standing[0][key].as_i64().unwrap();
    assert_eq!(["total", "completed", "failed", "open"].map(|key| of(&standing, key)), [26, 24, 2, 0]);
    let told: (i32, i32, i32, i64) = sqlx::query_as(
        "select total_entities, processed_entities, failed_entities, jsonb_array_length(error_summary)::bigint from quarterly_update_schedule",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!(told, (26, 24, 2, 2), "the applications' own row says the same");
    let text = world.run(&["quarter", "status"]).1;
    says(&text, &["2031-Q1: completed", "26 of 26 rows (100 %), 2 failed"]);
    says(&text, &[&format!("employee {WRONG_ZONE}")]);
    let codes = standing[0]["errors"].as_array().unwrap();
    let zone =
        codes.iter().find(|group| group["sample"].to_string().contains(&WRONG_ZONE.to_string())).unwrap();
    let (good, _, wrong) = world.run(&["quarter", "start", "2031-Q1"]);
    assert!(!good);
    says(&wrong, &["has completed", "retry-failed"]);
    let (good, _, wrong) = world.run(&["quarter", "status", "2032-Q1"]);
    assert!(!good);
    says(&wrong, &["no schedule row of 2032-Q1"]);

    let before: Vec<String> = ended(&world).await;
    rows::run(
        &world.app,
        &format!(
            "update entity_birth_data set timezone = 'Europe/Lisbon' where employee_id = '{WRONG_ZONE}'"
        ),
    )
    .await;
    let code = zone["code"].as_str().unwrap();
    says(&world.run(&["quarter", "retry-failed", "2031-Q1", "--code", code]).1, &["1 failed rows run again"]);
    rows::run(
        &world.app,
        "update quarterly_update_schedule set execution_start_time = '12:00', execution_end_time = '11:59:59', scheduled_date = current_date - 2",
    )
    .await;
    super::until_count(
        &world,
        "the quarter has been closed twice",
        "select count(*) from orrery.outbox where topic = 'quarter.completed'",
        2,
    )
    .await;
    until(&world, id, "completed").await;
    let standing = world.json_of(&["quarter", "status", "2031-Q1", "--json"]);
    assert_eq!(["total", "completed", "failed", "open"].map(|key| of(&standing, key)), [26, 25, 1, 0]);
    let after = ended(&world).await;
    assert!(before.iter().all(|row| after.contains(row)), "what had completed did not run again");
    assert_eq!(after.len(), before.len() + 1);
    let events = "select count(*) from orrery.outbox where topic = 'quarter.started'";
    assert_eq!(count(&world.app, events).await, 1);
    let last: serde_json::Value = sqlx::query_scalar(
        "select payload from orrery.outbox where topic = 'quarter.completed' order by id desc limit 1",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!(
        (&last["entities"], &last["failed"], last["errors"].as_array().map(Vec::len)),
        (&json!(26), &json!(1), Some(1))
    );
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "completed");
    drop(worker);
    world.close().await;
}

/// Completed rows with their times.
async fn ended(world: &World) -> Vec<String> {
    sqlx::query_scalar(
        "select concat(id, ' ', completed_at) from entity_update_queue where queue_status = 'completed'",
    )
    .fetch_all(&world.app)
    .await
    .unwrap()
}

/// Adds rows of a schedule by the thousand, of entities that nobody knows.
async fn fill(world: &World, id: Uuid, rows: i32) {
    sqlx::query(
        "insert into entity_update_queue (schedule_id, entity_type, entity_id, organization_id, subscription_active)
         select $1, 'employee', n::text, $2, true from generate_series(1, $3) n",
    )
    .bind(id)
    .bind(COMPANY.to_string())
    .bind(rows)
    .execute(&world.app)
    .await
    .unwrap();
}

#[tokio::test]
async fn all_that_a_cancel_ended_runs_after_all_also_when_a_start_died_half_way() {
    let world = World::new().await;
    let id = schedule(&world.app, "Q1", 2031, false).await;
    fill(&world, id, 5_000).await;
    rows::run(
        &world.app,
        "update entity_update_queue set queue_status = 'skipped', error_message = 'by hand' where entity_id = '1'",
    )
    .await;
    says(&world.run(&["quarter", "cancel", "2031-Q1"]).1, &["4999 rows ended as skipped"]);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    // So far a start had come that died.
    rows::run(
        &world.app,
        "update entity_update_queue set queue_status = 'queued', completed_at = null, error_message = null where entity_id::integer between 2 and 701",
    )
    .await;
    says(&world.run(&["quarter", "start", "2031-Q1"]).1, &["2031-Q1: started"]);
    for (what, sql, wanted) in [
        ("rows that run", "select count(*) from entity_update_queue where queue_status = 'queued'", 4_999),
        (
            "of them in the queue",
            "select count(*) from orrery.dispatch where queue = 'entity' and state = 'ready'",
            4_999,
        ),
        (
            "skipped for a reason of its own",
            "select count(*) from entity_update_queue where error_message = 'by hand'",
            1,
        ),
        (
            "open in the counts",
            "select c.open from quarterly_update_schedule s cross join lateral orrery.quarter_counts(s.id) c",
            4_999,
        ),
        (
            "the quarter itself",
            "select count(*) from orrery.dispatch where queue = 'quarter' and run_at <= now()",
            1,
        ),
    ] {
        assert_eq!(count(&world.app, sql).await, wanted, "{what}");
    }
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "scheduled");
    world.close().await;
}

#[tokio::test]
async fn failures_of_a_quarter_that_was_cancelled_while_its_rows_were_made_do_not_run_again_alone() {
    let world = World::new().await;
    let id = schedule(&world.app, "Q1", 2031, false).await;
    fill(&world, id, 3).await;
    rows::run(
        &world.app,
        "update entity_update_queue set queue_status = 'failed', error_message = 'by hand' where entity_id = '1'",
    )
    .await;
    says(&world.run(&["quarter", "cancel", "2031-Q1"]).1, &["2 rows ended as skipped"]);
    let failed = "select count(*) from entity_update_queue where queue_status = 'failed'";
    let (good, _, wrong) = world.run(&["quarter", "retry-failed", "2031-Q1"]);
    assert!(!good);
    says(&wrong, &["2031-Q1 is cancelled", "start it: orrery quarter start 2031-Q1"]);
    assert_eq!(count(&world.app, failed).await, 1);
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "cancelled");

    rows::run(
        &world.app,
        "insert into orrery.quarter_run (schedule_id, expanded_at) select id, now() from quarterly_update_schedule
         on conflict (schedule_id) do update set expanded_at = now()",
    )
    .await;
    says(&world.run(&["quarter", "retry-failed", "2031-Q1"]).1, &["1 failed rows run again"]);
    assert_eq!(count(&world.app, failed).await, 0);
    let skipped = "select count(*) from entity_update_queue where queue_status = 'skipped'";
    assert_eq!(count(&world.app, skipped).await, 2, "nothing but the failures");
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "scheduled");
    world.close().await;
}
