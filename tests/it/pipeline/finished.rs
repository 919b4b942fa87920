//! Every field that the documents give to the worker is filled on a database on which all kinds of work have ended.

use std::collections::{BTreeMap, BTreeSet};

use bson::{Bson, Document, doc};
use orrery::pipeline::figures::Figures;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::fields::{COLLECTIONS, Collection, TABLES, Table, paths};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY, TYPES, WITHOUT_BIRTH};
use crate::support::rows::{self, CALCULATIONS, REPORTS, count, run};

const DOCUMENTS: &str = include_str!("../../data/documents_000_001.sql");

/// Columns of a table that is not among those of the documents' first two.
const STATS: &str = "id organization_id report_type employee_id generated_by_user_id generation_date generation_timestamp \
    processing_time_seconds status error_message is_auto_generated is_quarterly_update report_size_kb ai_tokens_used \
    viewed_count downloaded_count first_viewed_at last_viewed_at created_at updated_at";

/// Four more people in Anna's department, and five at another organization of the same industry.
async fn add_people(world: &World) -> Vec<Uuid> {
    run(
        &world.app,
        "-- A skill whose programme builds on another.
         update job_roles set requirements = jsonb_set(requirements, '{skills,negotiation}', '95');
         insert into organizations (id, name, industry_id, profile) select '10000000-0000-4000-9000-000000000002', 'Mirror Works', industry_id, profile
           from organizations;
         insert into employees (id, organization_id, branch_id, department_id, job_role_id, full_name, profile)
         select ('61000000-0000-4000-9000-00000000000' || n)::uuid, a.organization_id, a.branch_id, a.department_id, a.job_role_id, 'Colleague ' || n, a.profile
           from generate_series(1, 4) n, employees a where a.full_name = 'Anna Lindqvist';
         insert into employees (id, organization_id, full_name)
         select ('61000000-0000-4000-9000-00000000001' || n)::uuid, '10000000-0000-4000-9000-000000000002', 'Mirror ' || n from generate_series(1, 5) n;
         insert into entity_birth_data (employee_id, organization_id, birth_date, birth_time, time_accuracy, timezone, latitude, longitude, city, country, location)
         select e.id, e.organization_id, date '1970-01-01' + 431 * row_number() over (order by e.id)::integer, '10:15', 'exact', 'Europe/Berlin', 54.1, 12.1,
                'Rostock', 'Germany', 'Rostock, Germany'
           from employees e where e.id::text like '61000000%'",
    )
    .await;
    sqlx::query_scalar("select id from employees where id::text like '61000000%'")
        .fetch_all(&world.app)
        .await
        .unwrap()
}

async fn quarter(world: &World, step: &str) {
    let schedule: Uuid = sqlx::query_scalar(AssertSqlSafe(format!(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         select 'Q' || extract(quarter from n)::int, extract(year from n)::int, d::date - 1, '12:00', '11:59:59'
         from (select d, date_trunc('quarter', d) + interval '{step}' as n from (select now() at time zone 'UTC' as d) y) x returning id"
    )))
    .fetch_one(&world.app)
    .await
    .unwrap();
    world.completed("quarterly_update_schedule", schedule).await;
}

/// All kinds of work, to their end.
async fn work(world: &World) {
    world.set_up_mongodb().await;
    orrery::pipeline::reference::seed(&world.mongo, &world.databases).await.unwrap();
    world.answer_questionnaire(ANNA, 80).await;
    world.answer_questionnaire(BEN, 40).await;
    let others = add_people(world).await;
    let _worker =
        world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100"), ("ORRERY_FIGURES_EVERY_S", "86400")]).await;
    quarter(world, "-3 months").await;
    let mut open = Vec::new();
    for employee in [ANNA, BEN] {
        for kind in TYPES {
            open.push(rows::report(&world.app, employee, kind).await);
        }
    }
    for employee in others {
        open.push(rows::report(&world.app, employee, "compatibility_department").await);
    }
    for id in open {
        world.completed(REPORTS, id).await;
    }
    // A second quarter, and with it second versions.
    quarter(world, "3 months").await;
    let unborn = rows::report(&world.app, WITHOUT_BIRTH, "compatibility_company").await;
    world.failed(REPORTS, unborn).await;
    let wrong = json!({ "compatibility_type": "nobody" });
    let wrong = rows::calculation(&world.app, "compatibility", ANNA, COMPANY, wrong).await;
    world.failed(CALCULATIONS, wrong).await;
    world
        .eventually(std::time::Duration::from_mins(2), "everything has ended", async || {
            let open = count(&world.app, "select count(*) from orrery.dispatch").await;
            if open == 0 { Ok(()) } else { Err(format!("{open} are open")) }
        })
        .await;
    let figures = Figures::new(world.context());
    figures.compare_new().await.unwrap();
    run(&world.app, "update orrery.score_sum set compared_at = now() - interval '2 days'").await;
    figures.compare_old(24).await.unwrap();
    figures.roll_up().await.unwrap();
}

