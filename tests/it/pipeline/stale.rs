//! Data that changes while a report is written.

use bson::doc;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, count, error_codes, run, says};

const KIND: &str = "compatibility_industry";

/// Makes the name of the industry depend on how often it was read.
async fn industry_named(world: &World, name: &str) {
    run(
        &world.app,
        &format!(
            "alter table industries rename to industries_kept;
             create sequence reads;
             create view industries as
               select id, code, {name} as name, parameters, created_at, updated_at from industries_kept"
        ),
    )
    .await;
}

#[tokio::test]
async fn a_report_whose_data_changes_meanwhile_is_written_anew_from_what_is_there_now() {
    let world = World::new().await;
    industry_named(&world, "case when nextval('reads') = 1 then 'Candles' else 'Lenses' end").await;
    let worker = world.worker(&[]).await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, id).await;
    let published = world.published(id).await;
    assert_eq!(published.version, 1);
    let report = world.reports("reports", doc! { "reportId": &published.report_id }).await.remove(0);
    let text = format!("{:?}", report.get_document("content").unwrap());
    assert!(text.contains("Lenses") && !text.contains("Candles"), "the text is from one reading of the data");
    assert_eq!(count(&world.app, "select attempt_count::bigint from report_generation_queue").await, 1);
    assert!(error_codes(&world.app, id).await.is_empty(), "anew within the same attempt");
    assert!(worker.log().contains("written anew"), "{}", worker.log());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_report_whose_data_never_rests_is_tried_again_later_and_then_fails() {
    let world = World::new().await;
    industry_named(&world, "'Lenses ' || nextval('reads')").await;
    let _worker = world.worker(&[("ORRERY_QUEUE_BACKOFF_BASE_MS", "1")]).await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    says(
        &world.failed(REPORTS, id).await,
        &["changed while the report was written", "again while it was written anew"],
    );
    assert_eq!(error_codes(&world.app, id).await, ["data.stale"; 3]);
    assert_eq!(
        count(&world.app, "select last_value from reads").await,
        12,
        "two runs of two readings in each attempt"
    );
    assert_eq!(count(&world.app, "select count(*) from report_metadata").await, 0);
    assert!(world.reports("reports", doc! {}).await.is_empty());
    world.close().await;
}
