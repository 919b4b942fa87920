//! The counts of a quarter follow every change of its rows, without reading them.

use std::time::Duration;

use orrery::queue::Queue;
use sqlx::PgPool;
use uuid::Uuid;

use super::schedule;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::jobs::{end_leases, permanent};
use crate::support::rows::{count, run};

/// Total, completed, failed, skipped.
type Counts = (i64, i64, i64, i64);

async fn kept(pool: &PgPool, schedule: Uuid) -> Counts {
    sqlx::query_as("select total, completed, failed, skipped from orrery.quarter_counts($1)")
        .bind(schedule)
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn counted(pool: &PgPool, schedule: Uuid) -> Counts {
    sqlx::query_as(
        "select count(*), count(*) filter (where queue_status = 'completed'), count(*) filter (where queue_status = 'failed'),
                count(*) filter (where queue_status = 'skipped') from entity_update_queue where schedule_id = $1",
    )
    .bind(schedule)
    .fetch_one(pool)
    .await
    .unwrap()
}

async fn assert_true(world: &World, schedule: Uuid, after: &str) -> Counts {
    let kept = kept(&world.app, schedule).await;
    assert_eq!(kept, counted(&world.app, schedule).await, "after {after}");
    let errors = count(&world.app, "select count(*) from orrery.quarter_error").await;
    assert_eq!(errors, kept.2, "one noted error for each failed row, after {after}");
    kept
}

async fn fill(world: &World, schedule: Uuid) {
    crowd(&world.app, 30).await;
    sqlx::query(
        "insert into entity_update_queue (schedule_id, entity_type, entity_id, organization_id, subscription_active)
         select $1, 'employee', id::text, organization_id::text, true from employees where id::text like '62%'",
    )
    .bind(schedule)
    .execute(&world.app)
    .await
    .unwrap();
}

#[tokio::test]
async fn they_are_true_after_every_change_whoever_makes_it_and_a_statement_adds_one_row() {
    let world = World::new().await;
    let id = schedule(&world.app, "Q1", 2031, false).await;
    fill(&world, id).await;
    assert_eq!(assert_true(&world, id, "an insert").await, (30, 0, 0, 0));
    let deltas = async || count(&world.app, "select count(*) from orrery.quarter_delta").await;
    assert_eq!(deltas().await, 1, "one row for thirty");

    let jobs = world.claim(Queue::Entity, 10).await;
    assert_eq!(deltas().await, 1, "a claim changes no count");
    assert!(world.complete(&jobs[0]).await);
    world.settle(&jobs[1], &permanent()).await;
    assert_eq!(assert_true(&world, id, "an end of each kind").await, (30, 1, 1, 0));
    run(
        &world.app,
        "update entity_update_queue set queue_status = 'skipped' where queue_status = 'processing'",
    )
    .await;
    assert_eq!(assert_true(&world, id, "skipping").await, (30, 1, 1, 8));
    run(&world.app, "update entity_update_queue set queue_status = 'failed' where queue_status = 'skipped'")
        .await;
    assert_eq!(assert_true(&world, id, "failures by an application").await, (30, 1, 9, 0));
    run(&world.app, "update entity_update_queue set queue_status = 'queued' where queue_status = 'failed'")
        .await;
    assert_eq!(assert_true(&world, id, "setting back").await, (30, 1, 0, 0));
    run(&world.app, "update entity_update_queue set priority = 9").await;
    assert_true(&world, id, "a change of something else").await;
    for _ in 0..3 {
        world.claim(Queue::Entity, 100).await;
        end_leases(&world.app).await;
        world.rescue(Queue::Entity).await;
    }
    assert!(assert_true(&world, id, "deaths and quarantines").await.2 > 0);
    run(&world.app, "delete from entity_update_queue where queue_status = 'failed' or entity_id like '%5'")
        .await;
    assert_true(&world, id, "a deletion").await;
    world.close().await;
}

#[tokio::test]
async fn failures_are_grouped_by_code_with_a_few_samples() {
    let world = World::new().await;
    let id = schedule(&world.app, "Q1", 2031, false).await;
    fill(&world, id).await;
    for job in world.claim(Queue::Entity, 7).await {
        world.settle(&job, &permanent()).await;
    }
    run(
        &world.app,
        "update entity_update_queue set queue_status = 'failed', error_message = 'by hand'
         where id in (select id from entity_update_queue where queue_status = 'queued' limit 2)",
    )
    .await;
    let errors: serde_json::Value =
        sqlx::query_scalar("select orrery.quarter_errors($1)").bind(id).fetch_one(&world.app).await.unwrap();
    let group = |at: usize| {
        (
            errors[at]["code"].as_str(),
            errors[at]["entities"].as_i64(),
            errors[at]["sample"].as_array().map(Vec::len),
        )
    };
    assert_eq!(group(0), (Some("test.permanent"), Some(7), Some(5)));
    assert_eq!(group(1), (Some("application"), Some(2), Some(2)));
    assert_eq!(errors[1]["message"], "by hand");
    world.close().await;
}

#[tokio::test]
async fn a_look_finds_true_counts_again_when_nothing_has_kept_them() {
    let world = World::new().await;
    crowd(&world.app, 5).await;
    let mut worker =
        world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100"), ("ORRERY_ENTITY_ENABLED", "false")]).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    super::until_count(
        &world,
        "the rows are made",
        "select count(*) from orrery.quarter_run where expanded_at is not null",
        1,
    )
    .await;
    super::until_count(
        &world,
        "all differences are summed up",
        "select count(*) from orrery.quarter_delta",
        0,
    )
    .await;
    // No trigger sees this, as after a restored dump; and a minute has passed.
    let mut connection = world.app.acquire().await.unwrap();
    sqlx::raw_sql(
        "set session_replication_role = replica; update entity_update_queue set queue_status = 'completed';
         update orrery.quarter_count set changed_at = now() - interval '2 minutes'; set session_replication_role = default",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    drop(connection);
    super::until(&world, id, "completed").await;
    assert_true(&world, id, "a recount").await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
