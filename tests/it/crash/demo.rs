//! The whole demo under a worker that is killed again and again.

use std::collections::BTreeSet;
use std::time::Duration;

use bson::doc;
use orrery::pipeline::reconcile::Reconciler;
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::QUICK;
use crate::support::World;
use crate::support::demo::expected;
use crate::support::rows::{self, count};

/// Rows of any queue that have ended, and that have not.
async fn progress(world: &World) -> (i64, i64) {
    sqlx::query_as(
        "select count(*) filter (where ended), count(*) filter (where not ended) from (
           select status in ('completed', 'failed', 'cancelled') as ended from report_generation_queue
           union all select queue_status in ('completed', 'failed', 'skipped') from entity_update_queue
           union all select status in ('completed', 'failed', 'cancelled') from quarterly_update_schedule
           union all select job_status in ('completed', 'failed', 'cancelled') from calculation_jobs) x",
    )
    .fetch_one(&world.app)
    .await
    .unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_again_and_again_over_the_whole_demo_loses_nothing_and_publishes_nothing_twice() {
    let world = World::new().await;
    world.load_whole_demo().await;
    for life in 1..=5 {
        let (before, _) = progress(&world).await;
        let worker = world.worker(&QUICK).await;
        world
            .eventually(Duration::from_secs(30), "the worker is in the middle of its work", async || {
                let (ended, open) = progress(&world).await;
                let leased = count(
                    &world.app,
                    "select count(*) from orrery.dispatch where state = 'leased' and queue <> 'quarter'",
                )
                .await;
                let middle = ended >= before + 20 && open > 0 && leased > 0;
                if middle {
                    Ok(())
                } else {
                    Err(format!("life {life}: {ended} ended ({before} before), {open} open, {leased} leased"))
                }
            })
            .await;
        worker.kill();
    }
    let mut last = world.worker(&QUICK).await;
    world
        .eventually(Duration::from_secs(90), "every row of every queue has ended", async || {
            match progress(&world).await {
                (_, 0) => Ok(()),
                (ended, open) => Err(format!("{ended} ended, {open} open")),
            }
        })
        .await;
    assert!(last.stop(Duration::from_secs(30)).await.success());

    for (table, wanted) in expected().as_object().unwrap() {
        assert_ended_as(&world, table, wanted).await;
    }
    for pair in expected()["report_generation_queue"]["order"].as_array().unwrap() {
        assert_in_order(&world, &pair[0], &pair[1]).await;
    }
    Reconciler::new(world.context()).remove_orphans(Duration::ZERO).await.unwrap();
    world.assert_stores_agree().await;
    assert_entities_are_there(&world).await;
    let crashes = count(&world.app, "select count(*) from orrery.worker where state = 'running'").await;
    assert_eq!(crashes, 5, "workers that died");
    assert_nothing_was_paid(&world).await;
    world.close().await;
}

/// Without a model the narrator writes everything: nobody is asked, and every report says that it took no tokens and cost nothing.
async fn assert_nothing_was_paid(world: &World) {
    let paid = "select count(*) from report_metadata where llm_tokens_used is distinct from 0 or llm_cost_usd is distinct from 0";
    assert_eq!(count(&world.app, paid).await, 0, "rows of reports with tokens or a cost");
    assert_eq!(count(&world.app, "select count(*) from orrery.llm_calls").await, 0, "calls of a model");
    let paid = doc! { "$or": [{ "llmTokensUsed": { "$ne": 0 } }, { "generation.costUsd": { "$ne": 0.0 } }] };
    assert_eq!(world.reports("reports", paid).await.len(), 0, "reports with tokens or a cost");
}

/// Compares a queue with its entry in `expected.json`; what was asked for by the quarter, or because a code has changed, is not counted there.
async fn assert_ended_as(world: &World, table: &str, wanted: &Value) {
    let (status, own, error) = match table {
        "report_generation_queue" => (
            "status",
            "not coalesce(request_metadata, '{}') ?| array['schedule_id', 'regeneration']",
            "last_error",
        ),
        "entity_update_queue" => ("queue_status", "schedule_id is null", "error_message"),
        _ => ("job_status", "triggered_by = 'demo'", "error_message"),
    };
    let sql = format!("select id, {status} as status, {error} as error from {table} where {own}");
    let rows: Vec<(Uuid, String, Option<String>)> =
        sqlx::query_as(AssertSqlSafe(sql)).fetch_all(&world.app).await.unwrap();
    assert_eq!(rows.len(), usize::try_from(wanted["inserted"].as_u64().unwrap()).unwrap(), "{table}");
    for status in ["failed", "skipped", "cancelled"] {
        let ended: BTreeSet<String> =
            rows.iter().filter(|row| row.1 == status).map(|row| row.0.to_string()).collect();
        let named =
            wanted[status].as_array().into_iter().flatten().map(|row| row["id"].as_str().unwrap().to_owned());
        let errors: Vec<_> = rows.iter().filter(|row| row.1 == status).collect();
        assert_eq!(ended, named.collect(), "{table}: {status}: {errors:#?}");
    }
    let completed = rows.iter().filter(|row| row.1 == "completed").count();
    assert_eq!(completed, usize::try_from(wanted["completed"].as_u64().unwrap()).unwrap(), "{table}");
    for row in wanted["failed"].as_array().unwrap() {
        let id: Uuid = row["id"].as_str().unwrap().parse().unwrap();
        let codes = codes(world, table, id).await;
        assert_eq!(codes.last().map(String::as_str), row["why"].as_str(), "{table}: {id}: {codes:?}");
    }
}

/// Codes of the errors that were recorded for a row, oldest first.
async fn codes(world: &World, table: &str, id: Uuid) -> Vec<String> {
    let kind = match table {
        "report_generation_queue" => return rows::error_codes(&world.app, id).await,
        "entity_update_queue" => "entity",
        _ => "calculation",
    };
    sqlx::query_scalar(
        "select after_state ->> 'code' from calculation_audit_log where event_type = 'job_failed' and request_id = $1 order by event_timestamp",
    )
    .bind(format!("{kind}:{id}"))
    .fetch_all(&world.app)
    .await
    .unwrap()
}

async fn assert_in_order(world: &World, first: &Value, second: &Value) {
    let kept: bool = sqlx::query_scalar(
        "select a.completed_at <= b.started_at from report_generation_queue a, report_generation_queue b
         where a.id = $1::text::uuid and b.id = $2::text::uuid",
    )
    .bind(first.as_str())
    .bind(second.as_str())
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert!(kept, "{second} began before {first} had completed");
}

/// Every entity whose row completed has one chart, one code and one pattern.
async fn assert_entities_are_there(world: &World) {
    let entities: Vec<(String, String)> = sqlx::query_as(
        "select distinct entity_type, entity_id from entity_update_queue where queue_status = 'completed' order by 1, 2",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    assert!(entities.len() >= 85);
    for collection in ["birth_charts", "harmonic_codes", "energy_patterns"] {
        let documents = world.astrology(collection, doc! {}).await;
        for (kind, id) in &entities {
            let of_entity = documents.iter().filter(|document| {
                document.get_str("entity_id").is_ok_and(|text| text == id)
                    && document.get_str("entity_type").is_ok_and(|text| text == kind)
            });
            assert_eq!(of_entity.count(), 1, "{collection} of {kind} {id}");
        }
    }
    let doubled = "select count(*) from (select 1 from calculation_jobs where triggered_by <> 'demo'
                   group by input_data, entity_id, job_type, created_at having count(*) > 1) x";
    assert_eq!(count(&world.app, doubled).await, 0, "calculations are recorded twice");
}
