//! Entities that are worked on together: equal results, and an end of its own for each row.

use std::sync::Arc;

use bson::{Document, doc};
use orrery::pipeline::entity::EntityHandler;
use orrery::queue::{ClaimedJob, ErrorClass, JobError, Queue, StopReason};
use orrery::runtime::{Done, Handler as _};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, BEN, CLEO, COMPANY, WITHOUT_BIRTH, WRONG_ZONE};
use crate::support::rows::{self, ENTITIES, count, run, standing};

/// Sixteen people in four departments, with and without a time of birth.
const PEOPLE: &str = "
insert into departments (id, organization_id, name)
select ('31000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-9000-000000000001', 'Room ' || n
from generate_series(1, 4) n;
insert into employees (id, organization_id, department_id, job_role_id, full_name)
select ('61000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-9000-000000000001',
       case when n % 9 > 0 then ('31000000-0000-4000-9000-' || lpad((1 + n % 4)::text, 12, '0'))::uuid end,
       case when n % 5 > 0 then '40000000-0000-4000-9000-000000000001'::uuid end, 'Person ' || n
from generate_series(1, 16) n;
insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude)
select ('61000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-9000-000000000001', date '1960-01-01' + n * 311,
       case when n % 7 > 0 then time '00:10' + n * interval '35 minutes' end, case when n % 7 > 0 then 'exact' else 'unknown' end,
       'Europe/Berlin', 48 + n * 0.1, 9 + n * 0.1
from generate_series(1, 16) n";

/// Rows of all sixteen people, the candidate and the company.
const ROWS: &str = "
insert into entity_update_queue (schedule_id, entity_type, entity_id, organization_id, subscription_active, priority)
select $1, x.kind, x.id::text, '10000000-0000-4000-9000-000000000001', true, 1 + x.n % 10
from (select 'employee' as kind, e.id, row_number() over () as n from employees e where e.id::text like '61%'
      union all select 'candidate', c.id, 3 from candidates c
      union all select 'company', o.id, 4 from organizations o) x";

type Ends = Vec<Result<Done, JobError>>;

/// Runs jobs through the handler in batches of this size.
async fn run_in(world: &World, jobs: Vec<ClaimedJob>, batch: usize) -> Ends {
    let jobs: Vec<Arc<ClaimedJob>> = jobs.into_iter().map(Arc::new).collect();
    let handler = handler(world);
    let mut ends = Vec::new();
    for part in jobs.chunks(batch) {
        ends.extend(handler.run_many(part).await);
    }
    assert_eq!(ends.len(), jobs.len(), "each row has an end");
    ends
}

fn handler(world: &World) -> EntityHandler {
    EntityHandler::new(world.context())
}

fn assert_published(ends: &Ends) {
    for end in ends {
        assert_eq!(end.as_ref().ok(), Some(&Done::Published), "{end:?}");
    }
}

/// A world in which a past and a future quarter were worked off in batches of this size.
async fn two_quarters_in_batches_of(batch: usize) -> World {
    let world = World::new().await;
    world.set_up_mongodb().await;
    run(&world.app, PEOPLE).await;
    for quarter in ["('Q2', 2026)", "('Q3', 2026)"] {
        let schedule: Uuid = sqlx::query_scalar(AssertSqlSafe(format!(
            "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, status)
             select q, y, '2100-01-01', '00:00', '23:59', 'completed' from (values {quarter}) v (q, y) returning id"
        )))
        .fetch_one(&world.app)
        .await
        .unwrap();
        sqlx::query(ROWS).bind(schedule).execute(&world.app).await.unwrap();
        let jobs = world.claim(Queue::Entity, 200).await;
        assert_eq!(jobs.len(), 18);
        assert_published(&run_in(&world, jobs, batch).await);
    }
    world
}

#[tokio::test]
async fn batches_of_one_and_of_two_hundred_write_equal_documents_and_rows() {
    let single = two_quarters_in_batches_of(1).await;
    let together = two_quarters_in_batches_of(200).await;
    let (one, many) = (single.plain_documents().await, together.plain_documents().await);
    for ((collection, one), (_, many)) in one.iter().zip(&many) {
        assert_eq!(one.len(), many.len(), "{collection}");
        assert!(one == many, "{collection} differs");
    }
    let codes = together.astrology("harmonic_codes", doc! {}).await;
    assert_eq!(codes.len(), 18);
    assert!(codes.iter().all(|code| code.get_array("historical_codes").unwrap().len() == 1), "both quarters");
    assert_eq!(single.plain_tables().await, together.plain_tables().await);
    assert_eq!(count(&together.app, "select count(*) from orrery.dispatch where queue = 'entity'").await, 0);
    single.close().await;
    together.close().await;
}

/// Inserts rows of these entities, in this order of priority, and claims them.
async fn claimed(world: &World, entities: &[(&str, &str)]) -> Vec<ClaimedJob> {
    for (kind, id) in entities {
        rows::entity(&world.app, kind, id, COMPANY).await;
    }
    let jobs = world.claim(Queue::Entity, 200).await;
    assert_eq!(jobs.len(), entities.len());
    jobs
}

fn entity_of(job: &ClaimedJob) -> String {
    job.payload.columns()["entity_id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn what_is_wrong_with_some_rows_does_not_touch_the_others() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let nobody = Uuid::from_u128(77).to_string();
    let entities = [
        ("employee", ANNA.to_string()),
        ("employee", WRONG_ZONE.to_string()),
        ("employee", nobody.clone()),
        ("employee", WITHOUT_BIRTH.to_string()),
        ("candidate", CLEO.to_string()),
        ("employee", "no id at all".to_owned()),
        ("company", COMPANY.to_string()),
    ];
    let entities: Vec<(&str, &str)> = entities.iter().map(|(kind, id)| (*kind, id.as_str())).collect();
    run(&world.app, &format!(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active) values ('employee', '{BEN}', '{COMPANY}', false)"
    ))
    .await;
    for (kind, id) in &entities {
        rows::entity(&world.app, kind, id, COMPANY).await;
    }
    let jobs = world.claim(Queue::Entity, 200).await;
    assert_eq!(jobs.len(), 8);
    let ids: Vec<String> = jobs.iter().map(entity_of).collect();
    let ends = run_in(&world, jobs, 200).await;
    let code = |id: &str| {
        let at = ids.iter().position(|other| other == id).unwrap();
        ends[at].as_ref().map_err(|error| error.code.to_string()).map(|_| ())
    };
    assert_eq!(code(&ANNA.to_string()), Ok(()));
    assert_eq!(code(&CLEO.to_string()), Ok(()));
    assert_eq!(code(&COMPANY.to_string()), Ok(()));
    assert_eq!(code(&BEN.to_string()), Ok(()), "skipped");
    assert_eq!(code(&nobody), Err("data.entity_missing".to_owned()));
    assert_eq!(code(&WITHOUT_BIRTH.to_string()), Err("data.birth_data_missing".to_owned()));
    assert_eq!(code("no id at all"), Err("data.entity_id_invalid".to_owned()));
    assert!(code(&WRONG_ZONE.to_string()).is_err());
    let statuses: Vec<(String, i64)> =
        sqlx::query_as("select queue_status, count(*) from entity_update_queue group by 1 order by 1")
            .fetch_all(&world.app)
            .await
            .unwrap();
    let wanted = [("completed", 3), ("processing", 4), ("skipped", 1)];
    assert_eq!(
        statuses,
        wanted.map(|(status, rows)| (status.to_owned(), rows)),
        "the failed are not settled here"
    );
    assert_eq!(world.astrology("birth_charts", doc! {}).await.len(), 3);
    let skipped = "select count(*) from entity_update_queue where queue_status = 'skipped' and error_message like 'subscription_active%'";
    assert_eq!(count(&world.app, skipped).await, 1);
    world.close().await;
}

/// People of the sixteen, by number.
fn person(number: u32) -> String {
    format!("61000000-0000-4000-9000-{number:012}")
}

/// Claims rows of the first nine people.
async fn nine(world: &World) -> Vec<ClaimedJob> {
    world.set_up_mongodb().await;
    run(&world.app, PEOPLE).await;
    let people: Vec<String> = (1..10).map(person).collect();
    let entities: Vec<(&str, &str)> = people.iter().map(|id| ("employee", id.as_str())).collect();
    claimed(world, &entities).await
}

/// Asserts that all but one of nine were published and that the one ended with this code.
async fn assert_alone(world: &World, ends: &Ends, alone: usize, code: &str) {
    for (place, end) in ends.iter().enumerate() {
        let told = end.as_ref().map_err(|error| error.code.as_ref());
        let wanted = if place == alone { Err(code) } else { Ok(&Done::Published) };
        assert_eq!(told, wanted, "row {place} of {}", ends.len());
    }
    let done = "select count(*) from entity_update_queue where queue_status = 'completed'";
    assert_eq!(count(&world.app, done).await, 8);
}

#[tokio::test]
async fn a_row_that_postgresql_refuses_fails_alone() {
    let world = World::new().await;
    let jobs = nine(&world).await;
    let bad = entity_of(&jobs[4]);
    run(&world.app, &format!(
        "create function test_refuse() returns trigger language plpgsql as $$ begin raise exception 'not this one'; end $$;
         create trigger test_refuse before insert on calculation_jobs for each row when (new.entity_id = '{bad}') execute function test_refuse()"
    ))
    .await;
    let ends = run_in(&world, jobs, 200).await;
    assert_alone(&world, &ends, 4, "store.postgres_error").await;
    assert!(ends[4].as_ref().is_err_and(|error| error.message.contains("not this one")));
    world.close().await;
}

#[tokio::test]
async fn a_document_that_mongodb_refuses_fails_its_row_alone() {
    let world = World::new().await;
    let jobs = nine(&world).await;
    let bad = entity_of(&jobs[7]);
    let refuse = doc! { "collMod": "energy_patterns", "validator": { "entity_id": { "$ne": &bad } } };
    world.mongo.database(&world.databases.astrology).run_command(refuse).await.unwrap();
    let ends = run_in(&world, jobs, 200).await;
    assert_alone(&world, &ends, 7, "store.mongodb_error").await;
    let charts = world.astrology("birth_charts", doc! { "entity_id": &bad }).await;
    assert!(charts.is_empty(), "all documents of an entity or none");
    assert_eq!(world.astrology("birth_charts", doc! {}).await.len(), 8);
    world.close().await;
}

#[tokio::test]
async fn a_row_whose_lease_is_gone_is_fenced_alone() {
    let world = World::new().await;
    let jobs = nine(&world).await;
    let (gone, id) = (jobs[2].lease, entity_of(&jobs[2]));
    run(
        &world.app,
        &format!(
            "update orrery.dispatch set lease_expires_at = now() - interval '1 second' where job_id = '{}'",
            gone.job_id
        ),
    )
    .await;
    assert_eq!(world.rescue(Queue::Entity).await.len(), 1);
    let newer = world.claim_one(Queue::Entity).await;
    assert!(newer.lease.token > gone.token);
    assert_published(&run_in(&world, vec![newer.clone()], 200).await);
    let of_entity = doc! { "entity_id": &id };
    let before = world.astrology("birth_charts", of_entity.clone()).await;

    let ends = run_in(&world, jobs, 200).await;
    for (place, end) in ends.iter().enumerate() {
        let class = end.as_ref().err().map(|error| error.class);
        assert_eq!(class, (place == 2).then_some(ErrorClass::LeaseLost), "row {place}");
    }
    let after = world.astrology("birth_charts", of_entity).await;
    assert_eq!(before, after, "nothing was written over");
    assert_eq!(after[0].get_document("job").unwrap().get_i64("token").unwrap(), newer.lease.token);
    assert_eq!(standing(&world.app, ENTITIES, gone.job_id).await.status, "completed");
    let calculations = "select count(*) from calculation_audit_log where entity_id = $1";
    let told: i64 = sqlx::query_scalar(calculations).bind(&id).fetch_one(&world.app).await.unwrap();
    let made = "select count(*) from calculation_jobs where entity_id = $1";
    let made: i64 = sqlx::query_scalar(made).bind(&id).fetch_one(&world.app).await.unwrap();
    assert_eq!(told, made, "the fenced run has recorded nothing");
    world.close().await;
}

#[tokio::test]
async fn a_batch_whose_leases_are_all_gone_changes_nothing() {
    let world = World::new().await;
    let jobs = nine(&world).await;
    end_leases(&world.app).await;
    world.rescue(Queue::Entity).await;
    let newer = world.claim(Queue::Entity, 200).await;
    assert_eq!(newer.len(), 9);
    assert_published(&run_in(&world, newer, 200).await);
    let before = world.snapshot().await;
    let ends = run_in(&world, jobs, 200).await;
    assert!(ends.iter().all(|end| end.as_ref().is_err_and(|error| error.class == ErrorClass::LeaseLost)));
    world.assert_unchanged(&before).await;
    world.close().await;
}

#[tokio::test]
async fn documents_from_a_later_life_of_postgresql_are_not_given_way_to() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let (anna, ben) = (ANNA.to_string(), BEN.to_string());
    assert_published(&run_in(&world, claimed(&world, &[("employee", &anna)]).await, 200).await);
    // PostgreSQL comes from a backup that is older than these documents.
    let charts = world.mongo.database(&world.databases.astrology).collection::<Document>("birth_charts");
    let ahead = 7_000_000_000_i64;
    charts.update_one(doc! { "entity_id": &anna }, doc! { "$set": { "job.token": ahead } }).await.unwrap();

    let jobs = claimed(&world, &[("employee", &ben), ("employee", &anna)]).await;
    let ends = run_in(&world, jobs, 200).await;
    assert_eq!(ends[0].as_ref().ok(), Some(&Done::Published), "the other row of the batch is published");
    let error = ends[1].as_ref().unwrap_err();
    assert_eq!(error.code, "store.token_ahead");
    let (_, advice) = error.message.split_once("anew. ").expect("the way out");
    let statement = advice.strip_suffix(" lets rows run again").unwrap();
    run(&world.app, statement).await;
    assert_published(&run_in(&world, claimed(&world, &[("employee", &anna)]).await, 200).await);
    world.close().await;
}

#[tokio::test]
async fn a_document_that_is_in_the_way_is_told_and_not_taken_for_a_newer_one() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let anna = ANNA.to_string();
    assert_published(&run_in(&world, claimed(&world, &[("employee", &anna)]).await, 200).await);
    let charts = world.mongo.database(&world.databases.astrology).collection::<Document>("birth_charts");
    charts.update_one(doc! { "entity_id": &anna }, doc! { "$set": { "status": "archived" } }).await.unwrap();

    let ends = run_in(&world, claimed(&world, &[("employee", &anna)]).await, 200).await;
    assert_eq!(ends[0].as_ref().unwrap_err().code, "store.conflict");
    charts.delete_one(doc! { "entity_id": &anna }).await.unwrap();
    let again = claimed(&world, &[("employee", &anna)]).await;
    assert_published(&run_in(&world, again, 200).await);
    assert_eq!(
        world.astrology("birth_charts", doc! { "entity_id": anna, "status": "active" }).await.len(),
        1
    );
    world.close().await;
}

