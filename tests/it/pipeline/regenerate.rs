//! Reports that are due again, reports of changed people, and reports that have not changed.

use std::time::Duration;

use bson::doc;
use chrono::{DateTime, Days, NaiveDate, Utc};
use futures::future::join_all;
use orrery::pipeline::regenerate::{Regenerator, Round};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::rows::{self, ENTITIES, REPORTS, count, run};

const KIND: &str = "compatibility_company";

fn today() -> NaiveDate {
    Utc::now().date_naive()
}

/// A worker that leaves asking to the test.
const PASSIVE: [(&str, &str); 1] = [("ORRERY_REGENERATE_ENABLED", "false")];

/// A worker that asks every second.
const EAGER: [(&str, &str); 1] = [("ORRERY_REGENERATE_EVERY_S", "1")];

async fn due_on(world: &World) -> NaiveDate {
    sqlx::query_scalar("select scheduled_regeneration_date from report_metadata where is_latest")
        .fetch_one(&world.app)
        .await
        .unwrap()
}

async fn make_due(world: &World) {
    run(
        &world.app,
        "update report_metadata set scheduled_regeneration_date = current_date - 1 where is_latest",
    )
    .await;
}

/// Waits for the one open or ended row that Orrery itself has put into the queue.
async fn asked_for(world: &World, cause: &str) -> Uuid {
    world
        .eventually(Duration::from_secs(30), "a row is asked for", async || {
            sqlx::query_scalar(
                "select id from report_generation_queue where request_metadata ->> 'regeneration' = $1",
            )
            .bind(cause)
            .fetch_optional(&world.app)
            .await
            .unwrap()
            .ok_or_else(|| "there is none".to_owned())
        })
        .await
}

