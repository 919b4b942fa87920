//! Connections that go dark: nothing comes over them any more, not even their end.

use std::time::Duration;

use chrono::Utc;

use super::{QUICK, held};
use crate::support::World;
use crate::support::jobs::until_leased;
use crate::support::platform::{ANNA, BEN};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count, dispatch};
use crate::support::servers::mongodb_uri;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_whose_connections_to_postgresql_go_dark_keeps_its_job_and_takes_the_next() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let to_postgres = Proxy::start(&url, "").await;
    let to_mongodb = Proxy::start(&mongodb_uri(), "startTransaction").await;
    let (postgres, mongodb) = (to_postgres.url(&url), to_mongodb.url(&mongodb_uri()));
    let mut settings = QUICK.to_vec();
    settings.extend([
        ("ORRERY_POSTGRES_URL", postgres.as_str()),
        ("ORRERY_POSTGRES_CONNECT_TIMEOUT_S", "2"),
        ("ORRERY_POSTGRES_STATEMENT_TIMEOUT_S", "5"),
        ("ORRERY_MONGODB_URI", mongodb.as_str()),
        // Room for a heartbeat that gets no answer and a second one.
        ("ORRERY_QUEUE_LEASE_S", "6"),
    ]);
    let mut worker = world.worker(&settings).await;
    to_mongodb.arm();
    let running = rows::report(&world.app, ANNA, "personality_role_specific").await;
    held(&world, &to_mongodb, 1).await;
    let token = dispatch(&world.app, running).await.expect("it is claimed").token;

    // A heartbeat waits for the row of its worker, so it is on its way when the connections go dark; the others are idle then.
    let mut hold = world.app.begin().await.unwrap();
    sqlx::query("select 1 from orrery.worker for no key update").execute(&mut *hold).await.unwrap();
    world
        .eventually(Duration::from_secs(10), "a heartbeat is on its way", async || {
            let waiting = count(
                &world.app,
                "select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock' and query like '-- heartbeat:%'",
            )
            .await;
            if waiting > 0 { Ok(()) } else { Err("none waits".to_owned()) }
        })
        .await;
    to_postgres.go_dark();
    let dark = Utc::now();
    hold.rollback().await.unwrap();

    let next = rows::report(&world.app, BEN, "compatibility_company").await;
    until_leased(&world, 2).await;
    world
        .eventually(
            Duration::from_secs(20),
            "the lease is renewed when it would have run out without heartbeats",
            async || {
                let seen = dispatch(&world.app, running).await.expect("it runs");
                let kept = (seen.token, seen.crashes) == (token, 0);
                assert!(kept, "the lease was lost: {seen:?}\n{}", world.evidence());
                let renewed: bool = sqlx::query_scalar(
                    "select coalesce(heartbeat_at > $2::timestamptz + interval '7 seconds', false)
                     from orrery.dispatch where job_id = $1",
                )
                .bind(running)
                .bind(dark)
                .fetch_one(&world.app)
                .await
                .unwrap();
                if renewed { Ok(()) } else { Err("not yet".to_owned()) }
            },
        )
        .await;
    to_mongodb.release();
    for id in [running, next] {
        world.completed(REPORTS, id).await;
        assert_eq!(rows::attempts(&world.app, id).await, 1, "{}", world.evidence());
    }
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.assert_stores_agree().await;
    world.close().await;
}
