//! Reports: from the insert to both stores, versions, and texts that differ.

use std::time::{Duration, Instant};

use bson::doc;
use serde_json::{Value, json};
use sqlx::postgres::PgPoolCopyExt as _;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN, TYPES, USER};
use crate::support::rows::{self, REPORTS, count, run};

/// Time from the commit until the row is seen completed.
async fn seconds_until_completed(world: &World, committed: Instant, id: Uuid) -> f64 {
    world.completed(REPORTS, id).await;
    committed.elapsed().as_secs_f64()
}

#[tokio::test]
async fn an_insert_of_the_three_columns_without_default_is_a_report_within_a_second() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let warm_up = rows::report(&world.app, BEN, "behavior_company_specific").await;
    world.completed(REPORTS, warm_up).await;

    let mut times = Vec::new();
    let mut inserted = Vec::new();
    for kind in ["personality_role_specific", "compatibility_job_role", "training_development"] {
        let id = rows::report(&world.app, ANNA, kind).await;
        times.push(seconds_until_completed(&world, Instant::now(), id).await);
        inserted.push(id);
    }
    let mut copy = world
        .app
        .copy_in_raw("copy report_generation_queue (employee_id, report_type, requested_by) from stdin")
        .await
        .unwrap();
    copy.send(format!("{ANNA}\tcompatibility_company\t{USER}\n").as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    let committed = Instant::now();
    let copied: Uuid = sqlx::query_scalar(
        "select id from report_generation_queue where report_type = 'compatibility_company'",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    times.push(seconds_until_completed(&world, committed, copied).await);
    inserted.push(copied);

    for id in inserted {
        let published = world.published(id).await;
        assert_eq!((published.version, published.is_latest, published.trigger.as_str()), (1, true, "manual"));
        assert_eq!((published.summary.as_str(), published.changes), ("First version.", None));
    }
    world.assert_stores_agree().await;
    // The machine may be busy with other tests: three of four must make it.
    let slow = times.iter().filter(|seconds| **seconds >= 1.0).count();
    assert!(slow <= 1, "seconds from commit to completed: {times:.3?}\n{}", world.evidence());
    world.close().await;
}

/// All text of a report without the name of the person.
async fn text_of(world: &World, queue_id: Uuid, name: &str) -> String {
    let published = world.published(queue_id).await;
    let report = world.reports("reports", doc! { "reportId": &published.report_id }).await.remove(0);
    let mut text = format!("{:?}", report.get_document("content").unwrap());
    for part in name.split(' ') {
        text = text.replace(part, "X");
    }
    text
}

#[tokio::test]
async fn all_eight_types_for_two_people_are_sixteen_different_texts() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    world.answer_questionnaire(ANNA, 80).await;
    world.answer_questionnaire(BEN, 40).await;
    let _worker = world.worker(&[]).await;
    let mut ids = Vec::new();
    for kind in TYPES {
        for (employee, name) in [(ANNA, "Anna Lindqvist"), (BEN, "Ben Okafor")] {
            ids.push((kind, name, rows::report(&world.app, employee, kind).await));
        }
    }
    let mut texts = Vec::new();
    for (kind, name, id) in ids {
        world.completed(REPORTS, id).await;
        texts.push((kind, name, text_of(&world, id, name).await));
    }
    for (at, (kind, name, text)) in texts.iter().enumerate() {
        for (other_kind, other_name, other) in &texts[..at] {
            assert_ne!(text, other, "{kind} of {name} is {other_kind} of {other_name} word for word");
        }
    }
    let trainings = world.reports("training_recommendations", doc! {}).await;
    assert_eq!(trainings.len(), 2);
    let read =
        world.reports("questionnaire_responses", doc! { "aggregateAnalysis": { "$exists": true } }).await;
    assert_eq!(read.len(), 2, "the questionnaires carry their reading");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_second_version_names_what_changed_and_becomes_the_latest() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let kind = "personality_role_specific";
    let first = rows::report(&world.app, ANNA, kind).await;
    world.completed(REPORTS, first).await;
    run(
        &world.app,
        "update entity_birth_data set birth_date = '1979-10-30', birth_time = '21:40' where employee_id = '60000000-0000-4000-9000-000000000001'",
    )
    .await;
    let second = rows::report_with(&world.app, ANNA, kind, "data_correction", json!({})).await;
    world.completed(REPORTS, second).await;
    let third = rows::new_version(&world.app, ANNA, kind).await;
    world.completed(REPORTS, third).await;

    let (first, second, third) =
        (world.published(first).await, world.published(second).await, world.published(third).await);
    assert_eq!([first.version, second.version, third.version], [1, 2, 3]);
    assert_eq!([first.is_latest, second.is_latest, third.is_latest], [false, false, true]);
    assert_ne!(first.content_hash, second.content_hash);
    assert_eq!(second.trigger, "data_change");
    assert!(second.summary.contains("since version 1"), "{}", second.summary);
    let changes: Value = second.changes.unwrap();
    assert_eq!(
        (&changes["previous_version"], &changes["content_changed"]),
        (&json!(1), &json!(true)),
        "{changes}"
    );
    let changes: Value = third.changes.unwrap();
    assert_eq!(changes["content_changed"], json!(false), "equal input is equal content: {changes}");
    assert_eq!(third.summary, "Nothing changed since version 2.");
    world.assert_stores_agree().await;
    world.close().await;
}

/// Eight rows of one person and type at once, and how many versions come of them.
async fn versions_of_eight_rows(parameters: &str) -> (i64, i64) {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (employee_id, report_type, requested_by, request_metadata)
             select '{ANNA}', 'compatibility_company', '{USER}', '{parameters}' from generate_series(1, 8)"
        ),
    )
    .await;
    world
        .eventually(Duration::from_mins(1), "all eight have completed", async || {
            let open =
                count(&world.app, "select count(*) from report_generation_queue where status <> 'completed'")
                    .await;
            if open == 0 { Ok(()) } else { Err(format!("{open} have not\n{}", world.evidence())) }
        })
        .await;
    let versions = count(&world.app, "select count(*) from report_versions").await;
    let highest = count(&world.app, "select max(version)::bigint from report_versions").await;
    assert_eq!(
        count(&world.app, "select max(attempt_count)::bigint from report_generation_queue").await,
        1,
        "no attempt is burnt"
    );
    world.assert_stores_agree().await;
    world.close().await;
    (versions, highest)
}

#[tokio::test]
async fn rows_that_each_ask_for_a_version_at_the_same_time_become_that_many_versions() {
    assert_eq!(versions_of_eight_rows(r#"{"new_version": true}"#).await, (8, 8));
}

#[tokio::test]
async fn rows_that_ask_for_the_same_at_the_same_time_become_one_version() {
    assert_eq!(versions_of_eight_rows("{}").await, (1, 1));
}
