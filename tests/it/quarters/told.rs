//! What is told of a quarter: events, its result, and rows that take no part.

use std::time::Duration;

use bson::doc;
use serde_json::{Value, json};
use uuid::Uuid;

use super::{SCHEDULES, schedule, until, until_count};
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::rows::{self, count, says};

/// Ends so many rows as an application may.
async fn end(world: &World, rows: i32) {
    let sql = format!(
        "update entity_update_queue set queue_status = 'completed', completed_at = now()
         where id in (select id from entity_update_queue where queue_status = 'queued' limit {rows})"
    );
    rows::run(&world.app, &sql).await;
}

/// Entities and processed ones, as each `quarter.progress` has told them.
async fn progress(world: &World) -> Vec<(i64, i64)> {
    sqlx::query_as(
        "select (payload ->> 'entities')::bigint, (payload ->> 'processed')::bigint
         from orrery.outbox where topic = 'quarter.progress' order by id",
    )
    .fetch_all(&world.app)
    .await
    .unwrap()
}

/// What the only `quarter.completed` says; the result of the row is the same.
async fn completed(world: &World, id: Uuid) -> Value {
    let told: Vec<Value> =
        sqlx::query_scalar("select payload from orrery.outbox where topic = 'quarter.completed'")
            .fetch_all(&world.app)
            .await
            .unwrap();
    assert_eq!(told.len(), 1, "{told:?}");
    let noted: Value =
        sqlx::query_scalar("select output from orrery.result where queue = 'quarter' and job_id = $1")
            .bind(id)
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!(noted, told[0]);
    noted
}

/// A worker that makes rows of quarters and runs none of them.
const LOOKS_ONLY: [(&str, &str); 2] = [("ORRERY_QUARTER_LOOK_MS", "50"), ("ORRERY_ENTITY_ENABLED", "false")];

const MADE: &str = "select count(*) from orrery.quarter_run where expanded_at is not null";

#[tokio::test]
async fn each_tenth_of_a_quarter_is_told_at_most_once_and_its_end_as_its_result() {
    let world = World::new().await;
    crowd(&world.app, 20).await;
    let mut worker = world.worker(&LOOKS_ONLY).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    until_count(&world, "all rows are made", MADE, 1).await;
    assert!(progress(&world).await.is_empty());
    // Of 26 rows: the first tenth, no further tenth, and several tenths at once.
    let noted = "select coalesce(max(processed_entities), 0)::bigint from quarterly_update_schedule";
    for (rows, processed, told) in
        [(3, 3, &[(26, 3)][..]), (1, 4, &[(26, 3)][..]), (9, 13, &[(26, 3), (26, 13)][..])]
    {
        end(&world, rows).await;
        until_count(&world, "a look has noted it", noted, processed).await;
        assert_eq!(progress(&world).await, told);
    }
    end(&world, 13).await;
    until(&world, id, "completed").await;
    assert_eq!(progress(&world).await.len(), 2, "the end is told as the end");
    let told = completed(&world, id).await;
    assert_eq!(
        [&told["schedule_id"], &told["quarter"], &told["entities"], &told["processed"], &told["failed"]],
        [&json!(id), &json!("2031-Q1"), &json!(26), &json!(26), &json!(0)]
    );
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

#[tokio::test]
async fn a_cancelled_quarter_is_told_once() {
    let world = World::new().await;
    crowd(&world.app, 20).await;
    let mut worker = world.worker(&LOOKS_ONLY).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    until_count(&world, "all rows are made", MADE, 1).await;
    end(&world, 3).await;
    says(&world.run(&["quarter", "cancel", "2031-Q1"]).1, &["23 rows ended as skipped"]);
    assert!(!world.run(&["quarter", "cancel", "2031-Q1"]).0, "it is cancelled already");
    // The worker has gone on to another quarter.
    let other = schedule(&world.app, "Q2", 2031, true).await;
    until_count(&world, "the rows of the next are made", MADE, 2).await;
    end(&world, 26).await;
    until(&world, other, "completed").await;
    let told: Vec<Value> =
        sqlx::query_scalar("select payload from orrery.outbox where topic = 'quarter.cancelled'")
            .fetch_all(&world.app)
            .await
            .unwrap();
    assert_eq!(told, [json!({ "schedule_id": id, "ended": 23 })]);
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "cancelled");
    assert_eq!(completed(&world, other).await["entities"], 26);
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

#[tokio::test]
async fn rows_of_an_organization_whose_subscription_has_ended_are_skipped_and_told_as_skipped() {
    let world = World::new().await;
    crowd(&world.app, 5).await;
    rows::run(&world.app, "update organizations set subscription_status = 'EXPIRED'").await;
    let mut worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    until(&world, id, "completed").await;
    let ends: Vec<(String, String, i64)> = sqlx::query_as(
        "select queue_status, coalesce(error_message, ''), count(*) from entity_update_queue group by 1, 2",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let [(status, why, 11)] = ends.as_slice() else { panic!("{ends:?}") };
    assert_eq!(status, "skipped");
    says(why, &["subscription_active is false"]);
    for (what, sql) in [
        ("calculations", "select count(*) from calculation_jobs"),
        ("calculations that are told", "select count(*) from calculation_audit_log"),
        ("results", "select count(*) from orrery.result where queue = 'entity'"),
    ] {
        assert_eq!(count(&world.app, sql).await, 0, "{what}");
    }
    for collection in ["birth_charts", "harmonic_codes", "compatibility_scores", "energy_patterns"] {
        assert!(world.astrology(collection, doc! {}).await.is_empty(), "{collection}");
    }

    let status = world.json_of(&["quarter", "status", "2031-Q1", "--json"]);
    assert_eq!(
        ["total", "skipped", "open"].map(|key| status[0][key].as_i64()),
        [Some(11), Some(11), Some(0)]
    );
    says(&world.run(&["quarter", "status", "2031-Q1"]).1, &["11 of 11 rows (100 %), 11 skipped"]);
    let told = completed(&world, id).await;
    assert_eq!(
        ["entities", "processed", "failed", "skipped"].map(|key| told[key].as_i64()),
        [11, 11, 0, 11].map(Some)
    );
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
