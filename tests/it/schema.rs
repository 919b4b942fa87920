//! Set-up of both stores, attaching to tables that are there, and the statements against the real schema.

use std::path::{Path, PathBuf};
use std::process::Output;

use bson::{Document, doc};
use orrery::store::mongo;
use serde_json::Value;
use sqlx::{AssertSqlSafe, Executor as _, PgPool, SqlSafeStr as _};
use uuid::Uuid;

use crate::support::World;
use crate::support::platform::{self, ANNA, COMPANY};
use crate::support::rows::{self, count, run};

const DOCUMENTS: &str = include_str!("../data/documents_000_001.sql");

/// Everything that a database has of its own: tables, columns, indexes, constraints, triggers, functions, comments.
const INVENTORY: &str = "
    select string_agg(line, e'\\n' order by line) from (
      select format('%s.%s %s %s', table_schema, table_name, column_name, concat_ws(' ', data_type, is_nullable, column_default)) as line
      from information_schema.columns where table_schema not in ('pg_catalog', 'information_schema')
      union all select indexdef from pg_indexes where schemaname not in ('pg_catalog', 'information_schema')
      union all select format('%s %s %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) from pg_constraint
        where connamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
      union all select format('%s %s', oid::regprocedure, md5(prosrc)) from pg_proc
        where pronamespace not in ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)
      union all select format('schema %s', nspname) from pg_namespace where nspname !~ '^pg_'
      union all select format('comment %s %s %s', classoid::regclass, objsubid, md5(description)) from pg_description
        where objoid >= 16384
    ) x";

async fn inventory(pool: &PgPool) -> String {
    sqlx::query_scalar::<_, Option<String>>(INVENTORY).fetch_one(pool).await.unwrap().unwrap_or_default()
}

fn migrate(world: &World, arguments: &[&str]) -> Output {
    world.program(&[&["migrate"], arguments].concat()).output().unwrap()
}

fn must(output: &Output) -> String {
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{:?}\n{out}\n{err}", output.status);
    out.into_owned()
}

#[tokio::test]
async fn migrating_up_twice_changes_nothing_and_down_leaves_nothing_behind() {
    let world = World::empty().await;
    let empty = inventory(&world.app).await;
    must(&migrate(&world, &["up"]));
    let first = inventory(&world.app).await;
    assert!(first.contains("orrery.dispatch") && first.contains("report_generation_queue"), "{first}");

    let again = must(&migrate(&world, &["up"]));
    assert_eq!(inventory(&world.app).await, first);
    assert!(
        again.contains("0 collections and 0 indexes made, 0 validators and 0 indexes changed"),
        "{again}"
    );

    let refused = migrate(&world, &["down", "--to", "0"]);
    assert!(
        !refused.status.success() && inventory(&world.app).await == first,
        "data is only dropped when somebody says --yes"
    );
    must(&migrate(&world, &["down", "--to", "0", "--yes"]));
    assert_eq!(inventory(&world.app).await, empty);

    must(&migrate(&world, &["up"]));
    assert_eq!(inventory(&world.app).await, first);
    world.close().await;
}

#[tokio::test]
async fn a_migration_can_be_taken_back_alone_while_there_are_rows() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    must(&migrate(&world, &["down", "--to", "2000", "--yes"]));
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_queue").await,
        1,
        "the application keeps its rows"
    );
    rows::report(&world.app, ANNA, "compatibility_industry").await;
    must(&migrate(&world, &["up"]));
    orrery::queue::maintenance::sweep(
        &world.worker_pool,
        orrery::queue::Queue::Report,
        std::time::Duration::from_mins(1),
    )
    .await
    .unwrap();
    assert_eq!(
        world.claim(orrery::queue::Queue::Report, 5).await.len(),
        2,
        "what came before and meanwhile is found"
    );
    world.close().await;
}

