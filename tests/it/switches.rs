//! Pauses, breakers, and the answer to "why does it not run?".

use std::time::Duration;

use orrery::queue::claim::{Terms, claim};
use orrery::queue::explain::standing as explain;
use orrery::queue::{Dependency, InFlight, JobError, Queue, Stage, control};
use serde_json::json;
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::{end_leases, permanent, terms};
use crate::support::platform::{ANNA, BEN, COMPANY};
use crate::support::rows::{self, REPORTS, count, dispatch, run, says, standing};

const KIND: &str = "training_development";

/// Codes of what decides about a row.
async fn codes(world: &World, id: Uuid) -> Vec<&'static str> {
    let standing = explain(&world.app, id, 12.0).await.unwrap().expect("a queue has the row");
    standing.reasons().into_iter().map(|reason| reason.code).collect()
}

fn mongodb_down() -> JobError {
    JobError::snooze(Stage::Publish, "store.mongodb_unavailable", "MongoDB does not answer", Duration::ZERO)
        .because_of(Dependency::Mongodb)
}

#[tokio::test]
async fn a_paused_queue_is_left_alone_until_it_is_resumed() {
    let world = World::new().await;
    let report = rows::report(&world.app, ANNA, KIND).await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    control::set_paused(&world.app, Queue::Report, true, Some("audit week")).await.unwrap();
    assert!(world.claim(Queue::Report, 10).await.is_empty());
    assert_eq!(codes(&world, report).await, ["queue.paused", "workers.none"]);
    assert_eq!(world.claim_one(Queue::Entity).await.lease.job_id, entity, "other queues go on");
    control::set_paused(&world.app, Queue::Report, false, None).await.unwrap();
    assert_eq!(world.claim_one(Queue::Report).await.lease.job_id, report);
    world.close().await;
}

#[tokio::test]
async fn three_failures_open_a_breaker_for_the_whole_fleet_and_one_probe_closes_it() {
    let world = World::new().await;
    for _ in 0..4 {
        rows::report(&world.app, ANNA, KIND).await;
    }
    let jobs = world.claim(Queue::Report, 3).await;
    for (number, job) in jobs.iter().enumerate() {
        let open = count(&world.app, "select count(*) from orrery.breaker where state <> 'closed'").await;
        assert_eq!(open, 0, "after {number} failures");
        world.settle(job, &mongodb_down()).await;
    }
    assert!(world.claim(Queue::Report, 10).await.is_empty(), "nothing that needs MongoDB is claimed");
    let parked = dispatch(&world.app, jobs[0].lease.job_id).await.unwrap();
    assert_eq!((parked.attempts, parked.state.as_str()), (0, "ready"), "no attempt is burnt");
    assert_eq!(codes(&world, parked_id(&world).await).await, ["breaker.open", "workers.none"]);

    let limit = Duration::from_mins(1);
    let (one, other) = (world.breakers("one"), world.breakers("other"));
    assert!(one.take_probe("mongodb", limit).await.unwrap());
    assert!(!other.take_probe("mongodb", limit).await.unwrap(), "one probe at a time");
    one.probed("mongodb", &Err("still down".to_owned())).await.unwrap();
    assert!(world.claim(Queue::Report, 10).await.is_empty(), "a bad probe leaves it open");
    assert!(other.take_probe("mongodb", limit).await.unwrap(), "the next probe is anybody's");
    other.probed("mongodb", &Ok(())).await.unwrap();
    assert_eq!(world.claim(Queue::Report, 10).await.len(), 4);
    let events: Vec<String> = sqlx::query_scalar("select topic from orrery.outbox order by id")
        .fetch_all(&world.app)
        .await
        .unwrap();
    assert_eq!(events, ["breaker.opened", "breaker.closed"]);
    world.close().await;
}

/// Any row that is ready.
async fn parked_id(world: &World) -> Uuid {
    sqlx::query_scalar("select job_id from orrery.dispatch where state = 'ready' limit 1")
        .fetch_one(&world.app)
        .await
        .unwrap()
}

