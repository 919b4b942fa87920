//! Workers that are killed at the worst moment.

use std::time::{Duration, Instant};

use bson::doc;
use orrery::pipeline::reconcile::Reconciler;
use uuid::Uuid;

use super::{QUICK, held, two_rows};
use crate::support::World;
use crate::support::platform::{ANNA, BEN};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count, standing};
use crate::support::servers::mongodb_uri;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_killed_inside_its_mongodb_transaction_costs_its_row_no_attempt() {
    let world = World::new().await;
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
            .eventually(
                Duration::from_secs(25),
                "the row completes long before MongoDB lets go by itself",
                async || {
                    let standing = standing(&world.app, table, id).await;
                    assert_ne!(
                        standing.status,
                        "failed",
                        "{table}: {:?}\n{}",
                        standing.error,
                        world.evidence()
                    );
                    if standing.status == "completed" { Ok(()) } else { Err(format!("{standing:?}")) }
                },
            )
            .await;
    }
    assert!(second.stop(Duration::from_secs(30)).await.success());
    let attempts = count(&world.app, "select max(attempt_count)::bigint from report_generation_queue").await;
    assert_eq!(attempts, 1, "attempts that counted");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_of_a_killed_worker_runs_again_within_twenty_seconds_with_default_settings() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "facts_employee:").await;
    let address = proxy.url(&url);
    let first = world.worker(&[("ORRERY_POSTGRES_URL", &address)]).await;
    proxy.arm();
    let id = rows::report(&world.app, ANNA, "personality_role_specific").await;
    held(&world, &proxy, 1).await;
    first.kill();
    let died = Instant::now();
    let _third = world.worker(&[]).await;
    world.completed(REPORTS, id).await;
    let seconds = died.elapsed().as_secs_f64();
    assert!(seconds < 20.0, "{seconds} s from the death to the report\n{}", world.evidence());
    let life: (i32, i64) = sqlx::query_as(
        "select attempt_count, (select count(*) from report_generation_errors) from report_generation_queue",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    assert_eq!(life, (1, 0), "the death burnt no attempt and is no error");
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_document_whose_row_was_cancelled_after_its_worker_died_is_removed_and_none_before() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    // By now the documents are in MongoDB, and PostgreSQL knows nothing of them.
    let proxy = Proxy::start(&url, "complete_report:").await;
    let address = proxy.url(&url);
    let first = world.worker(&[("ORRERY_POSTGRES_URL", &address)]).await;
    let kept = rows::report(&world.app, BEN, "training_development").await;
    world.completed(REPORTS, kept).await;
    proxy.arm();
    // A connection sends the text of a statement once, so it takes as many rows as there are connections at most.
    let mut orphan = Uuid::nil();
    for _ in 0..20 {
        orphan = rows::new_version(&world.app, ANNA, "training_development").await;
        let ended = world
            .eventually(Duration::from_secs(20), "the row is held or ends", async || {
                let ended = standing(&world.app, REPORTS, orphan).await.status == "completed";
                if ended || proxy.held() > 0 { Ok(ended) } else { Err("neither".to_owned()) }
            })
            .await;
        if !ended {
            break;
        }
    }
    first.kill();
    let reconciler = Reconciler::new(world.context());
    let reports = async || world.reports("reports", doc! { "job.id": orphan.to_string() }).await.len();
    assert_eq!(reports().await, 1, "the document of the dead worker");
    assert_eq!(reconciler.remove_orphans(Duration::ZERO).await.unwrap(), 0, "a retry will still write it");
    assert_eq!(reports().await, 1);

    sqlx::query("update report_generation_queue set status = 'cancelled' where id = $1")
        .bind(orphan)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(reconciler.remove_orphans(Duration::ZERO).await.unwrap(), 1);
    assert_eq!(reports().await, 0);
    assert_eq!(
        count(&world.app, "select count(*) from orrery.finding where kind = 'orphan_document'").await,
        1
    );
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_documents_of_a_dead_and_cancelled_row_go_when_the_next_row_takes_its_version() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    // By now the documents are in MongoDB, and PostgreSQL knows nothing of them.
    let proxy = Proxy::start(&url, "complete_report:").await;
    let first = world.worker(&[("ORRERY_POSTGRES_URL", &proxy.url(&url))]).await;
    proxy.arm();
    let orphan = rows::report(&world.app, ANNA, "training_development").await;
    held(&world, &proxy, 1).await;
    first.kill();
    sqlx::query("update report_generation_queue set status = 'cancelled' where id = $1")
        .bind(orphan)
        .execute(&world.app)
        .await
        .unwrap();

    let mut second = world.worker(&QUICK).await;
    let next = rows::report(&world.app, ANNA, "training_development").await;
    world.completed(REPORTS, next).await;
    assert!(second.stop(Duration::from_secs(30)).await.success());
    world.assert_stores_agree().await;
    world.close().await;
}