/// Null, empty text, an empty list and an empty object say nothing.
fn says_something(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::String(text) => !text.is_empty(),
        Value::Array(items) => !items.is_empty(),
        Value::Object(fields) => !fields.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

/// Notes for each known path below a value whether something stands there, and each path that is not known.
fn look(value: &Bson, path: &str, known: &BTreeSet<String>, seen: &mut BTreeMap<String, bool>) {
    if known.contains(path) {
        *seen.entry(path.to_owned()).or_default() |= says_something(&value.clone().into_relaxed_extjson());
        return;
    }
    let below = |inner: &str| known.iter().any(|path| path.starts_with(inner));
    match value {
        Bson::Document(fields) if path.is_empty() || below(&format!("{path}.")) => {
            for (name, value) in fields {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                look(value, &path, known, seen);
            }
        }
        Bson::Array(items) if below(&format!("{path}[].")) => {
            for item in items {
                look(item, &format!("{path}[]"), known, seen);
            }
        }
        // A part that an unknown time of birth leaves out.
        Bson::Null if below(&format!("{path}.")) || below(&format!("{path}[].")) => {}
        _ => {
            seen.insert(path.to_owned(), false);
        }
    }
}

/// What is wrong with the documents of a collection.
fn complaints_about(collection: &Collection, documents: &[Document]) -> Vec<String> {
    let documented = paths(collection.documented);
    let known: BTreeSet<String> = documented.iter().cloned().chain(paths(collection.added)).collect();
    let mut seen = BTreeMap::new();
    for document in documents {
        look(&Bson::Document(document.clone()), "", &known, &mut seen);
    }
    let name = collection.name;
    let mut complaints = Vec::new();
    for path in seen.keys().filter(|path| !known.contains(*path)) {
        complaints.push(format!("{name}.{path} is in no list"));
    }
    for path in &documented {
        judge(name, path, seen.get(path).copied().unwrap_or(false), collection.empty, &mut complaints);
    }
    for (path, _) in collection.empty.iter().filter(|(path, _)| !documented.iter().any(|known| known == path))
    {
        complaints.push(format!("{name}.{path} is excused, but no document names it"));
    }
    complaints
}

fn judge(name: &str, path: &str, filled: bool, empty: &[(&str, &str)], complaints: &mut Vec<String>) {
    match (filled, empty.iter().find(|(excused, _)| *excused == path)) {
        (false, None) => complaints.push(format!("{name}.{path} is empty everywhere")),
        (true, Some((_, reason))) => {
            complaints.push(format!("{name}.{path} is filled, yet excused: {reason}"));
        }
        _ => {}
    }
}

/// Columns of a table as the documents give them.
fn columns(table: &str) -> Vec<String> {
    if table == "report_generation_stats" {
        return STATS.split_whitespace().map(str::to_owned).collect();
    }
    let (_, body) =
        DOCUMENTS.split_once(&format!("CREATE TABLE {table} (\n")).expect("the documents have the table");
    let (body, _) = body.split_once("\n);").expect("the table ends");
    body.lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("--"))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|word| word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'))
        .map(str::to_owned)
        .collect()
}

/// What is wrong with the rows of a table.
async fn complaints_about_table(world: &World, table: &Table) -> Vec<String> {
    let documented = columns(table.name);
    let actual: Vec<String> = sqlx::query_scalar(
        "select attname::text from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped order by attnum",
    )
    .bind(table.name)
    .fetch_all(&world.app)
    .await
    .unwrap();
    let name = table.name;
    let mut complaints = Vec::new();
    for column in actual.iter().filter(|column| !documented.contains(column)) {
        complaints.push(format!("{name}.{column} is in no document"));
    }
    let rows: Vec<Value> = sqlx::query_scalar(AssertSqlSafe(format!("select to_jsonb(t) from {name} t")))
        .fetch_all(&world.app)
        .await
        .unwrap();
    for column in &documented {
        let filled = rows.iter().any(|row| row.get(column).is_some_and(says_something));
        judge(name, column, filled, table.empty, &mut complaints);
    }
    for (column, _) in
        table.empty.iter().filter(|(column, _)| !documented.iter().any(|known| known == column))
    {
        complaints.push(format!("{name}.{column} is excused, but no document names it"));
    }
    complaints
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_field_of_the_documents_is_filled_or_has_a_reason_not_to_be() {
    let world = World::new().await;
    work(&world).await;
    let mut complaints = Vec::new();
    for collection in &COLLECTIONS {
        let documents = if collection.in_reports {
            world.reports(collection.name, doc! {}).await
        } else {
            world.astrology(collection.name, doc! {}).await
        };
        assert!(!documents.is_empty(), "{} is empty", collection.name);
        complaints.extend(complaints_about(collection, &documents));
    }
    for table in &TABLES {
        complaints.extend(complaints_about_table(&world, table).await);
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    world.assert_stores_agree().await;
    world.close().await;
}

#[test]
fn a_field_that_is_misspelt_left_empty_or_excused_without_need_is_noticed() {
    const TEST: Collection = Collection {
        in_reports: true,
        name: "test",
        documented: &["{name}", "parts[].{score word}"],
        added: &["{job}"],
        empty: &[("parts[].word", "a reason"), ("gone", "a reason")],
    };
    let whole = doc! { "name": "x", "parts": [{ "score": 0, "word": "" }, { "score": 1 }], "job": 1 };
    let gone = "test.gone is excused, but no document names it";
    assert_eq!(complaints_about(&TEST, std::slice::from_ref(&whole)), [gone]);
    let mut misspelt = whole;
    misspelt.insert("nmae", "x");
    assert_eq!(complaints_about(&TEST, &[misspelt]), ["test.nmae is in no list", gone]);
    let empty = doc! { "name": "", "parts": [{ "score": 0 }] };
    assert_eq!(complaints_about(&TEST, &[empty]), ["test.name is empty everywhere", gone]);
    let excused = doc! { "name": "x", "parts": [{ "score": 0, "word": "y" }] };
    assert_eq!(
        complaints_about(&TEST, &[excused]),
        ["test.parts[].word is filled, yet excused: a reason", gone]
    );
    assert_eq!(columns("report_scores").len(), 23);
    assert!(columns("calculation_jobs").contains(&"api_calls_made".to_owned()));
}
