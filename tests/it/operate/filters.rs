//! Which rows a filter finds, however many others there are.

use std::collections::BTreeSet;

use orrery::operate::{Filter, jobs};
use orrery::queue::Queue;
use serde_json::{Value, json};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::{KIND, failed, filter, found};
use crate::support::World;
use crate::support::platform::{ANNA, BEN, COMPANY, add_organization};
use crate::support::rows::{self, run};

#[tokio::test]
async fn a_filter_finds_exactly_its_rows() {
    let world = World::new().await;
    let broken = failed(&world, 2, "test.one").await;
    let other = failed(&world, 1, "test.other").await;
    let made = rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    assert!(world.complete(&job).await);
    let runs = rows::report_with(&world.app, BEN, "questionnaire_qa", "x", json!({ "batch": "7" })).await;
    world.claim_one(Queue::Report).await;
    let waits = rows::report_after(&world.app, ANNA, KIND, runs).await;
    let (stranger, of_stranger) = add_organization(&world.app, "Another").await;
    let entity = rows::entity(&world.app, "employee", &of_stranger.to_string(), stranger).await;
    let input = json!({ "batch": "7" });
    let calculation = rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, input).await;
    run(&world.app, "update report_generation_queue set created_at = now() - interval '2 days' where status = 'completed'").await;
    // What Orrery records of its own work is no row of a queue.
    run(
        &world.app,
        "insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, job_status, input_data, triggered_by, algorithm_version, engine_version)
         values ('birth_chart', 'employee', 'x', 'y', 'completed', '{\"entity_type\": 1, \"entity_id\": 1, \"quarter\": 1, \"target\": null}', 'system', '1.0.0', '1.0.0')",
    )
    .await;

    let all: BTreeSet<Uuid> = [&broken, &other]
        .into_iter()
        .flatten()
        .copied()
        .chain([made, runs, waits, entity, calculation])
        .collect();
    let some = |ids: &[Uuid]| ids.iter().copied().collect::<BTreeSet<_>>();
    let failures: BTreeSet<Uuid> = broken.union(&other).copied().collect();
    let (anna, company) = (format!("employee_id={ANNA}"), COMPANY.to_string());
    let of_others: BTreeSet<Uuid> = all.iter().copied().filter(|id| *id != entity).collect();
    let annas: BTreeSet<Uuid> = failures.iter().copied().chain([made, waits]).collect();
    let young: BTreeSet<Uuid> = all.iter().copied().filter(|id| *id != made).collect();
    for (pairs, wanted) in [
        (vec![], all.clone()),
        (vec![("queue", "report"), ("state", "failed")], failures),
        (vec![("error", "test.one")], broken),
        (vec![("error", "test.one"), ("state", "ready")], some(&[])),
        (vec![("state", "completed")], some(&[made])),
        (vec![("state", "running")], some(&[runs])),
        (vec![("state", "waiting")], some(&[waits])),
        (vec![("state", "ready")], some(&[entity, calculation])),
        (vec![("state", "open")], some(&[runs, waits, entity, calculation])),
        (vec![("state", "quarantined")], some(&[])),
        (vec![("type", "questionnaire_qa")], some(&[runs])),
        (vec![("org", company.as_str())], of_others),
        (vec![("arg", "batch=7")], some(&[runs, calculation])),
        (vec![("arg", anna.as_str())], annas),
        (vec![("older_than", "1d")], some(&[made])),
        (vec![("newer_than", "1d")], young),
    ] {
        let filter = filter(&pairs);
        assert_eq!(found(&world, &filter, 2).await, wanted, "{pairs:?}");
        let count = jobs::count(&world.app, &filter).await.unwrap();
        assert_eq!((count.rows, count.exact), (wanted.len() as u64, true), "{pairs:?}");
    }
    world.close().await;
}

#[tokio::test]
async fn a_walk_in_pages_visits_each_row_of_all_queues_once() {
    let world = World::new().await;
    for sql in [
        // Many rows of one time, and rows without one.
        "insert into report_generation_queue (employee_id, report_type, requested_by, created_at)
         select e.id, 'x', u.id, timestamptz '2026-01-01' + n / 20 * interval '1 hour'
         from generate_series(1, 60) n, (select id from employees limit 1) e, (select id from users limit 1) u",
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queued_at)
         select 'employee', n::text, 'o', true, case when n % 3 > 0 then timestamptz '2026-01-01' + n / 20 * interval '1 hour' end
         from generate_series(1, 60) n",
    ] {
        run(&world.app, sql).await;
    }
    for limit in [1, 7, 120, 1000] {
        assert_eq!(found(&world, &Filter::default(), limit).await.len(), 120, "pages of {limit}");
    }
    world.close().await;
}

/// The oldest row of a table is behind more rows than one step looks at.
#[tokio::test]
async fn a_rare_row_behind_many_is_found_along_an_index() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status, queued_at)
         select 'employee', n::text, 'o', true, case when n = 1 then 'failed' else 'completed' end, now() - interval '1 day' + n * interval '1 second'
         from generate_series(1, 21000) n",
    )
    .await;
    run(&world.app, "analyze entity_update_queue").await;
    let failed = filter(&[("state", "failed")]);
    let page = jobs::list(&world.app, &failed, None, 10).await.unwrap();
    assert_eq!((page.rows.len(), page.next), (1, None));
    assert_eq!(page.rows[0].subject_id, "1");
    assert_eq!(jobs::count(&world.app, &failed).await.unwrap().to_string(), "1");

    let text = include_str!("../../../src/operate/sql/match_entity.sql");
    let none = None::<String>;
    let plan: Value = sqlx::query_scalar(AssertSqlSafe(format!("explain (format json) {text}")))
        .persistent(false)
        .bind("infinity")
        .bind(Uuid::max())
        .bind(100_i64)
        .bind(10_i64)
        .bind("failed")
        .bind(&none)
        .bind(&none)
        .bind(&none)
        .bind(&none)
        .bind(&none)
        .bind(None::<chrono::DateTime<chrono::Utc>>)
        .bind(None::<chrono::DateTime<chrono::Utc>>)
        .bind(None::<Vec<Uuid>>)
        .fetch_one(&world.app)
        .await
        .unwrap();
    let mut indexes = Vec::new();
    indexes_of("entity_update_queue", &plan, &mut indexes);
    assert_eq!(indexes, [json!("orrery_newest_entities")], "{plan:#}");
    world.close().await;
}

/// Indexes along which a plan reads a table; null where it reads it whole.
fn indexes_of(table: &str, plan: &Value, found: &mut Vec<Value>) {
    match plan {
        Value::Array(parts) => {
            for part in parts {
                indexes_of(table, part, found);
            }
        }
        Value::Object(node) => {
            if node.get("Relation Name").is_some_and(|name| name == table) {
                found.push(node.get("Index Name").cloned().unwrap_or_default());
            }
            for part in node.values() {
                indexes_of(table, part, found);
            }
        }
        _ => {}
    }
}
