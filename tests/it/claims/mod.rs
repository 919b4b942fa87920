//! Which rows are claimed, and by whom.

mod turns;

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use chrono::Datelike as _;
use orrery::queue::Queue;
use orrery::queue::claim::claim;
use orrery::queue::maintenance;
use orrery::queue::settle::put_back;
use serde_json::json;
use sqlx::postgres::PgPoolCopyExt as _;
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::terms;
use crate::support::platform::{ANNA, BEN, COMPANY, USER};
use crate::support::rows::{self, count, dispatch, run};

const COUNT_DISPATCH: &str = "select count(*) from orrery.dispatch where state = 'ready'";

#[tokio::test]
async fn every_row_of_an_insert_an_insert_select_and_a_copy_can_be_claimed() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "training_development").await;
    run(
        &world.app,
        "insert into report_generation_queue (employee_id, report_type, requested_by)
         select '60000000-0000-4000-9000-000000000002', 'compatibility_company', '50000000-0000-4000-9000-000000000001'
         from generate_series(1, 250)",
    )
    .await;
    let mut copy = world
        .app
        .copy_in_raw("copy report_generation_queue (employee_id, report_type, requested_by) from stdin")
        .await
        .unwrap();
    let lines = format!("{ANNA}\tcompatibility_industry\t{USER}\n").repeat(40);
    copy.send(lines.as_bytes()).await.unwrap();
    copy.finish().await.unwrap();
    assert_eq!(count(&world.app, COUNT_DISPATCH).await, 291);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch where priority = 5").await, 291);

    let claimed = world.claim(Queue::Report, 500).await;
    assert_eq!(claimed.len(), 291);
    assert!(claimed.iter().all(|job| job.organization_id == COMPANY.to_string()));
    world.close().await;
}

#[tokio::test]
async fn rows_of_all_four_queues_can_be_claimed_and_carry_their_columns() {
    let world = World::new().await;
    let entity = rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let calculation = rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({"a": 1})).await;
    let report = rows::report(&world.app, ANNA, "training_development").await;
    let quarter: Uuid = sqlx::query_scalar(
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00') returning id",
    )
    .fetch_one(&world.app)
    .await
    .unwrap();
    for (queue, id, status) in [
        (Queue::Entity, entity, "processing"),
        (Queue::Calculation, calculation, "in_progress"),
        (Queue::Report, report, "processing"),
        (Queue::Quarter, quarter, "in_progress"),
    ] {
        let job = world.claim_one(queue).await;
        assert_eq!(job.lease.job_id, id);
        assert_eq!(job.attempt, 1);
        assert_eq!(job.payload.columns()["id"], json!(id));
        assert_eq!(rows::standing(&world.app, queue.table(), id).await.status, status);
        assert_eq!(dispatch(&world.app, id).await.unwrap().token, Some(job.lease.token));
    }
    world.close().await;
}

/// A row of each queue that says that it was made at the end of time, and one at its beginning.
const OUT_OF_TIME: &str = "
insert into report_generation_queue (employee_id, report_type, requested_by, created_at)
select '60000000-0000-4000-9000-000000000001', 'compatibility_company', '50000000-0000-4000-9000-000000000001', t
from unnest(array['infinity', '-infinity']::timestamptz[]) t;
insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status, queued_at)
select 'employee', t::text, 'y', true, 'queued', t from unnest(array['infinity', '-infinity']::timestamptz[]) t;
insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, input_data, algorithm_version, engine_version, created_at)
select 'birth_chart', 'employee', 'x', 'y', '{}', '1.0.0', '1.0.0', t from unnest(array['infinity', '-infinity']::timestamptz[]) t;
insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time, created_at) values
  ('Q1', 2026, '2026-01-02', '02:00', '06:00', 'infinity'), ('Q2', 2026, '2026-01-02', '02:00', '06:00', '-infinity')";

