//! Connections that go dark: nothing comes over them any more, not even their end.

use std::time::Duration;

use chrono::Utc;
use orrery::queue::notify::Wake;
use orrery::queue::{InFlight, Outage, Queue, StopReason};
use orrery::runtime::Listener;
use orrery::store::pg::{self, Role};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{QUICK, held};
use crate::support::World;
use crate::support::jobs::until_leased;
use crate::support::platform::{ANNA, BEN, USER};
use crate::support::proxy::Proxy;
use crate::support::rows::{self, REPORTS, count, dispatch, run, says};
use crate::support::servers::mongodb_uri;
use crate::support::worker::Worker;

/// Settings of a worker that reaches PostgreSQL at this address and does not wait long for its answers.
fn impatient(address: &str) -> Vec<(&str, &str)> {
    let mut settings = QUICK.to_vec();
    settings.extend([
        ("ORRERY_POSTGRES_URL", address),
        ("ORRERY_POSTGRES_CONNECT_TIMEOUT_S", "2"),
        ("ORRERY_POSTGRES_STATEMENT_TIMEOUT_S", "3"),
        // A sweep that waited for long is followed by one after ten times as long at the latest.
        ("ORRERY_QUEUE_SWEEP_S", "1"),
    ]);
    settings
}

/// A worker whose connections go dark while a statement with the pattern of the proxy is on its way.
async fn goes_dark_as_it_asks(world: &World, proxy: &Proxy, settings: &[(&str, &str)]) -> Worker {
    proxy.arm();
    let worker = world.worker(settings).await;
    held(world, proxy, 1).await;
    proxy.go_dark();
    proxy.release();
    worker
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_wait_for_themselves_are_found_after_the_look_at_waiting_rows_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "orrery.settle_waiting()").await;
    let address = proxy.url(&url);
    let mut worker = goes_dark_as_it_asks(&world, &proxy, &impatient(&address)).await;
    let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
    sqlx::query(
        "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
         values ($1, $3, 'compatibility_company', $4, $2), ($2, $3, 'compatibility_industry', $4, $1)",
    )
    .bind(one)
    .bind(other)
    .bind(ANNA)
    .bind(USER)
    .execute(&world.app)
    .await
    .unwrap();
    for id in [one, other] {
        says(&world.failed(REPORTS, id).await, &["waits for itself"]);
    }
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_that_no_trigger_saw_are_found_after_a_sweep_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "sweep_dependencies:").await;
    let address = proxy.url(&url);
    let mut worker = goes_dark_as_it_asks(&world, &proxy, &impatient(&address)).await;
    let mut unseeing = world.app.begin().await.unwrap();
    sqlx::query("set local session_replication_role = replica").execute(&mut *unseeing).await.unwrap();
    let unseen: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, 'compatibility_company', $2) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *unseeing)
    .await
    .unwrap();
    unseeing.commit().await.unwrap();
    world.completed(REPORTS, unseen).await;
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspect_runs_in_another_lane_after_the_claim_of_the_first_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "claim_report:").await;
    let address = proxy.url(&url);
    let mut worker = world.worker(&impatient(&address)).await;
    // The worker has sent the text of its own claim by then: what is held back is the claim of a lane.
    let before = rows::report(&world.app, BEN, "compatibility_company").await;
    world.completed(REPORTS, before).await;
    proxy.arm();
    let mut both = world.app.begin().await.unwrap();
    let suspect: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, 'compatibility_company', $2) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *both)
    .await
    .unwrap();
    sqlx::query("update orrery.dispatch set crashes = 1 where job_id = $1")
        .bind(suspect)
        .execute(&mut *both)
        .await
        .unwrap();
    both.commit().await.unwrap();
    held(&world, &proxy, 1).await;
    proxy.go_dark();
    proxy.release();
    world.completed(REPORTS, suspect).await;
    let lanes = "select count(*) from report_generation_queue q join orrery.worker w using (worker_id)
                 where w.lane_of is not null";
    assert_eq!(count(&world.app, lanes).await, 1, "rows that ran in a lane");
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_row_fails_and_its_slot_is_free_after_the_connection_that_tells_so_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "fail_report:").await;
    let address = proxy.url(&url);
    let mut settings = impatient(&address);
    settings.extend([("ORRERY_REPORT_CONCURRENCY", "1"), ("ORRERY_REPORT_PREFETCH", "1")]);
    let mut worker = world.worker(&settings).await;
    proxy.arm();
    // Has no questionnaire.
    let wrong = rows::report(&world.app, ANNA, "questionnaire_qa").await;
    held(&world, &proxy, 1).await;
    proxy.go_dark();
    proxy.release();
    let next = rows::report(&world.app, BEN, "compatibility_company").await;
    says(&world.failed(REPORTS, wrong).await, &["questionnaires", "none is on record"]);
    world.completed(REPORTS, next).await;
    assert_eq!(rows::attempts(&world.app, wrong).await, 1, "it was told late, not tried again");
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_published_and_burns_no_attempt_after_its_only_connection_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "complete_report:").await;
    let address = proxy.url(&url);
    let mut settings = impatient(&address);
    settings.extend([("ORRERY_POSTGRES_MAX_CONNECTIONS", "1"), ("ORRERY_REPORT_CONCURRENCY", "1")]);
    let mut worker = world.worker(&settings).await;
    proxy.arm();
    let row = rows::report(&world.app, ANNA, "compatibility_company").await;
    held(&world, &proxy, 1).await;
    proxy.go_dark();
    proxy.release();
    world.completed(REPORTS, row).await;
    assert_eq!(rows::attempts(&world.app, row).await, 1);
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.assert_stores_agree().await;
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_breaker_closes_after_the_connection_of_its_probe_went_dark() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let to_postgres = Proxy::start(&url, "breaker_probe:").await;
    let to_mongodb = Proxy::start(&mongodb_uri(), "").await;
    let (postgres, mongodb) = (to_postgres.url(&url), to_mongodb.url(&mongodb_uri()));
    let mut settings = impatient(&postgres);
    settings.extend([
        ("ORRERY_MONGODB_URI", mongodb.as_str()),
        ("ORRERY_MONGODB_SERVER_SELECTION_TIMEOUT_S", "1"),
        ("ORRERY_BREAKER_FAILURES", "1"),
    ]);
    let mut worker = world.worker(&settings).await;
    to_mongodb.cut();
    to_postgres.arm();
    let row = rows::report(&world.app, ANNA, "compatibility_company").await;
    held(&world, &to_postgres, 1).await;
    to_postgres.go_dark();
    to_postgres.release();
    to_mongodb.mend();
    world.completed(REPORTS, row).await;
    assert_eq!(count(&world.app, "select count(*) from orrery.breaker where state <> 'closed'").await, 0);
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_chore_whose_statement_gets_no_answer_is_given_up_and_its_next_round_does_the_work() {
    let world = World::new().await;
    let url = world.config.postgres.url.clone();
    let proxy = Proxy::start(&url, "orrery.roll_up_reports()").await;
    let address = proxy.url(&url);
    let mut settings = impatient(&address);
    settings.extend([
        // Ten times as long as a statement may take is half a minute then.
        ("ORRERY_POSTGRES_CONNECT_TIMEOUT_S", "1"),
        ("ORRERY_POSTGRES_STATEMENT_TIMEOUT_S", "2"),
        ("ORRERY_FIGURES_EVERY_S", "1"),
    ]);
    let mut worker = goes_dark_as_it_asks(&world, &proxy, &settings).await;
    let row = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, row).await;
    world
        .eventually(Duration::from_mins(1), "the score is compared with others", async || {
            let marks = count(&world.app, "select count(*) from orrery.benchmark_mark").await;
            if marks == 0 { Ok(()) } else { Err(format!("{marks} marks")) }
        })
        .await;
    assert!(worker.exit().is_none(), "it is the same worker\n{}", world.evidence());
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_listener_whose_connection_went_dark_hears_of_cancelled_rows_again() {
    let world = World::new().await;
    let proxy = Proxy::start(&world.config.postgres.url, "").await;
    let mut config = world.config.postgres.clone();
    config.url = proxy.url(&config.url);
    let pool = pg::connect(&config, Role::Worker).await.unwrap();
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    let (inflight, wake, stop) = (InFlight::default(), Wake::default(), CancellationToken::new());
    inflight.add(job.lease, job.signal.clone());
    let limit = Duration::from_secs(2);
    let listener = Listener::new(&pool, limit, wake.clone(), inflight.clone(), Outage::default());
    tokio::spawn(listener.run(stop.clone()));
    // A wake-up without a notice says that it listens anew.
    let listens = async || {
        let woken = tokio::time::timeout(Duration::from_secs(30), wake.of(Queue::Report).notified());
        woken.await.expect("it listens");
    };
    listens().await;
    proxy.go_dark();
    listens().await;
    run(&world.app, "update report_generation_queue set status = 'cancelled'").await;
    world
        .eventually(Duration::from_secs(10), "the running job is told to stop", async || {
            let told = job.signal.reason();
            if told == Some(StopReason::Cancelled) { Ok(()) } else { Err(format!("{told:?}")) }
        })
        .await;
    stop.cancel();
    world.close().await;
}

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
