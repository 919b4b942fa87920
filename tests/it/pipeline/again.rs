//! An entity whose documents are written and whose row is not: the next run tells the same as if it were the first.

use std::sync::Arc;

use bson::doc;
use orrery::pipeline::entity::EntityHandler;
use orrery::queue::Queue;
use orrery::runtime::{Done, Handler as _};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, COMPANY};
use crate::support::rows::run;

async fn row_of(world: &World, quarter: &str) -> Uuid {
    sqlx::query_scalar(
        "with s as (
           insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, status)
           values ($1, 2026, '2100-01-01', '00:00', '23:59', 'completed') returning id)
         insert into entity_update_queue (schedule_id, entity_type, entity_id, organization_id, subscription_active)
         select s.id, 'employee', $2, $3, true from s returning id",
    )
    .bind(quarter)
    .bind(ANNA.to_string())
    .bind(COMPANY.to_string())
    .fetch_one(&world.app)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_second_run_names_the_code_that_stood_before_the_row_and_not_its_own() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let handler = EntityHandler::new(world.context());
    row_of(&world, "Q2").await;
    let first = Arc::new(world.claim_one(Queue::Entity).await);
    assert_eq!(handler.run(first).await.ok(), Some(Done::Published));

    let id = row_of(&world, "Q3").await;
    let job = Arc::new(world.claim_one(Queue::Entity).await);
    run(
        &world.app,
        "create function test_refuse() returns trigger language plpgsql as $$ begin raise exception 'not now'; end $$;
         create trigger test_refuse before insert on calculation_jobs for each row execute function test_refuse()",
    )
    .await;
    assert!(handler.run(Arc::clone(&job)).await.is_err());
    let codes = world.astrology("harmonic_codes", doc! {}).await;
    let version = codes[0].get_document("current_code").unwrap().get_str("version").unwrap().to_owned();
    assert_eq!(version, "2026-Q3", "the documents of the first run are there");
    run(&world.app, "drop trigger test_refuse on calculation_jobs").await;
    assert_eq!(handler.run(job).await.ok(), Some(Done::Published));

    let before: (Option<String>, Option<String>) = sqlx::query_as(
        "select previous_harmonic_code, previous_energy_signature from entity_update_queue where id = $1",
    )
    .bind(id)
    .fetch_one(&world.app)
    .await
    .unwrap();
    let code = world.astrology("harmonic_codes", doc! {}).await.remove(0);
    let past = code.get_array("historical_codes").unwrap();
    assert_eq!(past.len(), 1);
    let past = past[0].as_document().unwrap();
    assert_eq!(before.0.as_deref(), Some("2026-Q2"));
    assert_eq!(before.1.as_deref(), past.get_str("energy_signature").ok());
    world.close().await;
}