#[tokio::test]
async fn rows_of_all_four_queues_are_claimed_also_when_they_say_that_they_were_made_at_an_end_of_time() {
    let world = World::new().await;
    run(&world.app, OUT_OF_TIME).await;
    for queue in Queue::ALL {
        let mut years: Vec<i32> =
            world.claim(queue, 5).await.iter().map(|job| job.enqueued_at.year()).collect();
        years.sort_unstable();
        assert_eq!(years, [1, 9999], "{queue}");
    }
    world.close().await;
}

#[tokio::test]
async fn such_rows_are_found_and_claimed_also_when_no_trigger_saw_them() {
    let world = World::new().await;
    let mut connection = world.app.acquire().await.unwrap();
    let unseen = format!(
        "set session_replication_role = replica; {OUT_OF_TIME}; set session_replication_role = default"
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(unseen)).execute(&mut *connection).await.unwrap();
    drop(connection);
    for queue in Queue::ALL {
        assert_eq!(
            maintenance::sweep(&world.worker_pool, queue, Duration::from_mins(1)).await.unwrap(),
            2,
            "{queue}"
        );
        assert_eq!(world.claim(queue, 5).await.len(), 2, "{queue}");
    }
    world.close().await;
}

#[tokio::test]
async fn a_worker_completes_rows_that_say_that_they_were_made_at_an_end_of_time_and_goes_on() {
    let world = World::new().await;
    let worker = world.worker(&[]).await;
    for time in ["infinity", "-infinity"] {
        let report: Uuid = sqlx::query_scalar(
            "insert into report_generation_queue (employee_id, report_type, requested_by, created_at)
             values ($1, 'compatibility_company', $2, $3::text::timestamptz) returning id",
        )
        .bind(ANNA)
        .bind(USER)
        .bind(time)
        .fetch_one(&world.app)
        .await
        .unwrap();
        let entity: Uuid = sqlx::query_scalar(
            "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, queue_status, queued_at)
             values ('employee', $1, $2, true, 'queued', $3::text::timestamptz) returning id",
        )
        .bind(ANNA.to_string())
        .bind(COMPANY.to_string())
        .bind(time)
        .fetch_one(&world.app)
        .await
        .unwrap();
        world.completed(rows::REPORTS, report).await;
        world.completed(rows::ENTITIES, entity).await;
    }
    worker.kill();
    world.close().await;
}

#[tokio::test]
async fn a_row_that_is_rolled_back_or_inserted_as_ended_is_never_claimed() {
    let world = World::new().await;
    let mut transaction = world.app.begin().await.unwrap();
    sqlx::query(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, 'x', $2)",
    )
    .bind(ANNA)
    .bind(USER)
    .execute(&mut *transaction)
    .await
    .unwrap();
    transaction.rollback().await.unwrap();
    run(
        &world.app,
        "insert into report_generation_queue (employee_id, report_type, requested_by, status)
         select '60000000-0000-4000-9000-000000000001', 'x', '50000000-0000-4000-9000-000000000001', s
         from unnest(array['completed', 'failed', 'cancelled']) s;
         insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, job_status, input_data, algorithm_version, engine_version)
         values ('birth_chart', 'employee', 'x', 'x', 'completed', '{}', '1.0.0', '1.0.0')",
    )
    .await;
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn eight_claimers_share_five_hundred_rows_and_no_row_goes_to_two() {
    let world = Arc::new(World::new().await);
    run(
        &world.app,
        "insert into report_generation_queue (employee_id, report_type, requested_by)
         select e.id, 'compatibility_company', '50000000-0000-4000-9000-000000000001'
         from employees e cross join generate_series(1, 100)",
    )
    .await;
    let claimers = (0..8).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let (mut mine, mut empty) = (Vec::new(), 0);
            // A claimer may find all candidates locked by others, so one empty look does not mean that nothing is left.
            while empty < 20 {
                let terms = terms(&format!("claimer {number}"));
                let jobs = claim(&world.worker_pool, Queue::Report, &terms, 7, 7).await.unwrap().jobs;
                empty = if jobs.is_empty() { empty + 1 } else { 0 };
                mine.extend(jobs.into_iter().map(|job| (job.lease.job_id, job.lease.token)));
            }
            mine
        })
    });
    let all: Vec<(Uuid, i64)> =
        futures::future::join_all(claimers).await.into_iter().flat_map(Result::unwrap).collect();
    assert_eq!(all.len(), 500, "claims in all");
    assert_eq!(all.iter().map(|(id, _)| id).collect::<HashSet<_>>().len(), 500, "rows that were claimed");
    assert_eq!(
        all.iter().map(|(_, token)| token).collect::<HashSet<_>>().len(),
        500,
        "tokens that were given"
    );
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_queue where attempt_count <> 1").await,
        0
    );
    Arc::into_inner(world).unwrap().close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rows_behind_five_hundred_that_an_application_holds_locked_run_meanwhile() {
    let world = World::new().await;
    insert_many(&world, ANNA, 500).await;
    run(&world.app, "update report_generation_queue set priority = 9").await;
    let mut application = world.app.begin().await.unwrap();
    sqlx::query("select from report_generation_queue for update").execute(&mut *application).await.unwrap();
    let behind = rows::report(&world.app, BEN, "compatibility_company").await;
    let settings = [("ORRERY_REPORT_CONCURRENCY", "2"), ("ORRERY_REPORT_PREFETCH", "4")];
    let worker = world.worker(&settings).await;
    world.completed("report_generation_queue", behind).await;
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch where state = 'leased'").await, 0);
    application.rollback().await.unwrap();
    world
        .eventually(Duration::from_mins(1), "the rows run once nobody holds them", async || {
            let begun =
                "select count(*) from report_generation_queue where priority = 9 and status <> 'pending'";
            if count(&world.app, begun).await > 0 { Ok(()) } else { Err("none runs".to_owned()) }
        })
        .await;
    worker.kill();
    world.close().await;
}