#[tokio::test]
async fn a_newer_calculation_of_one_document_keeps_no_other_document_of_the_entity_from_being_written() {
    let world = World::new().await;
    let anna = ANNA.to_string();
    let jobs = claimed(&world, &[("employee", anna.as_str())]).await;
    let token = jobs[0].lease.token;
    let mut worker = world.worker(&[("ORRERY_ENTITY_ENABLED", "false")]).await;
    let chart = rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, serde_json::json!({})).await;
    world.completed(rows::CALCULATIONS, chart).await;
    assert!(worker.stop(std::time::Duration::from_secs(30)).await.success());

    assert_published(&run_in(&world, jobs, 1).await);
    let token_of = async |collection: &str| {
        let found = world.astrology(collection, doc! { "entity_id": &anna }).await;
        assert_eq!(found.len(), 1, "{collection}");
        found[0].get_document("job").unwrap().get_i64("token").unwrap()
    };
    assert!(token_of("birth_charts").await > token, "what is newer stays");
    assert_eq!(token_of("harmonic_codes").await, token);
    assert_eq!(token_of("energy_patterns").await, token);
    world.close().await;
}

#[tokio::test]
async fn a_row_that_is_cancelled_leaves_its_batch() {
    let world = World::new().await;
    let jobs = nine(&world).await;
    let id = entity_of(&jobs[5]);
    jobs[5].signal.stop(StopReason::Cancelled);
    let ends = run_in(&world, jobs, 200).await;
    assert_alone(&world, &ends, 5, "job.cancelled").await;
    assert!(world.astrology("birth_charts", doc! { "entity_id": &id }).await.is_empty());
    world.close().await;
}

#[tokio::test]
async fn two_rows_of_one_entity_in_a_batch_follow_each_other() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let anna = ANNA.to_string();
    let jobs = claimed(&world, &[("employee", &anna), ("employee", &anna), ("employee", &anna)]).await;
    assert_published(&run_in(&world, jobs, 200).await);
    let known_before = "select count(*) from entity_update_queue where queue_status = 'completed' and previous_harmonic_code is not null";
    assert_eq!(count(&world.app, known_before).await, 2, "the second and the third know of the one before");
    assert_eq!(world.astrology("harmonic_codes", doc! { "entity_id": anna }).await.len(), 1);
    world.close().await;
}

#[tokio::test]
async fn a_slot_never_gets_more_rows_than_the_configuration_allows() {
    let world = World::new().await;
    let mut context = (*world.context()).clone();
    context.config.entity.batch = 3;
    let handler = EntityHandler::new(Arc::new(context));
    assert_eq!(handler.rows(), 3);
    handler.run_many(&[]).await;
    assert_eq!(handler.rows(), 3);
    world.close().await;
}