#[tokio::test]
async fn a_row_says_why_it_does_not_run() {
    let world = World::new().await;
    let parent = rows::report(&world.app, ANNA, KIND).await;
    let child = rows::report_after(&world.app, BEN, KIND, parent).await;
    assert_eq!(codes(&world, parent).await, ["workers.none"]);
    assert_eq!(codes(&world, child).await, ["waiting.parent"]);

    run(&world.app, "insert into orrery.worker (worker_id, host, pid, version) values ('w', 'h', 1, '0')")
        .await;
    assert_eq!(codes(&world, parent).await, ["next"]);
    run(&world.app, "update report_generation_queue set scheduled_for = now() + interval '1 day' where depends_on_queue_id is null").await;
    assert_eq!(codes(&world, parent).await, ["later"]);
    run(
        &world.app,
        "update report_generation_queue set scheduled_for = null where depends_on_queue_id is null",
    )
    .await;
    sqlx::query("insert into orrery.organization_policy (organization_id, paused) values ($1, true)")
        .bind(COMPANY.to_string())
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(codes(&world, parent).await, ["organization.paused"]);
    run(&world.app, "update orrery.organization_policy set paused = false, max_in_flight = 0").await;
    assert_eq!(codes(&world, parent).await, ["organization.cap"]);
    run(&world.app, "delete from orrery.organization_policy").await;

    let job = world.claim_one(Queue::Report).await;
    assert_eq!(codes(&world, parent).await, ["running"]);
    run(
        &world.app,
        "update orrery.dispatch set lease_expires_at = now() - interval '1 second' where state = 'leased'",
    )
    .await;
    assert_eq!(codes(&world, parent).await, ["lease.expired"]);
    world.settle(&job, &permanent()).await;
    assert_eq!(codes(&world, parent).await, ["ended.failed"]);
    assert_eq!(codes(&world, child).await, ["ended.failed"]);
    assert!(explain(&world.app, Uuid::nil(), 12.0).await.unwrap().is_none());
    world.close().await;
}

#[tokio::test]
async fn a_row_over_which_workers_died_says_so() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    run(&world.app, "insert into orrery.worker (worker_id, host, pid, version) values ('w', 'h', 1, '0')")
        .await;
    for death in 1..=3 {
        world.claim_one(Queue::Report).await;
        end_leases(&world.app).await;
        world.rescue(Queue::Report).await;
        let wanted: &[&str] = if death < 3 { &["suspect"] } else { &["quarantined", "ended.failed"] };
        assert_eq!(codes(&world, id).await, wanted, "death {death}");
    }
    world.close().await;
}

#[tokio::test]
async fn a_row_that_was_claimed_ahead_of_a_slot_says_that_it_does_not_run_yet() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    let ahead = Terms { tells: true, ..terms("tester") };
    let claimed = claim(&world.worker_pool, Queue::Report, &ahead, 1, 1).await.unwrap();
    assert_eq!(codes(&world, id).await, ["claimed"]);
    let job = &claimed.jobs[0];
    let inflight = InFlight::default();
    inflight.add_claimed(job.lease, job.signal.clone(), true);
    inflight.begin(&world.worker_pool, &[job.lease]).await.unwrap();
    assert_eq!(codes(&world, id).await, ["running"]);
    world.close().await;
}

#[tokio::test]
async fn a_row_that_waits_for_one_that_does_not_exist_says_so() {
    let world = World::new().await;
    // Tables that were there before Orrery need not have this key.
    run(&world.app, "alter table report_generation_queue drop constraint fk_queue_depends_on").await;
    let id = rows::report_after(&world.app, ANNA, KIND, Uuid::from_u128(1)).await;
    assert_eq!(codes(&world, id).await, ["waiting.parent_missing"]);
    // The way out that it names.
    run(&world.app, "update report_generation_queue set depends_on_queue_id = null").await;
    assert_eq!(codes(&world, id).await, ["workers.none"]);
    world.close().await;
}

#[tokio::test]
async fn the_commands_of_an_operator_do_what_they_say() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, KIND).await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let run = |arguments: &[&str]| world.run(arguments);
    let (id_text, entity_text) = (id.to_string(), entity.to_string());
    says(
        &run(&["queues", "pause", "report", "--note", "audit week"]).1,
        &["report: paused", "0 rows still run"],
    );
    says(&run(&["explain", &id_text]).1, &[REPORTS, "paused", "audit week", "orrery queues resume report"]);
    says(&run(&["queues", "drain", "entity"]).1, &["nothing of it runs"]);
    says(&run(&["queues", "resume", "report"]).1, &["report: goes on"]);
    let answer: serde_json::Value =
        serde_json::from_str(&run(&["explain", &id_text, "--json"]).1).expect("JSON");
    assert_eq!(answer["reasons"][0]["code"], json!("workers.none"));

    says(&run(&["jobs", "cancel", &id_text, &entity_text]).1, &["pending -> cancelled", "queued -> skipped"]);
    assert_eq!(standing(&world.app, REPORTS, id).await.status, "cancelled");
    assert!(dispatch(&world.app, id).await.is_none());
    let (good, text, wrong) = run(&["jobs", "cancel", &id_text]);
    assert!(!good);
    says(&text, &["left cancelled"]);
    says(&wrong, &["1 rows were left"]);
    says(&run(&["jobs", "retry", &id_text]).1, &["cancelled -> pending"]);
    assert_eq!(world.claim_one(Queue::Report).await.lease.job_id, id);

    let (good, _, wrong) = run(&["explain", &Uuid::nil().to_string()]);
    assert!(!good);
    says(&wrong, &["no queue has a row"]);
    let (good, _, wrong) = run(&["queues", "pause", "reports"]);
    assert!(!good);
    says(&wrong, &["reports", "report, entity, quarter, calculation"]);
    world.close().await;
}
