//! Entity updates: all documents of an entity, in one go.

use std::collections::BTreeSet;
use std::time::Duration;

use bson::{Document, doc};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN, CLEO, COMPANY};
use crate::support::rows::{self, ENTITIES, count, dispatch};

/// Documents of an employee in the astrology database and the projections of the reports' database, by collection.
async fn documents_of(world: &World, employee: Uuid) -> Vec<(&'static str, Vec<Document>)> {
    let id = employee.to_string();
    let of_entity = doc! { "entity_type": "employee", "entity_id": &id };
    let of_subject = doc! { "subject_entity.type": "employee", "subject_entity.id": &id };
    vec![
        ("birth_charts", world.astrology("birth_charts", of_entity.clone()).await),
        ("harmonic_codes", world.astrology("harmonic_codes", of_entity.clone()).await),
        ("energy_patterns", world.astrology("energy_patterns", of_entity).await),
        ("compatibility_scores", world.astrology("compatibility_scores", of_subject).await),
        ("astrological_data", world.reports("astrological_data", doc! { "employeeId": &id }).await),
        ("harmonic_energy_codes", world.reports("harmonic_energy_codes", doc! { "employeeId": &id }).await),
    ]
}

#[tokio::test]
async fn an_entity_update_writes_all_documents_at_once_and_records_each_calculation() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let id = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    world.completed(ENTITIES, id).await;

    let mut tokens = BTreeSet::new();
    for (collection, documents) in documents_of(&world, ANNA).await {
        let wanted = if collection == "compatibility_scores" { 4 } else { 1 };
        assert_eq!(documents.len(), wanted, "{collection}");
        for document in documents {
            let job = document.get_document("job").unwrap();
            assert_eq!(job.get_str("id").unwrap(), id.to_string(), "{collection}");
            tokens.insert(job.get_i64("token").unwrap());
        }
    }
    assert_eq!(tokens.len(), 1, "all in one go");

    let kinds: Vec<(String, i64)> = sqlx::query_as(
        "select job_type, count(*) from calculation_jobs where entity_id = $1 and job_status = 'completed' and output_document_id is not null
         group by 1 order by 1",
    )
    .bind(ANNA.to_string())
    .fetch_all(&world.app)
    .await
    .unwrap();
    let wanted = [("birth_chart", 1), ("compatibility", 4), ("energy_pattern", 1), ("harmonic_code", 1)];
    assert_eq!(kinds, wanted.map(|(kind, number)| (kind.to_owned(), number)));
    assert_eq!(
        count(&world.app, "select count(*) from calculation_audit_log where event_type = 'job_completed'")
            .await,
        7
    );
    let linked = "select count(*) from entity_update_queue q
        join calculation_jobs c on c.id = q.birth_chart_job_id and c.job_type = 'birth_chart'
        join calculation_jobs h on h.id = q.harmonic_code_job_id and h.job_type = 'harmonic_code'
        where jsonb_array_length(q.compatibility_jobs) = 4";
    assert_eq!(count(&world.app, linked).await, 1, "the row names its calculations");

    let again = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    world.completed(ENTITIES, again).await;
    for (collection, documents) in documents_of(&world, ANNA).await {
        let wanted = if collection == "compatibility_scores" { 4 } else { 1 };
        assert_eq!(documents.len(), wanted, "{collection} after the second update");
    }
    assert_eq!(
        count(&world.app, "select count(*) from entity_update_queue where previous_harmonic_code is not null and previous_energy_signature is not null").await,
        1,
        "the second update names what was before"
    );
    world.close().await;
}

#[tokio::test]
async fn candidates_and_companies_are_updated_and_the_unsubscribed_are_skipped() {
    let world = World::new().await;
    let _worker = world.worker(&[]).await;
    let candidate = rows::entity(&world.app, "candidate", &CLEO.to_string(), COMPANY).await;
    let company = rows::entity(&world.app, "company", &COMPANY.to_string(), COMPANY).await;
    let unsubscribed: Uuid = sqlx::query_scalar(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active) values ('employee', $1, $2, false) returning id",
    )
    .bind(BEN.to_string())
    .bind(COMPANY.to_string())
    .fetch_one(&world.app)
    .await
    .unwrap();
    world.completed(ENTITIES, candidate).await;
    world.completed(ENTITIES, company).await;
    let skipped = world.ended(ENTITIES, unsubscribed).await;
    assert_eq!(skipped.status, "skipped");
    assert!(skipped.error.unwrap().contains("subscription_active"));
    for (kind, id) in [("candidate", CLEO), ("company", COMPANY)] {
        let charts =
            world.astrology("birth_charts", doc! { "entity_type": kind, "entity_id": id.to_string() }).await;
        assert_eq!(charts.len(), 1, "{kind}");
    }
    assert!(world.astrology("birth_charts", doc! { "entity_id": BEN.to_string() }).await.is_empty());
    assert_eq!(dispatch(&world.app, unsubscribed).await, None);
    world.close().await;
}

#[tokio::test]
async fn two_workers_share_a_hundred_rows_and_each_row_is_done_once() {
    let world = World::new().await;
    let _workers = [world.worker(&[]).await, world.worker(&[]).await];
    let sql = format!(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active)
         select 'employee', case when n % 2 = 0 then '{ANNA}' else '{BEN}' end, '{COMPANY}', true from generate_series(1, 100) n"
    );
    sqlx::query(AssertSqlSafe(sql)).execute(&world.app).await.unwrap();
    world
        .eventually(Duration::from_secs(45), "all hundred have ended", async || {
            let open = count(&world.app, "select count(*) from orrery.dispatch").await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    assert_eq!(
        count(&world.app, "select count(*) from entity_update_queue where queue_status = 'completed'").await,
        100
    );
    let done = "select count(*) from calculation_jobs where job_type = 'birth_chart'";
    assert_eq!(count(&world.app, done).await, 100, "one calculation for each row");
    world.close().await;
}
