//! However many start a quarter, it runs once.

use std::process::Stdio;
use std::time::Duration;

use uuid::Uuid;

use super::until;
use crate::support::World;
use crate::support::crowd::crowd;
use crate::support::rows::count;

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
