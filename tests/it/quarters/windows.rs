//! The window of a quarter: its rows wait outside it, and what an operator and the misfire policy make of it.

use std::time::Duration;

use super::{SCHEDULES, schedule, until, until_count};
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::platform::ANNA;
use crate::support::rows::{self, REPORTS, count, says};
use orrery::queue::{Queue, explain};

const WAITING: &str = "select count(*) from orrery.dispatch where queue = 'entity' and state = 'waiting'";
const READY: &str = "select count(*) from orrery.dispatch where queue = 'entity' and state = 'ready'";
const OPEN: &str =
    "execution_start_time = '12:00', execution_end_time = '11:59:59', scheduled_date = current_date - 2";
const SHUT: &str = "execution_start_time = ((now() + interval '2 hours') at time zone 'UTC')::time,
                    execution_end_time = ((now() + interval '3 hours') at time zone 'UTC')::time, scheduled_date = current_date";

#[tokio::test]
async fn rows_of_a_quarter_wait_while_its_window_is_closed_or_it_is_paused_and_others_go_on() {
    let world = World::new().await;
    crowd(&world.app, 40).await;
    // Nothing is claimed here but the looks, so that what waits can be counted.
    let mut worker =
        world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100"), ("ORRERY_ENTITY_ENABLED", "false")]).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    until_count(&world, "rows may run", READY, 46).await;

    rows::run(&world.app, &format!("update quarterly_update_schedule set {SHUT}")).await;
    until_count(&world, "all rows wait for the window", WAITING, 46).await;
    let other = rows::entity(
        &world.app,
        "employee",
        &crate::support::platform::ANNA.to_string(),
        crate::support::platform::COMPANY,
    )
    .await;
    let job = world.claim_one(Queue::Entity).await;
    assert_eq!(job.lease.job_id, other, "only what belongs to no quarter is claimed");
    assert!(world.complete(&job).await);
    let held: uuid::Uuid =
        sqlx::query_scalar("select job_id from orrery.dispatch where state = 'waiting' limit 1")
            .fetch_one(&world.app)
            .await
            .unwrap();
    let why = explain::standing(&world.app, held, 12.0).await.unwrap().unwrap().reasons();
    assert_eq!(why[0].code, "waiting.quarter");
    says(&world.run(&["quarter", "status", "2031-Q1"]).1, &["2031-Q1: waits for its window", "of 46 rows"]);

    rows::run(&world.app, &format!("update quarterly_update_schedule set {OPEN}")).await;
    until_count(&world, "the rows may run again", READY, 46).await;

    says(&world.run(&["quarter", "pause", "--note", "audit week"]).1, &["2031-Q1: paused"]);
    until_count(&world, "a pause holds them too", WAITING, 46).await;
    says(&world.run(&["quarter", "status"]).1, &["paused (audit week)"]);
    says(&world.run(&["quarter", "resume"]).1, &["2031-Q1: resumed", "inside its window"]);
    until_count(&world, "a resumed quarter goes on", READY, 46).await;

    says(&world.run(&["quarter", "cancel", "2031-Q1"]).1, &["46 rows ended as skipped"]);
    assert_eq!(rows::standing(&world.app, SCHEDULES, id).await.status, "cancelled");
    assert_eq!(
        count(&world.app, "select count(*) from entity_update_queue where queue_status = 'skipped'").await,
        46
    );
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    assert_eq!(world.json_of(&["quarter", "status", "2031-Q1", "--json"])[0]["skipped"], 46);
    let (good, _, wrong) = world.run(&["quarter", "cancel", "2031-Q1"]);
    assert!(!good);
    says(&wrong, &["is cancelled"]);

    says(&world.run(&["quarter", "start", "2031-Q1"]).1, &["started"]);
    until_count(&world, "what the cancel ended runs after all", READY, 46).await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

#[tokio::test]
async fn a_missed_quarter_runs_late_or_fails_as_the_misfire_policy_says() {
    let world = World::new().await;
    let mut worker =
        world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100"), ("ORRERY_QUARTER_MISFIRE", "skip")]).await;
    let missed = schedule(&world.app, "Q1", 2024, true).await;
    let message = world.failed(SCHEDULES, missed).await;
    says(&message, &["quarter.missed", "orrery quarter start 2024-Q1"]);
    assert_eq!(count(&world.app, "select count(*) from entity_update_queue").await, 0);
    assert!(worker.stop(Duration::from_secs(30)).await.success());

    let mut worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
    rows::run(&world.app, "update quarterly_update_schedule set status = 'scheduled'").await;
    until(&world, missed, "completed").await;
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}

/// Waits until a worker has looked at a quarter and then has done something else.
async fn looked_at(world: &World, quarter: &str) {
    let looked = format!(
        "select count(*) from orrery.quarter_run r join quarterly_update_schedule s on s.id = r.schedule_id
         where r.seen_at is not null and s.year = 2031 and s.quarter = '{quarter}'"
    );
    until_count(world, "a worker has looked at the quarter", &looked, 1).await;
    let probe = rows::new_version(&world.app, ANNA, "compatibility_company").await;
    world.completed(REPORTS, probe).await;
}

#[tokio::test]
async fn a_timer_leaves_a_quarter_to_its_window_and_a_paused_one_paused() {
    let world = World::new().await;
    crowd(&world.app, 20).await;
    let mut worker = world.worker(&[("ORRERY_QUARTER_LOOK_MS", "100")]).await;
    let id = schedule(&world.app, "Q1", 2031, false).await;
    let of = |quarter: &str| format!("where year = 2031 and quarter = '{quarter}'");
    rows::run(&world.app, &format!("update quarterly_update_schedule set {SHUT} {}", of("Q1"))).await;
    let (good, said, wrong) = world.run(&["quarter", "start", "2031-Q1", "--scheduled"]);
    assert!(good, "{wrong}");
    says(&said, &["2031-Q1: scheduled; it runs inside its window, ", " UTC from "]);
    looked_at(&world, "Q1").await;
    let made = "select count(*) from entity_update_queue";
    assert_eq!(count(&world.app, made).await, 0, "no row is made before the window opens");
    assert_eq!(count(&world.app, "select count(*) from orrery.quarter_run where forced").await, 0);
    says(&world.run(&["quarter", "status", "2031-Q1"]).1, &["2031-Q1: waits for its window"]);

    // A quarter that has no row gets one, and begins on its day.
    let (_, said, _) = world.run(&["quarter", "start", "2031-Q2", "--scheduled"]);
    says(&said, &["2031-Q2: scheduled; it runs inside its window, 03:00 to 06:00 UTC from 2031-04-02"]);
    let again = world.json_of(&["quarter", "start", "2031-Q2", "--scheduled", "--json"]);
    assert_eq!(again["done"], "scheduled");
    let planned = format!(
        "select count(*) from quarterly_update_schedule {} and status = 'scheduled' and scheduled_date = '2031-04-02'",
        of("Q2")
    );
    assert_eq!(count(&world.app, &planned).await, 1);

    schedule(&world.app, "Q3", 2031, false).await;
    says(&world.run(&["quarter", "pause", "2031-Q3", "--note", "audit week"]).1, &["2031-Q3: paused"]);
    rows::run(&world.app, &format!("update quarterly_update_schedule set {OPEN} {}", of("Q3"))).await;
    let (good, said, wrong) = world.run(&["quarter", "start", "2031-Q3", "--scheduled"]);
    assert!(good, "{wrong}");
    says(&said, &["2031-Q3: paused; it is left as it is"]);
    looked_at(&world, "Q3").await;
    assert_eq!(count(&world.app, made).await, 0, "a paused quarter makes no rows");
    says(&world.run(&["quarter", "status", "2031-Q3"]).1, &["paused (audit week)"]);

    rows::run(&world.app, &format!("update quarterly_update_schedule set {OPEN} {}", of("Q1"))).await;
    until(&world, id, "completed").await;
    let ended = format!("{made} where schedule_id = '{id}' and queue_status in ('completed', 'failed')");
    assert_eq!(count(&world.app, &ended).await, 26);
    assert_eq!(count(&world.app, made).await, 26);
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
