//! Documents that MongoDB cannot hold: the row fails at once with what is too large, and runs when that has been put right.

use std::time::Duration;

use bson::{Document, doc};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, run, says};

const MOST_BYTES: usize = 16 * 1024 * 1024;

/// Waits until the row has failed at its first attempt, with nothing published; returns the message.
async fn refused(world: &World, row: Uuid) -> String {
    let message = world.failed(REPORTS, row).await;
    assert_eq!(rows::error_codes(&world.app, row).await, ["store.too_large"], "{message}");
    assert_eq!(rows::attempts(&world.app, row).await, 1);
    world.assert_nothing_published().await;
    message
}

/// Lets the row run again, as an application does.
async fn completes_now(world: &World, row: Uuid) {
    run(&world.app, &format!("update report_generation_queue set status = 'pending' where id = '{row}'"))
        .await;
    world.completed(REPORTS, row).await;
    world.assert_stores_agree().await;
}

#[tokio::test]
async fn a_report_about_a_role_of_seventeen_megabytes_fails_once_and_names_the_document() {
    let world = World::new().await;
    let mut worker = world.worker(&[]).await;
    run(&world.app, "update job_roles set description = repeat('Grinds lenses. ', 1200000)").await;
    let row = rows::report(&world.app, ANNA, "compatibility_company").await;
    let message = refused(&world, row).await;
    says(&message, &["analysis_data", "analysisId", "at most", "shorten"]);
    assert!(message.len() < 500 && !message.contains("Grinds"), "{message}");
    run(&world.app, "update job_roles set description = 'Grinds lenses.'").await;
    completes_now(&world, row).await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}

#[tokio::test]
async fn a_questionnaire_without_room_for_its_readings_fails_the_review_once() {
    let world = World::new().await;
    let mut worker = world.worker(&[]).await;
    world.answer_questionnaire(ANNA, 80).await;
    let all =
        world.mongo.database(&world.databases.reports).collection::<Document>("questionnaire_responses");
    let mut asked = all.find_one(doc! {}).await.unwrap().unwrap();
    let room = MOST_BYTES - bson::serialize_to_vec(&asked).unwrap().len();
    asked.insert("attachment", "x".repeat(room - 64));
    all.replace_one(doc! {}, &asked).await.unwrap();
    let row = rows::report(&world.app, ANNA, "questionnaire_qa").await;
    // Only the server can know how much is there already.
    says(&refused(&world, row).await, &["larger than", "shorten"]);
    all.update_one(doc! {}, doc! { "$unset": { "attachment": "" } }).await.unwrap();
    completes_now(&world, row).await;
    assert!(worker.stop(Duration::from_secs(20)).await.success(), "{}", worker.log());
    world.close().await;
}
