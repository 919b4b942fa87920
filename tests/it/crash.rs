//! Workers that die and workers that come back from the dead.

use std::collections::BTreeSet;
use std::time::Duration;

use bson::doc;
use orrery::pipeline::reconcile::Reconciler;
use orrery::queue::settle::Settled;
use orrery::queue::{Lease, Queue};
use orrery::store::documents::{Store, Upsert, Written, object_id, write_all};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::support::World;
use crate::support::demo::expected;
use crate::support::jobs::{permanent, transient};
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, count, run, standing};
use crate::support::servers::mongodb_uri;

/// Deaths are noticed soon, and none of them quarantines a row.
const QUICK: [(&str, &str); 7] = [
    ("ORRERY_QUEUE_LEASE_S", "3"),
    ("ORRERY_QUEUE_HEARTBEAT_S", "1"),
    ("ORRERY_QUEUE_RESCUE_S", "1"),
    ("ORRERY_QUEUE_SWEEP_S", "2"),
    ("ORRERY_QUEUE_CRASH_LIMIT", "100"),
    ("ORRERY_QUEUE_BACKOFF_BASE_MS", "100"),
    ("ORRERY_QUARTER_LOOK_MS", "200"),
];

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
    world.set_up_mongodb().await;
    world.load_demo("01_platform.sql");
    world.load_questionnaires().await;
    for file in ["02_entities.sql", "03_reports.sql", "04_quarter.sql", "05_calculations.sql"] {
        world.load_demo(file);
    }
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
    world.close().await;
}

