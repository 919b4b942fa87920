//! Workers that are frozen past their lease and wake up after another has finished.

use std::sync::Arc;
use std::time::Duration;

use bson::{doc, rawdoc};
use orrery::pipeline::report::ReportHandler;
use orrery::queue::breaker::Dependency;
use orrery::queue::settle::Settled;
use orrery::queue::{Lease, Queue};
use orrery::runtime::{Done, Handler as _};
use orrery::store::bulk;
use orrery::store::documents::{Guess, Store, Upsert, Written, object_id};
use orrery::store::statement::Statement;
use uuid::Uuid;

use super::{QUICK, held, two_rows};
use crate::support::World;
use crate::support::jobs::{permanent, transient};
use crate::support::platform::{ANNA, BEN};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, run, standing};
use crate::support::servers::mongodb_uri;
use crate::support::worker::Worker;

/// What was held back arrives, then the worker wakes up: it gives up so many rows, and both stores stay as they are.
async fn wakes_up_and_changes_nothing(world: &World, proxy: &Proxy, zombie: &Worker, rows: usize) {
    let before = world.snapshot().await;
    proxy.release();
    zombie.signal("CONT");
    world
        .eventually(Duration::from_secs(20), "the zombie has noticed", async || {
            let noticed = zombie.log().matches("stopped; nothing was written").count();
            if noticed == rows { Ok(()) } else { Err(format!("{noticed} rows given up")) }
        })
        .await;
    world.assert_unchanged(&before).await;
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
    wakes_up_and_changes_nothing(&world, &proxy, &zombie, 2).await;

    let next = rows::report(&world.app, BEN, "compatibility_company").await;
    world.completed(REPORTS, next).await;
    assert!(
        zombie.stop(Duration::from_secs(30)).await.success(),
        "it goes on with other rows and stops well"
    );
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_worker_that_would_extend_an_unchanged_report_for_longer_changes_nothing() {
    let world = World::new().await;
    let mut first = world.worker(&QUICK).await;
    let written = rows::report(&world.app, ANNA, "personality_role_specific").await;
    world.completed(REPORTS, written).await;
    assert!(first.stop(Duration::from_secs(30)).await.success());

    let proxy = Proxy::start(&mongodb_uri(), "expiryDate").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_MONGODB_URI", address.as_str()));
    settings.push(("ORRERY_REPORT_VALIDITY_DAYS", "400"));
    let mut zombie = world.worker(&settings).await;
    proxy.arm();
    let again = rows::report(&world.app, ANNA, "personality_role_specific").await;
    held(&world, &proxy, 1).await;
    zombie.signal("STOP");

    let mut second = world.worker(&QUICK).await;
    world.completed(REPORTS, again).await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    wakes_up_and_changes_nothing(&world, &proxy, &zombie, 1).await;
    assert!(zombie.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_frozen_worker_that_would_extend_a_report_changes_nothing_after_another_row_has_superseded_it() {
    let world = World::new().await;
    let mut first = world.worker(&QUICK).await;
    let written = rows::report(&world.app, ANNA, "personality_role_specific").await;
    world.completed(REPORTS, written).await;
    assert!(first.stop(Duration::from_secs(30)).await.success());

    // Claimed before the row of the zombie, so its token is less; it publishes after the zombie was frozen.
    rows::new_version(&world.app, ANNA, "personality_role_specific").await;
    let newer = Arc::new(world.claim_one(Queue::Report).await);
    let proxy = Proxy::start(&mongodb_uri(), "expiryDate").await;
    let address = proxy.url(&mongodb_uri());
    let mut settings = QUICK.to_vec();
    settings.push(("ORRERY_MONGODB_URI", address.as_str()));
    settings.push(("ORRERY_REPORT_VALIDITY_DAYS", "400"));
    let mut zombie = world.worker(&settings).await;
    proxy.arm();
    let again = rows::report(&world.app, ANNA, "personality_role_specific").await;
    held(&world, &proxy, 1).await;
    zombie.signal("STOP");

    // Waits until the server has ended the zombie's transaction. Nobody extends the version in its place.
    let cancelled = sqlx::query("update report_generation_queue set status = 'cancelled' where id = $1")
        .bind(again)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(cancelled.rows_affected(), 1);
    let handler = ReportHandler::new(world.context());
    assert_eq!(handler.run(newer).await.ok(), Some(Done::Published));
    wakes_up_and_changes_nothing(&world, &proxy, &zombie, 1).await;
    assert!(zombie.stop(Duration::from_secs(30)).await.success());
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
            let standing = standing(&world.app, REPORTS, id).await;
            if standing.status == "completed" { Ok(()) } else { Err(format!("{standing:?}")) }
        })
        .await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    wakes_up_and_changes_nothing(&world, &proxy, &zombie, 1).await;
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

#[tokio::test]
async fn documents_take_a_newer_token_and_refuse_an_older_one() {
    let world = World::new().await;
    world.set_up_mongodb().await;
    let lease = |token| Lease { queue: Queue::Entity, job_id: Uuid::from_u128(7), token };
    let upserts = |mark: &str| {
        ["energy_patterns", "harmonic_codes"].map(|collection| Upsert {
            store: Store::Astrology,
            collection,
            key: rawdoc! { "entity_id": "e", "entity_type": "employee" },
            set: rawdoc! { "organization_id": "o", "mark": mark },
            set_on_insert: rawdoc! { "_id": object_id(Uuid::from_u128(1)) },
            existing_only: false,
        })
    };
    let write_as = async |guess, token, upserts: &[Upsert]| {
        let statement = |upsert: &Upsert| Statement::new(upsert.clone(), lease(token).into(), guess);
        let statements: Vec<Statement> = upserts.iter().map(statement).collect();
        bulk::write(&world.mongo, &world.databases, &statements.iter().collect::<Vec<_>>())
            .await
            .map_err(|error| error.to_string())
    };
    let write = async |token, upserts: &[Upsert]| write_as(Guess::Present, token, upserts).await;
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
    let guess = write_as(Guess::Missing, 4, &upserts("four")).await;
    assert_eq!(guess, Ok(Written::Superseded), "whoever believes that nothing is there learns better");
    // One fresh document beside a fenced one: neither is written.
    let mut mixed = upserts("four").to_vec();
    mixed.insert(
        0,
        Upsert { key: rawdoc! { "entity_id": "f", "entity_type": "employee" }, ..mixed[0].clone() },
    );
    mixed[0].set_on_insert = rawdoc! { "_id": object_id(Uuid::from_u128(2)) };
    assert_eq!(write(4, &mixed).await, Ok(Written::Superseded));
    assert_eq!(world.all_documents().await, before);
    assert_eq!(write(6, &upserts("six")).await, Ok(Written::All));
    assert_ne!(world.all_documents().await, before);

    // A wrong guess is put right by the upserts, and a right one makes the same documents as they do.
    assert_eq!(write_as(Guess::Missing, 7, &upserts("seven")).await, Ok(Written::All));
    assert_eq!(marks(&world).await, ["seven", "seven"]);
    let by_upsert = world.all_documents().await;
    for collection in ["energy_patterns", "harmonic_codes"] {
        let documents =
            world.mongo.database(&world.databases.astrology).collection::<bson::Document>(collection);
        documents.delete_many(doc! {}).await.unwrap();
    }
    assert_eq!(write_as(Guess::Missing, 7, &upserts("seven")).await, Ok(Written::All));
    assert_eq!(world.all_documents().await, by_upsert);
    world.close().await;
}

/// `mark` of the documents.
async fn marks(world: &World) -> Vec<String> {
    let mut marks = Vec::new();
    for collection in ["energy_patterns", "harmonic_codes"] {
        let found = world.astrology(collection, doc! {}).await;
        marks.extend(found.iter().map(|document| document.get_str("mark").unwrap().to_owned()));
    }
    marks
}

#[tokio::test]
async fn a_worker_that_lost_its_row_settles_nothing_of_it() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let zombie = world.claim_one(Queue::Report).await;
    run(&world.app, "update orrery.dispatch set lease_expires_at = now() - interval '1 second'").await;
    world.rescue(Queue::Report).await;
    let before = world.all_rows().await;
    // Also the breaker of what it could not reach in time counts nothing: others reach it.
    for error in [transient(), permanent(), transient().because_of(Dependency::Mongodb)] {
        assert_eq!(world.settle(&zombie, &error).await, Settled::Fenced);
    }
    assert!(!world.complete(&zombie).await);
    assert_eq!(world.all_rows().await, before);
    world.close().await;
}
