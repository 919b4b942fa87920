//! All of one row, failures in groups, and a role that may look and nothing else.

use std::str::FromStr as _;
use std::time::Duration;

use orrery::operate::act::{self, on_one};
use orrery::operate::{Action, audit, failures, jobs, organizations, overview, schedules, workers};
use orrery::queue::Queue;
use serde_json::json;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use uuid::Uuid;

use super::{KIND, actor, failed, filter};
use crate::support::World;
use crate::support::jobs::{permanent, transient};
use crate::support::platform::{ANNA, BEN};
use crate::support::rows::{self, count};

const LEASE: Duration = Duration::from_secs(12);

#[tokio::test]
async fn a_row_shows_what_happened_to_it_and_what_waits_for_it() {
    let world = World::new().await;
    let parent = rows::report_with(&world.app, ANNA, KIND, "x", json!({ "note": "about Anna" })).await;
    let child = rows::report_after(&world.app, BEN, KIND, parent).await;
    let waiting = jobs::show(&world.app, Queue::Report, child, LEASE).await.unwrap().unwrap();
    assert_eq!(waiting.line.state, "waiting");
    assert_eq!((waiting.edges.waits_for[0].id, waiting.edges.waits_for[0].open), (parent, true));

    let job = world.claim_one(Queue::Report).await;
    world.settle(&job, &transient()).await;
    crate::support::jobs::end_waits(&world.app).await;
    let job = world.claim_one(Queue::Report).await;
    let runs = jobs::show(&world.app, Queue::Report, parent, LEASE).await.unwrap().unwrap();
    assert_eq!((runs.line.state.as_str(), runs.line.worker_id.as_deref()), ("running", Some("tester")));
    assert!(runs.lease.is_some_and(|lease| lease.token == Some(job.lease.token)));
    world.settle(&job, &permanent()).await;
    on_one(&world.app, Queue::Report, parent, Action::Cancel, &actor()).await.unwrap();

    let shown = jobs::show(&world.app, Queue::Report, parent, LEASE).await.unwrap().unwrap();
    assert_eq!((shown.line.state.as_str(), shown.line.code.as_deref()), ("failed", Some("test.permanent")));
    assert_eq!(shown.line.attempts, 2);
    let told: Vec<(&str, Option<&str>)> =
        shown.timeline.iter().map(|event| (event.what.as_str(), event.code.as_deref())).collect();
    assert_eq!(told[0], ("created", None));
    for event in [
        ("retry", Some("test.transient")),
        ("failed", Some("test.permanent")),
        ("started", None),
        ("jobs.cancel", None),
    ] {
        assert!(told.contains(&event), "{event:?} is not in {told:?}");
    }
    assert_eq!((shown.edges.holds_up[0].id, shown.edges.holds_up[0].open), (child, false));
    assert_eq!(shown.reasons[0].code, "ended.failed");
    assert_eq!(shown.arguments["request_metadata"]["note"], json!("about Anna"));
    let line = serde_json::to_string(&shown.line).unwrap();
    assert!(!line.contains("about Anna"), "what the application wrote is among the arguments alone: {line}");
    assert!(jobs::show(&world.app, Queue::Entity, parent, LEASE).await.unwrap().is_none());
    world.close().await;
}

#[tokio::test]
async fn failures_are_grouped_by_queue_and_code() {
    let world = World::new().await;
    let many = failed(&world, 7, "test.many").await;
    failed(&world, 1, "test.one").await;
    let calculation = rows::calculation(&world.app, "birth_chart", ANNA, Uuid::nil(), json!({})).await;
    let job = world.claim_one(Queue::Calculation).await;
    world.settle(&job, &permanent()).await;
    let found = failures::groups(&world.app, &filter(&[])).await.unwrap();
    assert!(found.complete);
    let counts: Vec<(&str, &str, u64)> =
        found.groups.iter().map(|group| (group.queue.as_str(), group.code.as_str(), group.rows)).collect();
    assert_eq!(counts[0], ("report", "test.many", 7), "the largest first");
    assert!(
        counts.contains(&("report", "test.one", 1)) && counts.contains(&("calculation", "test.permanent", 1))
    );
    assert!(found.groups[0].sample.len() == 5 && found.groups[0].sample.iter().all(|id| many.contains(id)));
    let one = failures::groups(&world.app, &filter(&[("queue", "calculation")])).await.unwrap().groups;
    assert_eq!((one.len(), one[0].sample.as_slice()), (1, [calculation].as_slice()));
    world.close().await;
}

/// One connection of a user who has the platform's role for reading, and no other.
async fn reader(world: &World) -> PgPool {
    let options = PgConnectOptions::from_str(&world.config.postgres.url).unwrap().options([
        ("role", "planetshr_readonly"),
        ("search_path", "public,calc,analytics"),
        ("timezone", "UTC"),
    ]);
    PgPoolOptions::new().max_connections(1).connect_with(options).await.unwrap()
}

#[tokio::test]
async fn a_role_that_may_only_look_sees_all_and_changes_nothing() {
    let world = World::new().await;
    let broken = *failed(&world, 1, "test.one").await.first().unwrap();
    let child = rows::report(&world.app, ANNA, KIND).await;
    rows::run(
        &world.app,
        "insert into orrery.worker (worker_id, host, pid, version) values ('w', 'h', 1, '0')",
    )
    .await;
    let pool = reader(&world).await;
    for state in ["failed", "ready", "running", "quarantined", "open"] {
        let page = jobs::list(&pool, &filter(&[("state", state)]), None, 10).await.unwrap();
        assert_eq!(page.rows.len(), usize::from(!["running", "quarantined"].contains(&state)), "{state}");
    }
    for id in [broken, child] {
        assert!(jobs::show(&pool, Queue::Report, id, LEASE).await.unwrap().is_some());
    }
    assert_eq!(failures::groups(&pool, &filter(&[])).await.unwrap().groups.len(), 1);
    let overview = overview::overview(&pool).await.unwrap();
    let report = overview.queues.iter().find(|queue| queue.queue == Queue::Report).unwrap();
    assert_eq!((report.ready, report.failed), (1, 1));
    assert_eq!(organizations::list(&pool, 10).await.unwrap()[0].ready, 1);
    assert_eq!(workers::list(&pool, LEASE).await.unwrap().len(), 1);
    assert!(schedules::list(&pool).await.unwrap().is_empty());

    for refused in [
        on_one(&pool, Queue::Report, broken, Action::Retry, &actor()).await.map(drop),
        act::pause_queue(&pool, Queue::Report, true, None, &actor()).await,
        sqlx::query("select held_answer from orrery.llm_calls").execute(&pool).await.map(drop),
    ] {
        let error = refused.expect_err("it may only look").to_string();
        assert!(error.contains("permission denied"), "{error}");
    }
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_queue where status = 'failed'").await,
        1
    );
    assert!(audit::list(&pool, None, 10).await.unwrap().is_empty());
    pool.close().await;
    world.close().await;
}