#[tokio::test]
async fn mongodb_is_set_up_once_and_what_drifted_is_repaired() {
    let world = World::empty().await;
    let first = mongo::ensure(&world.mongo, &world.databases).await.unwrap();
    assert!(
        first.collections_created >= 10 && first.indexes_created > first.collections_created,
        "{first:?}"
    );
    assert!(mongo::ensure(&world.mongo, &world.databases).await.unwrap().is_unchanged());

    let reports = world.mongo.database(&world.databases.reports);
    let unique = doc! { "employeeId": 1, "reportType": 1, "version": 1 };
    reports
        .collection::<Document>("reports")
        .drop_index("employeeId_1_reportType_1_version_1")
        .await
        .unwrap();
    let weaker =
        doc! { "createIndexes": "reports", "indexes": [{ "key": { "reportId": 1 }, "name": "other" }] };
    reports.collection::<Document>("reports").drop_index("reportId_1").await.unwrap();
    reports.run_command(weaker).await.unwrap();
    reports.run_command(doc! { "collMod": "reports", "validator": {} }).await.unwrap();
    world
        .mongo
        .database(&world.databases.astrology)
        .collection::<Document>("birth_charts")
        .drop()
        .await
        .unwrap();

    let repaired = mongo::ensure(&world.mongo, &world.databases).await.unwrap();
    assert_eq!((repaired.collections_created, repaired.validators_changed), (1, 1), "{repaired:?}");
    assert!(mongo::ensure(&world.mongo, &world.databases).await.unwrap().is_unchanged());
    let broken = reports.collection::<Document>("reports").insert_one(doc! { "reportId": "x" }).await;
    assert!(broken.is_err(), "the validator is back");
    let document = |report: &str| {
        doc! { "reportId": report, "employeeId": "e", "organizationId": "o", "reportType": "training_development",
        "version": 1, "status": "completed" }
    };
    reports.collection::<Document>("reports").insert_one(document("a")).await.unwrap();
    assert!(
        reports.collection::<Document>("reports").insert_one(document("b")).await.is_err(),
        "the unique index {unique} is back"
    );
    world.close().await;
}

/// A database as the documents give it, without anything of Orrery.
async fn documents_world() -> World {
    let world = World::empty().await;
    run(&world.app, DOCUMENTS).await;
    world
}

async fn columns(pool: &PgPool) -> Vec<Value> {
    sqlx::query_scalar(
        "select to_jsonb(c) - 'udt_catalog' from information_schema.columns c where table_schema = 'public' and table_name not like '\\_orrery%'
         order by table_name, ordinal_position",
    )
    .fetch_all(pool)
    .await
    .unwrap()
}

#[tokio::test]
async fn tables_of_somebody_else_are_refused_with_the_way_out() {
    let world = documents_world().await;
    let before = inventory(&world.app).await;
    let refused = migrate(&world, &["up"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(78), "{said}");
    assert!(
        said.contains("report_generation_queue") && said.contains("orrery migrate up --attach"),
        "{said}"
    );
    assert_eq!(inventory(&world.app).await, before);
    world.close().await;
}

#[tokio::test]
async fn attaching_where_something_is_missing_names_all_of_it() {
    let world = documents_world().await;
    run(&world.app, "alter table calculation_jobs drop column input_data; drop table entity_birth_data")
        .await;
    let refused = migrate(&world, &["up", "--attach"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert_eq!(refused.status.code(), Some(78), "{said}");
    assert!(said.contains("entity_birth_data") && said.contains("calculation_jobs.input_data"), "{said}");
    world.close().await;
}

#[tokio::test]
async fn rows_in_the_documents_own_tables_are_worked_off_and_the_tables_stay_as_they_are() {
    let world = documents_world().await;
    platform::load(&world.app).await;
    // A row from before the daemon came.
    let early = rows::report(&world.app, ANNA, "compatibility_company").await;
    let before = columns(&world.app).await;
    must(&migrate(&world, &["up", "--attach"]));
    must(&migrate(&world, &["up"]));
    assert_eq!(columns(&world.app).await, before);

    let mut worker = world.worker(&[("ORRERY_QUEUE_SWEEP_S", "1")]).await;
    let report = rows::report(&world.app, ANNA, "personality_role_specific").await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    for id in [early, report] {
        world.completed("report_generation_queue", id).await;
    }
    world.completed("entity_update_queue", entity).await;
    let late: bool = sqlx::query_scalar(
        "select bool_and(completed_at between created_at and (now() at time zone 'UTC')) from report_generation_queue",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert!(late, "times in columns without zone are UTC");
    assert_eq!(columns(&world.app).await, before);
    assert!(worker.stop(std::time::Duration::from_secs(30)).await.success());
    must(&migrate(&world, &["down", "--to", "0", "--yes"]));
    assert_eq!(columns(&world.app).await, before, "detaching leaves the applications' tables");
    world.close().await;
}

#[tokio::test]
async fn a_time_without_zone_in_scheduled_for_means_what_it_means_to_the_application() {
    let world = documents_world().await;
    platform::load(&world.app).await;
    must(&migrate(&world, &["up", "--attach"]));
    let mut connection = world.app.acquire().await.unwrap();
    for zone in ["UTC", "America/Los_Angeles", "Asia/Kolkata"] {
        run_on(&mut connection, &format!("set timezone = '{zone}'")).await;
        let id: Uuid = sqlx::query_scalar(
            "insert into report_generation_queue (employee_id, report_type, requested_by, scheduled_for)
             values ($1, 'x', $2, now() + interval '100 seconds') returning id",
        )
        .bind(ANNA)
        .bind(platform::USER)
        .fetch_one(&mut *connection)
        .await
        .unwrap();
        let wait_s = rows::dispatch(&world.app, id).await.unwrap().wait_s;
        assert!((90.0..=101.0).contains(&wait_s), "a session in {zone} waits {wait_s} s");
    }
    run_on(&mut connection, "reset timezone").await;
    drop(connection);
    world.close().await;
}

async fn run_on(connection: &mut sqlx::PgConnection, sql: &str) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

fn statements() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root];
    let mut all = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "sql") {
                let mut text = std::fs::read_to_string(&path).unwrap();
                if text.contains("given g") {
                    text.insert_str(0, orrery::doctor::GIVEN);
                }
                all.push((path, text));
            }
        }
    }
    assert!(all.len() > 40, "the statements are not where they were");
    all
}

