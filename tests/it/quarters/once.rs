//! However many start a quarter, it runs once.

use std::process::Stdio;
use std::time::Duration;

use orrery::queue::Queue;
use uuid::Uuid;

use super::{schedule, until};
use crate::crash::QUICK;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, BEN};
use crate::support::rows::{count, says};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_and_two_timers_at_the_same_second_make_one_run() {
    let world = World::new().await;
    crowd(&world.app, 60).await;
    let settings = [("ORRERY_QUARTER_LOOK_MS", "50"), ("ORRERY_ENTITY_BATCH", "10")];
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(world.worker(&settings).await);
    }
    let timers: Vec<_> = (0..2)
        .map(|_| {
            let mut timer = world.program(&["quarter", "start", "2031-Q1", "--json"]);
            timer.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
        })
        .collect();
    for timer in timers {
        let output = timer.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let id: Uuid =
        sqlx::query_scalar("select id from quarterly_update_schedule").fetch_one(&world.app).await.unwrap();
    until(&world, id, "completed").await;
    for (what, sql, wanted) in [
        ("begun once", "select count(*) from orrery.outbox where topic = 'quarter.started'", 1),
        ("closed once", "select count(*) from orrery.outbox where topic = 'quarter.completed'", 1),
        ("a row for each entity", "select count(*) from entity_update_queue", 66),
        ("no entity twice", "select count(distinct (entity_type, entity_id)) from entity_update_queue", 66),
        ("none left", "select count(*) from orrery.dispatch", 0),
        (
            "nothing was tried twice",
            "select coalesce(sum(retry_count), 0)::bigint from entity_update_queue where queue_status = 'completed'",
            0,
        ),
        (
            "no calculation is told twice",
            "select count(*) from (select job_id from calculation_audit_log where event_type = 'job_completed' group by 1 having count(*) > 1) x",
            0,
        ),
    ] {
        assert_eq!(count(&world.app, sql).await, wanted, "{what}");
    }
    for mut worker in workers {
        assert!(worker.stop(Duration::from_secs(30)).await.success());
    }
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_workers_share_a_quarter_evenly() {
    let world = World::new().await;
    crowd(&world.app, 600).await;
    // Few rows at a time, so that each worker comes back for more often enough to count.
    let settings = [
        ("ORRERY_QUARTER_LOOK_MS", "100"),
        ("ORRERY_ENTITY_BATCH", "10"),
        ("ORRERY_ENTITY_PREFETCH", "20"),
        ("ORRERY_REPORT_ENABLED", "false"),
    ];
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(world.worker(&settings).await);
    }
    says(&world.run(&["quarter", "start", "2031-Q1"]).1, &["started"]);
    let id: Uuid =
        sqlx::query_scalar("select id from quarterly_update_schedule").fetch_one(&world.app).await.unwrap();
    until(&world, id, "completed").await;
    let shares: Vec<(String, i64)> = sqlx::query_as(
        "select server_instance, count(*) from calculation_audit_log where event_type = 'job_completed' group by 1 order by 1",
    )
    .fetch_all(&world.app)
    .await
    .unwrap();
    let all = count(&world.app, "select count(*) from calculation_jobs where job_status = 'completed'").await;
    assert!(all > 1_200, "a chart and a code for each person at least, not {all}");
    assert_eq!(shares.iter().map(|(_, share)| share).sum::<i64>(), all);
    assert_eq!(shares.len(), 3, "{shares:?}");
    assert!(shares.iter().all(|(_, share)| *share >= all / 6), "{shares:?} of {all}");
    for mut worker in workers {
        assert!(worker.stop(Duration::from_secs(30)).await.success());
    }
    world.close().await;
}

#[tokio::test]
async fn a_worker_that_dies_between_two_pages_leaves_what_it_made_and_the_next_goes_on_behind_it() {
    let world = World::new().await;
    crowd(&world.app, 20).await;
    let id = schedule(&world.app, "Q1", 2031, true).await;
    let job = world.claim_one(Queue::Quarter).await;
    // What the worker does that dies: it begins the run and makes the first page, of two people.
    sqlx::query(include_str!("../../../src/pipeline/sql/quarter_run.sql"))
        .bind(id)
        .execute(&world.worker_pool)
        .await
        .unwrap();
    let (_, last): (Uuid, Uuid) =
        sqlx::query_as(include_str!("../../../src/pipeline/sql/expand_quarter.sql"))
            .bind(id)
            .bind(1_i32)
            .bind(Uuid::nil())
            .bind(Uuid::nil())
            .bind(2_i64)
            .bind(job.lease.token)
            .fetch_one(&world.worker_pool)
            .await
            .unwrap();
    assert_eq!(last, BEN);
    let first: Vec<(Uuid, String)> =
        sqlx::query_as("select id, entity_id from entity_update_queue order by entity_id")
            .fetch_all(&world.app)
            .await
            .unwrap();
    let entities: Vec<&str> = first.iter().map(|(_, entity)| entity.as_str()).collect();
    assert_eq!(entities, [ANNA.to_string(), BEN.to_string()]);
    let noted = "select count(*) from orrery.quarter_run where kind = 1 and after_id <> '00000000-0000-0000-0000-000000000000'";
    assert_eq!(count(&world.app, noted).await, 1, "how far it came is noted with the page");
    end_leases(&world.app).await;

    let mut worker = world.worker(&QUICK).await;
    until(&world, id, "completed").await;
    for (what, sql, wanted) in [
        ("a row for each entity", "select count(*) from entity_update_queue", 26),
        ("no entity twice", "select count(distinct (entity_type, entity_id)) from entity_update_queue", 26),
        ("begun once", "select count(*) from orrery.outbox where topic = 'quarter.started'", 1),
    ] {
        assert_eq!(count(&world.app, sql).await, wanted, "{what}");
    }
    let ids: Vec<Uuid> = first.iter().map(|(id, _)| *id).collect();
    let still: Vec<(Uuid, String)> = sqlx::query_as(
        "select id, entity_id from entity_update_queue where id = any ($1) order by entity_id",
    )
    .bind(ids)
    .fetch_all(&world.app)
    .await
    .unwrap();
    assert_eq!(still, first, "the rows of the first page are the same");
    assert!(worker.stop(Duration::from_secs(30)).await.success());
    world.close().await;
}
