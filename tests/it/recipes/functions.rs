//! `orrery.enqueue_...`: keys, refusals, rights.

use std::time::Duration;

use serde_json::json;
use sqlx::postgres::PgDatabaseError;
use sqlx::{AssertSqlSafe, PgPool};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{self, ANNA, BEN, CLEO, COMPANY, USER};
use crate::support::rows::{count, run};

const REPORT: &str = "select orrery.enqueue_report(employee_id => $1, report_type => 'training_development', requested_by => $2, key => $3)";

async fn report(pool: &PgPool, employee: Uuid, key: Option<&str>) -> Result<Uuid, sqlx::Error> {
    sqlx::query_scalar(REPORT).bind(employee).bind(USER).bind(key).fetch_one(pool).await
}

/// The refused argument and the message.
fn refusal(error: &sqlx::Error) -> (String, String) {
    let said = error.as_database_error().expect("the server refused").downcast_ref::<PgDatabaseError>();
    assert_eq!(said.code(), "22023", "{said}");
    (said.column().expect("the argument is named").to_owned(), said.message().to_owned())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_key_gives_the_same_row_and_no_key_a_row_each_time() {
    let world = World::new().await;
    let first = report(&world.app, ANNA, Some("hire:1")).await.unwrap();
    assert_eq!(report(&world.app, ANNA, Some("hire:1")).await.unwrap(), first);
    assert_ne!(report(&world.app, ANNA, Some("hire:2")).await.unwrap(), first);
    let one = report(&world.app, ANNA, None).await.unwrap();
    assert_ne!(report(&world.app, ANNA, None).await.unwrap(), one);
    assert_eq!(count(&world.app, "select count(*) from report_generation_queue").await, 4);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch where state = 'ready'").await, 4);

    // Also after the row has ended.
    run(&world.app, &format!("update report_generation_queue set status = 'cancelled' where id = '{first}'"))
        .await;
    assert_eq!(report(&world.app, ANNA, Some("hire:1")).await.unwrap(), first);

    // Another organization has keys of its own, and so has another queue.
    let (_, stranger) = platform::add_organization(&world.app, "Fog Signals").await;
    assert_ne!(report(&world.app, stranger, Some("hire:1")).await.unwrap(), first);
    for (kind, id) in [("employee", ANNA), ("candidate", CLEO), ("company", COMPANY)] {
        let ask = "select orrery.enqueue_entity($1, $2, key => 'hire:1-' || $1)";
        let enqueue = || sqlx::query_scalar::<_, Uuid>(ask).bind(kind).bind(id).fetch_one(&world.app);
        assert_eq!(enqueue().await.unwrap(), enqueue().await.unwrap(), "{kind}");
    }
    let ask = "select orrery.enqueue_calculation('compatibility', 'employee', $1, $2, $3, 'hire:1')";
    let enqueue = || {
        sqlx::query_scalar::<_, Uuid>(ask)
            .bind(ANNA)
            .bind(COMPANY)
            .bind(json!({ "compatibility_type": "employee_company" }))
            .fetch_one(&world.app)
    };
    assert_eq!(enqueue().await.unwrap(), enqueue().await.unwrap());
    assert_eq!(
        count(&world.app, "select count(*) from orrery.dispatch where queue in ('entity', 'calculation')")
            .await,
        4
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_who_enqueue_with_one_key_at_once_get_one_row() {
    let world = World::new().await;
    let mut first = world.app.begin().await.unwrap();
    let enqueued: Uuid =
        sqlx::query_scalar(REPORT).bind(ANNA).bind(USER).bind("k").fetch_one(&mut *first).await.unwrap();
    let pool = world.app.clone();
    let second = tokio::spawn(async move { report(&pool, ANNA, Some("k")).await });
    world
        .eventually(Duration::from_secs(10), "the second waits for the first", async || {
            let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
            match count(&world.app, waiting).await {
                0 => Err("nobody waits".to_owned()),
                _ => Ok(()),
            }
        })
        .await;
    first.commit().await.unwrap();
    assert_eq!(second.await.unwrap().unwrap(), enqueued);
    assert_eq!(count(&world.app, "select count(*) from report_generation_queue").await, 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_argument_is_refused_by_its_name_and_nothing_is_inserted() {
    let world = World::new().await;
    let nobody = Uuid::new_v4();
    let good =
        format!("employee_id => '{ANNA}', report_type => 'training_development', requested_by => '{USER}'");
    let report = |more: &str| format!("orrery.enqueue_report({good}, {more})");
    let calls = [
        ("employee_id", format!("orrery.enqueue_report('{nobody}', 'training_development', '{USER}')")),
        ("employee_id", format!("orrery.enqueue_report(null, 'training_development', '{USER}')")),
        ("report_type", format!("orrery.enqueue_report('{ANNA}', 'horoscope', '{USER}')")),
        ("report_type", format!("orrery.enqueue_report('{ANNA}', null, '{USER}')")),
        ("requested_by", format!("orrery.enqueue_report('{ANNA}', 'training_development', '{nobody}')")),
        ("priority", report("priority => 11")),
        ("priority", report("priority => null")),
        ("key", report("key => ''")),
        ("key", report("key => repeat('x', 201)")),
        ("reason", report("reason => repeat('x', 101)")),
        ("metadata", report("metadata => '[1]'")),
        ("depends_on", report(&format!("depends_on => '{nobody}'"))),
        ("entity_type", format!("orrery.enqueue_entity('planet', '{ANNA}')")),
        ("entity_id", format!("orrery.enqueue_entity('employee', '{nobody}')")),
        ("entity_id", format!("orrery.enqueue_entity('candidate', '{ANNA}')")),
        ("job_type", format!("orrery.enqueue_calculation('tarot', 'employee', '{ANNA}', '{COMPANY}')")),
        (
            "entity_type",
            format!("orrery.enqueue_calculation('birth_chart', 'planet', '{ANNA}', '{COMPANY}')"),
        ),
        ("entity_id", format!("orrery.enqueue_calculation('birth_chart', 'employee', null, '{COMPANY}')")),
        (
            "organization_id",
            format!("orrery.enqueue_calculation('birth_chart', 'employee', '{ANNA}', '{nobody}')"),
        ),
        (
            "input",
            format!("orrery.enqueue_calculation('birth_chart', 'employee', '{ANNA}', '{COMPANY}', '[]')"),
        ),
        ("input", format!("orrery.enqueue_calculation('compatibility', 'employee', '{ANNA}', '{COMPANY}')")),
    ];
    for (argument, call) in calls {
        let refused = sqlx::query(AssertSqlSafe(format!("select {call}"))).execute(&world.app).await;
        let (column, message) = refusal(&refused.expect_err(&call));
        assert_eq!(column, argument, "{call}: {message}");
        assert!(message.starts_with(&format!("{argument}: ")), "{call}: {message}");
    }
    super::functions::report(&world.app, ANNA, Some("taken")).await.unwrap();
    let (column, message) =
        refusal(&super::functions::report(&world.app, BEN, Some("taken")).await.unwrap_err());
    assert!(column == "key" && message.contains(&ANNA.to_string()), "{message}");
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 1);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_role_of_applications_may_enqueue_and_read_its_results_but_nothing_else_of_orrery() {
    let world = World::new().await;
    let mut app = world.app.acquire().await.unwrap();
    sqlx::raw_sql("set role planetshr_app").execute(&mut *app).await.unwrap();
    let id: Uuid =
        sqlx::query_scalar(REPORT).bind(ANNA).bind(USER).bind("k").fetch_one(&mut *app).await.unwrap();
    let result: Option<serde_json::Value> = sqlx::query_scalar("select orrery.result_of('report', $1)")
        .bind(id)
        .fetch_one(&mut *app)
        .await
        .unwrap();
    assert_eq!(result, None);
    for refused in [
        "select * from orrery.take_events()",
        "select * from orrery.outbox",
        "select * from orrery.result",
        "update orrery.dispatch set priority = 10",
        "delete from report_generation_queue",
        "update report_generation_queue set worker_id = 'me'",
    ] {
        let error = sqlx::raw_sql(AssertSqlSafe(refused)).execute(&mut *app).await.expect_err(refused);
        let code = error
            .as_database_error()
            .and_then(sqlx::error::DatabaseError::code)
            .unwrap_or_default()
            .into_owned();
        assert_eq!(code, "42501", "{refused}: {error}");
    }

    // Where row level security is on, nobody enqueues for another organization.
    let (other, _) = platform::add_organization(&world.app, "Fog Signals").await;
    run(&world.app, "select public.orrery_set_row_level_security(true)").await;
    let own = |organization: Uuid| format!("set app.organization_id = '{organization}'");
    sqlx::raw_sql(AssertSqlSafe(own(other))).execute(&mut *app).await.unwrap();
    let refused =
        sqlx::query_scalar::<_, Uuid>(REPORT).bind(ANNA).bind(USER).bind("k2").fetch_one(&mut *app).await;
    assert_eq!(refusal(&refused.unwrap_err()).0, "employee_id");
    sqlx::raw_sql(AssertSqlSafe(own(COMPANY))).execute(&mut *app).await.unwrap();
    sqlx::query_scalar::<_, Uuid>(REPORT)
        .bind(ANNA)
        .bind(USER)
        .bind("k2")
        .fetch_one(&mut *app)
        .await
        .unwrap();
    sqlx::raw_sql("reset role").execute(&mut *app).await.unwrap();
    drop(app);
    world.close().await;
}
