//! Workers and migrations of two versions beside each other, as docs/upgrade.md promises.

use std::time::Duration;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, run};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_worker_works_on_while_the_newest_migration_is_applied_and_starts_on_a_schema_that_is_ahead() {
    let world = World::new().await;
    let mut worker = world.worker(&[]).await;
    let newest: i64 = sqlx::query_scalar("select max(version) from _orrery_migrations")
        .fetch_one(&world.app)
        .await
        .unwrap();
    let below = (newest - 1).to_string();
    for arguments in [vec!["migrate", "down", "--to", &below, "--yes"], vec!["migrate", "up"]] {
        let (good, _, wrong) = world.run(&arguments);
        assert!(good, "{arguments:?}: {wrong}");
        let id = rows::new_version(&world.app, ANNA, "compatibility_company").await;
        world.completed(REPORTS, id).await;
    }
    assert!(worker.exit().is_none(), "it is the worker that was there before");
    assert!(worker.stop(Duration::from_secs(30)).await.success());

    run(
        &world.app,
        "insert into _orrery_migrations (version, description, success, checksum, execution_time)
         values (9999, 'of a later version', true, '', 0)",
    )
    .await;
    let mut old = world.worker(&[]).await;
    let id = rows::new_version(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, id).await;
    let (good, _, wrong) = world.run(&["migrate", "up"]);
    assert!(!good && wrong.contains("9999"), "{wrong}");
    assert!(old.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