async fn output(world: &World, row: Uuid) -> Value {
    sqlx::query_scalar("select output from orrery.result where queue = 'report' and job_id = $1")
        .bind(row)
        .fetch_one(&world.app)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_due_report_is_asked_for_once_whoever_looks_and_keeps_its_version_when_nothing_changed() {
    let world = World::new().await;
    let mut worker = world.worker(&PASSIVE).await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, first).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    let regenerator = Regenerator::new(world.context());
    assert_eq!(regenerator.queue_due(today()).await.unwrap(), Round::default(), "nothing is due yet");

    make_due(&world).await;
    let rounds = join_all((0..4).map(|_| regenerator.queue_due(today()))).await;
    let made: i64 = rounds.into_iter().map(|round| round.unwrap().made).sum();
    assert_eq!(made, 1, "four workers look at the same time");
    assert_eq!(due_on(&world).await, today() + Days::new(7), "it does not come back at once");
    make_due(&world).await;
    assert_eq!(
        regenerator.queue_due(today()).await.unwrap(),
        Round { looked: 1, made: 0 },
        "not while one is queued"
    );
    let again = asked_for(&world, "due").await;

    let _worker = world.worker(&PASSIVE).await;
    world.completed(REPORTS, again).await;
    let published = world.published(first).await;
    assert_eq!(
        output(&world, again).await,
        json!({ "report_id": published.report_id, "version": 1, "unchanged": true })
    );
    assert_eq!(count(&world.app, "select count(*) from report_versions").await, 1);
    let told: Value =
        sqlx::query_scalar("select payload from orrery.outbox where topic = 'report.unchanged'")
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!((&told["queue_id"], &told["version"]), (&json!(again), &json!(1)));
    let due = today() + Days::new(90);
    assert!(due_on(&world).await >= due, "the version that stands is right for another while");
    let report = world.reports("reports", doc! { "reportId": &published.report_id }).await.remove(0);
    let expires: DateTime<Utc> = (*report.get_datetime("expiryDate").unwrap()).into();
    assert!(expires.date_naive() >= due, "{expires}");
    assert_eq!(regenerator.queue_due(today()).await.unwrap(), Round::default());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_plain_request_makes_no_version_of_unchanged_content_unless_it_asks_for_one() {
    let world = World::new().await;
    let _worker = world.worker(&PASSIVE).await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, first).await;
    let same = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, same).await;
    assert_eq!(output(&world, same).await["unchanged"], json!(true));
    let asked = rows::new_version(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, asked).await;
    let published = world.published(asked).await;
    assert_eq!((published.version, published.is_latest), (2, true));
    assert_eq!(published.summary, "Nothing changed since version 1.");
    let shown = world.program(&["report", "show", &same.to_string()]).output().unwrap();
    assert!(shown.status.success(), "a row that changed nothing shows the version that stood");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn two_quarters_of_a_person_are_two_versions_and_the_second_names_what_changed() {
    let world = World::new().await;
    let _worker = world.worker(&PASSIVE).await;
    let kind = "personality_role_specific";
    let of = async |quarter: &str| {
        let parameters = json!({ "quarter": quarter });
        rows::report_with(&world.app, ANNA, kind, "quarterly_update", parameters).await
    };
    let first = of("2026-Q2").await;
    world.completed(REPORTS, first).await;
    let second = of("2026-Q3").await;
    world.completed(REPORTS, second).await;
    let third = of("2026-Q3").await;
    world.completed(REPORTS, third).await;

    let published = world.published(second).await;
    assert_eq!((published.version, published.trigger.as_str()), (2, "scheduled"));
    let changes = published.changes.unwrap();
    assert_eq!(changes["quarter"], json!({ "from": "2026-Q2", "to": "2026-Q3" }));
    assert!(changes["sections"]["changed"].as_array().is_some_and(|ids| !ids.is_empty()), "{changes}");
    assert!(published.summary.contains("since version 1 of 2026-Q2"), "{}", published.summary);
    let differences: Vec<String> =
        sqlx::query_scalar("select unnest(key_differences) from report_versions where version = 2")
            .fetch_all(&world.app)
            .await
            .unwrap();
    let in_numbers = |line: &String| line.contains(" from ") && line.chars().any(|c| c.is_ascii_digit());
    assert!(differences.iter().any(in_numbers), "{differences:?}");
    assert!(differences.iter().any(|line| line.contains("differently: ")), "{differences:?}");
    assert_eq!(output(&world, third).await["unchanged"], json!(true), "unchanged input makes no version");
    assert_eq!(count(&world.app, "select count(*) from report_versions").await, 2);
    let latest_due = "select count(*) from report_metadata where scheduled_regeneration_date is not null and not is_latest";
    assert_eq!(count(&world.app, latest_due).await, 0, "a retired version is never due");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn corrected_birth_data_brings_the_reports_of_the_person_up_to_date() {
    let world = World::new().await;
    let _worker = world.worker(&EAGER).await;
    let (anna, ben) = (rows::report(&world.app, ANNA, KIND).await, rows::report(&world.app, BEN, KIND).await);
    world.completed(REPORTS, anna).await;
    world.completed(REPORTS, ben).await;
    // Touched, not corrected.
    run(&world.app, "update entity_birth_data set updated_at = now()").await;
    run(
        &world.app,
        &format!("update entity_birth_data set birth_date = '1979-10-30' where employee_id = '{ANNA}'"),
    )
    .await;
    run(
        &world.app,
        &format!("update entity_birth_data set birth_time = '21:40' where employee_id = '{ANNA}'"),
    )
    .await;

    let again = asked_for(&world, "data_corrected").await;
    world.completed(REPORTS, again).await;
    let published = world.published(again).await;
    assert_eq!((published.version, published.trigger.as_str()), (2, "data_change"));
    let asked: Vec<Uuid> = sqlx::query_scalar(
        "select employee_id from report_generation_queue where request_metadata ? 'regeneration'",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    assert_eq!(asked, [ANNA], "two corrections are one, and nobody else is asked for");
    assert_eq!(count(&world.app, "select count(*) from orrery.regeneration").await, 0);
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test]
async fn a_recalculation_that_gives_another_code_brings_the_reports_up_to_date_and_one_that_does_not_leaves_them()
 {
    let world = World::new().await;
    let _worker = world.worker(&EAGER).await;
    let first = rows::report(&world.app, BEN, KIND).await;
    world.completed(REPORTS, first).await;
    let same = rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await;
    world.completed(ENTITIES, same).await;
    assert_eq!(count(&world.app, "select count(*) from orrery.regeneration").await, 0);

    // A correction that no trigger sees, as in a restored dump.
    run(
        &world.app,
        &format!(
            "set session_replication_role = replica;
             update entity_birth_data set birth_date = '1991-01-20' where employee_id = '{BEN}';
             reset session_replication_role"
        ),
    )
    .await;
    let other = rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await;
    world.completed(ENTITIES, other).await;
    let again = asked_for(&world, "code_changed").await;
    world.completed(REPORTS, again).await;
    let published = world.published(again).await;
    assert_eq!((published.version, published.trigger.as_str()), (2, "harmonic_update"));
    world.assert_stores_agree().await;
    world.close().await;
}

/// Adds 150 employees with a current report of each type, due since yesterday, as rows alone.
async fn many_due(world: &World) {
    run(
        &world.app,
        "insert into employees (id, organization_id, full_name)
         select ('62000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-9000-000000000001', 'Number ' || n
         from generate_series(1, 150) n;
         insert into report_metadata (report_id, employee_id, organization_id, report_type, category, version, generation_started_at,
                                      status, scheduled_regeneration_date, created_by, access_level)
         select 'due-' || n || '-' || t.name, ('62000000-0000-4000-9000-' || lpad(n::text, 12, '0'))::uuid, '10000000-0000-4000-9000-000000000001',
                t.name, 'compatibility', 1, now(), 'completed', current_date - 1, '50000000-0000-4000-9000-000000000001', 'organization'
         from generate_series(1, 150) n, unnest(array['compatibility_company', 'compatibility_industry', 'compatibility_job_role',
           'compatibility_department', 'training_development', 'questionnaire_qa', 'personality_role_specific', 'behavior_company_specific']) as t (name)",
    )
    .await;
}

#[tokio::test]
async fn many_due_reports_are_asked_for_page_by_page_and_those_that_nobody_wants_are_left() {
    let world = World::new().await;
    many_due(&world).await;
    run(
        &world.app,
        "update employees set status = 'left' where id = '62000000-0000-4000-9000-000000000001';
         update employees set deleted_at = now() where id = '62000000-0000-4000-9000-000000000002';
         update report_metadata set auto_regenerate_enabled = false where employee_id = '62000000-0000-4000-9000-000000000003';
         update report_metadata set deleted_at = now() where employee_id = '62000000-0000-4000-9000-000000000004'",
    )
    .await;
    let regenerator = Regenerator::new(world.context());
    let round = regenerator.queue_due(today()).await.unwrap();
    assert_eq!(round, Round { looked: 149 * 8, made: 146 * 8 });
    assert_eq!(
        count(&world.app, "select count(*) from orrery.dispatch where queue = 'report'").await,
        146 * 8
    );
    assert_eq!(
        count(&world.app, "select count(distinct (employee_id, report_type)) from report_generation_queue")
            .await,
        146 * 8
    );
    assert_eq!(regenerator.queue_due(today()).await.unwrap(), Round::default());

    // Tomorrow those without a row are looked at again; with the switch of the organization off, nobody's is asked for.
    run(
        &world.app,
        "update organizations set auto_regenerate_enabled = false; delete from report_generation_queue",
    )
    .await;
    let tomorrow = regenerator.queue_due(today() + Days::new(1)).await.unwrap();
    assert_eq!(tomorrow, Round { looked: 3 * 8, made: 0 });
    let week = regenerator.queue_due(today() + Days::new(7)).await.unwrap();
    assert_eq!(week, Round { looked: 149 * 8, made: 0 });
    world.close().await;
}

#[tokio::test]
async fn what_an_application_says_about_regeneration_outlives_the_version() {
    let world = World::new().await;
    let _worker = world.worker(&PASSIVE).await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, first).await;
    run(&world.app, "update report_metadata set auto_regenerate_enabled = false").await;
    let second = rows::new_version(&world.app, ANNA, KIND).await;
    world.completed(REPORTS, second).await;
    let enabled = "select count(*) from report_metadata where auto_regenerate_enabled";
    assert_eq!(count(&world.app, enabled).await, 0);
    world.close().await;
}