/// Compares a queue with its entry in `expected.json`; what the quarter added is not counted there.
async fn assert_ended_as(world: &World, table: &str, wanted: &Value) {
    let (status, own, error) = match table {
        "report_generation_queue" => ("status", "request_metadata ->> 'schedule_id' is null", "last_error"),
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
        "select after_state ->> 'code' from calculation_audit_log where event_type = 'job_failed' and request_id = $1 order by occurred_at",
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

/// Inserts a report row and, beside it, an entity row of somebody else.
async fn two_rows(world: &World) -> [(&'static str, Uuid); 2] {
    let report = rows::report(&world.app, ANNA, "personality_role_specific").await;
    let entity = rows::entity(&world.app, "employee", &BEN.to_string(), COMPANY).await;
    [("report_generation_queue", report), ("entity_update_queue", entity)]
}

async fn held(world: &World, proxy: &Proxy, connections: usize) {
    world
        .eventually(Duration::from_secs(20), "the writes of the first worker are held back", async || {
            if proxy.held() >= connections {
                Ok(())
            } else {
                Err(format!("{} connections are held", proxy.held()))
            }
        })
        .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn writes_of_a_frozen_worker_that_arrive_after_another_has_finished_change_nothing() {
    let world = World::new().await;
    let proxy = Proxy::start(&mongodb_uri(), "startTransaction").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_MONGODB_URI", address.as_str()));
    let mut zombie = world.worker(&settings).await;
    proxy.arm();
    let rows = two_rows(&world).await;
    held(&world, &proxy, 2).await;
    zombie.signal("STOP");

    let mut second = world.worker(&QUICK).await;
    for (table, id) in rows {
        world.completed(table, id).await;
    }
    assert!(second.stop(Duration::from_secs(30)).await.success());
    let (documents, tables) = (world.all_documents().await, world.all_rows().await);

    // First the late writes reach MongoDB, then the worker wakes up.
    proxy.release();
    zombie.signal("CONT");
    world
        .eventually(Duration::from_secs(20), "the zombie has noticed", async || {
            let log = zombie.log();
            let noticed = log.matches("stopped; nothing was written").count();
            if noticed == 2 { Ok(()) } else { Err(format!("{noticed} rows given up")) }
        })
        .await;
    assert_eq!(world.all_documents().await, documents, "a zombie has changed MongoDB\n{}", world.evidence());
    assert_eq!(world.all_rows().await, tables, "a zombie has changed PostgreSQL\n{}", world.evidence());

    let next = rows::report(&world.app, BEN, "compatibility_company").await;
    world.completed("report_generation_queue", next).await;
    assert!(
        zombie.stop(Duration::from_secs(30)).await.success(),
        "it goes on with other rows and stops well"
    );
    world.assert_stores_agree().await;
    world.close().await;
}

/// A worker is frozen when the statement with this name is on its way to PostgreSQL, inside a transaction; another takes over.
async fn frozen_at_statement(statement: &'static str) {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, statement).await;
    let address = proxy.url(&url);
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_POSTGRES_URL", address.as_str()));
    let mut zombie = world.worker(&settings).await;
    proxy.arm();
    let id = rows::report(&world.app, ANNA, "personality_role_specific").await;
    held(&world, &proxy, 1).await;
    zombie.signal("STOP");

    let mut second = world.worker(&QUICK).await;
    world
        .eventually(Duration::from_secs(25), "the row is taken over from the frozen worker", async || {
            let standing = standing(&world.app, "report_generation_queue", id).await;
            if standing.status == "completed" { Ok(()) } else { Err(format!("{standing:?}")) }
        })
        .await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    let (documents, tables) = (world.all_documents().await, world.all_rows().await);
    proxy.release();
    zombie.signal("CONT");
    world
        .eventually(Duration::from_secs(20), "the zombie has noticed", async || {
            if zombie.log().contains("stopped; nothing was written") {
                Ok(())
            } else {
                Err("no word of it in its log".to_owned())
            }
        })
        .await;
    assert_eq!(world.all_documents().await, documents, "a zombie has changed MongoDB\n{}", world.evidence());
    assert_eq!(world.all_rows().await, tables, "a zombie has changed PostgreSQL\n{}", world.evidence());
    assert!(zombie.stop(Duration::from_secs(30)).await.success());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_frozen_while_it_reserves_a_version_is_taken_over() {
    frozen_at_statement("reserve_version:").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_frozen_in_the_middle_of_its_last_transaction_is_taken_over() {
    frozen_at_statement("publish_metadata:").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_inside_its_mongodb_transaction_costs_its_row_no_attempt() {
    let world = World::new().await;
    // MongoDB keeps a transaction whose client is gone for a minute; for this test for less.
    lifetime_of_transactions(&world, 15).await;
    let proxy = Proxy::start(&mongodb_uri(), "commitTransaction").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_MONGODB_URI", address.as_str()));
    let first = world.worker(&settings).await;
    proxy.arm();
    let rows = two_rows(&world).await;
    held(&world, &proxy, 2).await;
    first.kill();

    let mut second = world.worker(&QUICK).await;
    for (table, id) in rows {
        world
            .eventually(Duration::from_secs(50), "the row completes once MongoDB has let go", async || {
                let standing = standing(&world.app, table, id).await;
                assert_ne!(standing.status, "failed", "{table}: {:?}\n{}", standing.error, world.evidence());
                if standing.status == "completed" { Ok(()) } else { Err(format!("{standing:?}")) }
            })
            .await;
    }
    lifetime_of_transactions(&world, 60).await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    let attempts = count(&world.app, "select max(attempt_count)::bigint from report_generation_queue").await;
    assert_eq!(attempts, 1, "attempts that counted");
    world.assert_stores_agree().await;
    world.close().await;
}

async fn lifetime_of_transactions(world: &World, seconds: i32) {
    let command = doc! { "setParameter": 1, "transactionLifetimeLimitSeconds": seconds };
    world.mongo.database("admin").run_command(command).await.unwrap();
}

#[tokio::test]
async fn documents_take_a_newer_token_and_refuse_an_older_one() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let lease = |token| Lease { queue: Queue::Entity, job_id: Uuid::from_u128(7), token };
    let upserts = |mark: &str| {
        ["energy_patterns", "harmonic_codes"].map(|collection| Upsert {
            store: Store::Astrology,
            collection,
            key: doc! { "entity_id": "e", "entity_type": "employee" },
            set: doc! { "organization_id": "o", "mark": mark },
            set_on_insert: doc! { "_id": object_id(Uuid::from_u128(1)) },
            existing_only: false,
        })
    };
    let write = async |token, upserts: &[Upsert]| {
        write_all(&world.mongo, &world.databases, lease(token).into(), upserts)
            .await
            .map_err(|error| error.to_string())
    };
    // Validators ask for more than this test is about.
    for collection in ["energy_patterns", "harmonic_codes"] {
        let off = doc! { "collMod": collection, "validationLevel": "off" };
        world.mongo.database(&world.databases.astrology).run_command(off).await.unwrap();
    }
    assert_eq!(write(5, &upserts("five")).await, Ok(Written::All));
    assert_eq!(
        write(5, &upserts("five again")).await,
        Ok(Written::All),
        "a retry of the same claim may write again"
    );
    let before = world.all_documents().await;
    assert_eq!(write(4, &upserts("four")).await, Ok(Written::Superseded));
    // One fresh document beside a fenced one: neither is written.
    let mut mixed = upserts("four").to_vec();
    mixed.insert(0, Upsert { key: doc! { "entity_id": "f", "entity_type": "employee" }, ..mixed[0].clone() });
    mixed[0].set_on_insert = doc! { "_id": object_id(Uuid::from_u128(2)) };
    assert_eq!(write(4, &mixed).await, Ok(Written::Superseded));
    assert_eq!(world.all_documents().await, before);
    assert_eq!(write(6, &upserts("six")).await, Ok(Written::All));
    assert_ne!(world.all_documents().await, before);
    world.close().await;
}

#[tokio::test]
async fn a_worker_that_lost_its_row_settles_nothing_of_it() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let zombie = world.claim_one(Queue::Report).await;
    run(&world.app, "update orrery.dispatch set lease_expires_at = now() - interval '1 second'").await;
    world.rescue(Queue::Report).await;
    let before = world.all_rows().await;
    for error in [transient(), permanent()] {
        assert_eq!(world.settle(&zombie, &error).await, Settled::Fenced);
    }
    assert!(!world.complete(&zombie).await);
    assert_eq!(world.all_rows().await, before);
    world.close().await;
}