/// Prepares every statement and names all that the schema does not take.
async fn prepare_all(world: &World) {
    let mut refused = Vec::new();
    for (path, text) in statements() {
        if let Err(error) = world.worker_pool.prepare(AssertSqlSafe(text).into_sql_str()).await {
            refused.push(format!("{}: {error}", path.display()));
        }
    }
    assert!(refused.is_empty(), "{}", refused.join("\n"));
}

#[tokio::test]
async fn every_statement_can_be_prepared_against_orrerys_schema() {
    let world = World::new().await;
    prepare_all(&world).await;
    world.close().await;
}

#[tokio::test]
async fn every_statement_can_be_prepared_against_the_documents_tables() {
    let world = documents_world().await;
    must(&migrate(&world, &["up", "--attach"]));
    prepare_all(&world).await;
    world.close().await;
}

#[tokio::test]
async fn the_choice_of_candidates_reads_a_few_rows_through_its_partial_index() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into orrery.dispatch (queue, job_id, organization_id, priority, run_at, enqueued_at, state)
         select case when n % 10 = 0 then 'entity' else 'report' end, gen_random_uuid(), 'organization ' || n % 50, 1 + n % 10, now(), now(), 'ready'
         from generate_series(1, 20000) n;
         analyze orrery.dispatch",
    )
    .await;
    let body: String =
        sqlx::query_scalar("select prosrc from pg_proc where oid = 'orrery.candidates'::regproc")
            .fetch_one(&world.app)
            .await
            .unwrap();
    let (_, query) = body.split_once("return query").expect("the function returns a query");
    let (query, _) = query.split_once(';').expect("the query ends");
    let names = [
        ("p_queue", "'report'"),
        ("p_limit", "10"),
        ("p_crashes", "'none'"),
        ("moment", "now()"),
        ("eighth", "3"),
        ("generous", "2"),
        ("turn_rows", "1"),
    ];
    let query = names.iter().fold(query.to_owned(), |query, (name, value)| query.replace(name, value));
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(format!("explain (analyze, format json) {query}")))
        .fetch_one(&world.app)
        .await
        .unwrap();
    let mut scans = Vec::new();
    collect_scans(&plan, &mut scans);
    let ready: Vec<&Scan> =
        scans.iter().filter(|scan| scan.index.as_deref() == Some("dispatch_ready")).collect();
    assert!(!ready.is_empty(), "{plan:#}");
    assert!(scans.iter().all(|scan| scan.index.is_some()), "a table is read as a whole: {scans:?}");
    let read: f64 = scans.iter().map(|scan| scan.rows).sum();
    assert!(read < 3000.0, "{read} of 20000 rows are read to choose 10: {scans:?}");
    world.close().await;
}

/// How a plan reads `orrery.dispatch`.
#[derive(Debug)]
struct Scan {
    index: Option<String>,
    rows: f64,
}

fn collect_scans(plan: &Value, scans: &mut Vec<Scan>) {
    match plan {
        Value::Array(all) => all.iter().for_each(|plan| collect_scans(plan, scans)),
        Value::Object(node) => {
            let text = |key: &str| node.get(key).and_then(Value::as_str);
            let number = |key: &str| node.get(key).and_then(Value::as_f64).unwrap_or_default();
            if text("Relation Name") == Some("dispatch") {
                let rows =
                    (number("Actual Rows") + number("Rows Removed by Filter")) * number("Actual Loops");
                scans.push(Scan { index: text("Index Name").map(str::to_owned), rows });
            }
            node.values()
                .filter(|value| value.is_array() || value.is_object())
                .for_each(|plan| collect_scans(plan, scans));
        }
        _ => {}
    }
}