#[tokio::test]
async fn a_row_scheduled_for_later_is_claimed_at_its_time_and_not_before() {
    let world = World::new().await;
    let id = rows::report_in(&world.app, ANNA, "compatibility_company", "700 milliseconds").await;
    assert!(world.claim(Queue::Report, 10).await.is_empty());
    world
        .eventually(Duration::from_secs(10), "the scheduled row is claimed", async || {
            let ids = world.claim_ids(Queue::Report, 10).await;
            if ids == [id] { Ok(()) } else { Err(format!("{ids:?}")) }
        })
        .await;
    let early: bool =
        sqlx::query_scalar("select started_at < scheduled_for from report_generation_queue where id = $1")
            .bind(id)
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert!(!early, "it was claimed before its time");

    let far = rows::report(&world.app, ANNA, "compatibility_company").await;
    sqlx::query("update report_generation_queue set scheduled_for = now() + interval '1 day' where id = $1")
        .bind(far)
        .execute(&world.app)
        .await
        .unwrap();
    assert!(world.claim(Queue::Report, 10).await.is_empty(), "an update puts it off");
    sqlx::query("update report_generation_queue set scheduled_for = null where id = $1")
        .bind(far)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [far], "and brings it back");
    world.close().await;
}

#[tokio::test]
async fn tokens_only_rise_over_rows_attempts_and_queues() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    let mut last = 0;
    for _ in 0..5 {
        for queue in [Queue::Report, Queue::Entity] {
            let job = world.claim_one(queue).await;
            assert!(job.lease.token > last, "token {} after {last}", job.lease.token);
            last = job.lease.token;
            let mut connection = world.worker_pool.acquire().await.unwrap();
            let given = put_back(&mut connection, job.lease, Duration::ZERO, false, None).await.unwrap();
            assert!(given);
        }
    }
    world.close().await;
}

/// Inserts `number` report rows of one employee.
async fn insert_many(world: &World, employee: Uuid, number: i32) {
    sqlx::query(
        "insert into report_generation_queue (employee_id, report_type, requested_by)
         select $1, 'compatibility_company', $2 from generate_series(1, $3)",
    )
    .bind(employee)
    .bind(USER)
    .bind(number)
    .execute(&world.app)
    .await
    .unwrap();
}
