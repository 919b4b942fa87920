//! Rows whose worker died, rows that no trigger saw, and the heartbeat that keeps the others.

use std::time::Duration;

use orrery::queue::{InFlight, Queue, StopReason, maintenance};
use serde_json::json;
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::end_leases;
use crate::support::platform::{ANNA, COMPANY, USER};
use crate::support::rows::{self, REPORTS, attempts, count, dispatch, error_codes, run, standing};

#[tokio::test]
async fn a_row_whose_worker_died_is_put_back_and_the_death_is_counted_apart_from_attempts() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    world.claim_one(Queue::Report).await;
    assert!(world.rescue(Queue::Report).await.is_empty(), "its lease still holds");
    end_leases(&world.app).await;
    let rescued = world.rescue(Queue::Report).await;
    assert_eq!((rescued[0].job_id, rescued[0].crashes, rescued[0].quarantined), (id, 1, false));
    let back = dispatch(&world.app, id).await.unwrap();
    assert_eq!((back.state.as_str(), back.attempts, back.crashes), ("ready", 0, 1));
    assert_eq!(attempts(&world.app, id).await, 0);
    let again = world.claim_one(Queue::Report).await;
    assert_eq!((again.attempt, again.crashes), (1, 1));
    world.close().await;
}

#[tokio::test]
async fn the_third_death_quarantines_the_row_with_evidence_and_fails_what_waits_for_it() {
    let world = World::new().await;
    let id = rows::report(&world.app, ANNA, "compatibility_company").await;
    let child = rows::report_after(&world.app, ANNA, "training_development", id).await;
    for death in 1..=3 {
        assert_eq!(world.claim_ids(Queue::Report, 5).await, [id], "life {death}");
        end_leases(&world.app).await;
        let rescued = world.rescue(Queue::Report).await;
        assert_eq!((rescued[0].crashes, rescued[0].quarantined), (death, death == 3));
    }
    let now = standing(&world.app, REPORTS, id).await;
    assert_eq!(now.status, "failed");
    assert!(now.error.unwrap().contains("orrery.quarantine"), "the message says where the evidence is");
    let (crashes, evidence): (i32, serde_json::Value) =
        sqlx::query_as("select crashes, evidence from orrery.quarantine where job_id = $1")
            .bind(id)
            .fetch_one(&world.app)
            .await
            .unwrap();
    assert_eq!((crashes, &evidence["worker_id"]), (3, &json!("tester")));
    assert!(evidence["leased_at"].is_string() && evidence["heartbeat_at"].is_string(), "{evidence}");
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    assert_eq!(error_codes(&world.app, child).await, ["dependency.failed"]);
    assert_eq!(error_codes(&world.app, id).await, ["worker.died"], "a failed row has its error recorded");

    run(
        &world.app,
        "update report_generation_queue set status = 'pending' where depends_on_queue_id is null",
    )
    .await;
    assert_eq!(world.claim_ids(Queue::Report, 5).await, [id], "an operator lets it go on");
    world.close().await;
}

#[tokio::test]
async fn rows_of_every_queue_are_rescued() {
    let world = World::new().await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00')",
    )
    .await;
    for queue in [Queue::Entity, Queue::Calculation, Queue::Quarter] {
        for death in 1..=3 {
            let job = world.claim_one(queue).await;
            assert_eq!(job.crashes, death - 1, "{queue}");
            end_leases(&world.app).await;
            let rescued = world.rescue(queue).await;
            assert_eq!(rescued[0].quarantined, death == 3, "{queue}");
            let wanted = match (queue, death) {
                (_, 3) => "failed",
                (Queue::Entity, _) => "queued",
                (Queue::Quarter, _) => "in_progress",
                _ => "pending",
            };
            assert_eq!(
                standing(&world.app, queue.table(), job.lease.job_id).await.status,
                wanted,
                "{queue} after death {death}"
            );
        }
    }
    assert_eq!(count(&world.app, "select count(*) from orrery.quarantine").await, 3);
    world.close().await;
}

/// From now on the application's table refuses to change the status of rows for which this holds.
async fn refuse(world: &World, which: &str) {
    run(
        &world.app,
        &format!(
            "create function refuse() returns trigger language plpgsql as $$
             begin
               if new.status <> old.status and {which} then raise exception 'the application refuses'; end if;
               return new;
             end $$;
             create trigger refuse before update on report_generation_queue for each row execute function refuse()"
        ),
    )
    .await;
}

/// The rows that a rescue brought back.
async fn rescued(world: &World) -> Vec<Uuid> {
    world.rescue(Queue::Report).await.iter().map(|row| row.job_id).collect()
}

#[tokio::test]
async fn a_row_that_its_table_refuses_to_give_back_keeps_no_other_row_from_its_rescue() {
    let world = World::new().await;
    let refused = rows::report(&world.app, ANNA, "compatibility_company").await;
    let other = rows::report(&world.app, ANNA, "compatibility_company").await;
    assert_eq!(world.claim(Queue::Report, 5).await.len(), 2);
    refuse(&world, &format!("new.id = '{refused}'")).await;
    run(&world.app, "update orrery.dispatch set lease_expires_at = now() - interval '1 hour'").await;
    assert_eq!(rescued(&world).await, [other]);
    assert_eq!(standing(&world.app, REPORTS, other).await.status, "pending");
    assert_eq!(standing(&world.app, REPORTS, refused).await.status, "processing");
    let put_off = "select count(*) from orrery.dispatch
                   where state = 'leased' and lease_expires_at > now() - interval '30 minutes'";
    assert_eq!(count(&world.app, put_off).await, 1, "it is tried again after the length of a lease");

    run(&world.app, "drop trigger refuse on report_generation_queue").await;
    assert_eq!(rescued(&world).await, [refused], "once its table lets it go");
    world.close().await;
}

#[tokio::test]
async fn more_refused_rows_than_a_page_holds_are_not_in_the_way_of_those_behind_them() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into report_generation_queue (employee_id, report_type, requested_by, priority)
         select '60000000-0000-4000-9000-000000000001', 'compatibility_company', '50000000-0000-4000-9000-000000000001', 9
         from generate_series(1, 210)",
    )
    .await;
    let behind = rows::report(&world.app, ANNA, "compatibility_company").await;
    assert_eq!(world.claim(Queue::Report, 300).await.len(), 211);
    refuse(&world, "new.priority = 9").await;
    end_leases(&world.app).await;
    run(
        &world.app,
        "update orrery.dispatch set lease_expires_at = now() - interval '1 hour' where priority = 9",
    )
    .await;
    assert_eq!(rescued(&world).await, [behind]);
    world.close().await;
}

#[tokio::test]
async fn what_was_taken_back_before_an_error_is_told_with_it() {
    let world = World::new().await;
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (employee_id, report_type, requested_by, priority)
             select '{ANNA}', 'compatibility_company', '{USER}', 9 from generate_series(1, 200)"
        ),
    )
    .await;
    let last = rows::report(&world.app, ANNA, "compatibility_company").await;
    assert_eq!(world.claim(Queue::Report, 300).await.len(), 201);
    // As a row that somebody holds for longer than a statement may take: that is nobody's fault and ends the round.
    run(
        &world.app,
        &format!(
            "create function hold() returns trigger language plpgsql as $$
             begin raise exception 'it took too long' using errcode = 'query_canceled'; end $$;
             create trigger hold before update on report_generation_queue
             for each row when (new.id = '{last}') execute function hold()"
        ),
    )
    .await;
    end_leases(&world.app).await;
    run(
        &world.app,
        "update orrery.dispatch set lease_expires_at = now() - interval '1 hour' where priority = 9",
    )
    .await;
    let mut rescued = Vec::new();
    let round =
        maintenance::rescue_into(&mut rescued, &world.worker_pool, Queue::Report, 3, Duration::ZERO).await;
    let error = round.unwrap_err();
    assert!(error.to_string().contains("it took too long"), "{error}");
    assert_eq!(rescued.len(), 200, "the page before it is committed");
    assert_eq!(
        count(&world.app, "select count(*) from report_generation_queue where status = 'pending'").await,
        200
    );
    world.close().await;
}

#[tokio::test]
async fn a_table_that_refuses_every_statement_ends_the_round_with_its_error() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    world.claim_one(Queue::Report).await;
    run(
        &world.app,
        "create function refuse() returns trigger language plpgsql as $$ begin raise exception 'the application refuses'; end $$;
         create trigger refuse before update on report_generation_queue for each statement execute function refuse()",
    )
    .await;
    end_leases(&world.app).await;
    let error = maintenance::rescue(&world.worker_pool, Queue::Report, 3, Duration::ZERO).await.unwrap_err();
    assert!(error.to_string().contains("the application refuses"), "{error}");
    world.close().await;
}

#[tokio::test]
async fn a_row_that_vanished_unseen_from_under_a_dead_worker_leaves_no_lease_behind() {
    let world = World::new().await;
    let orphan_after = Duration::from_mins(1);
    rows::report(&world.app, ANNA, "compatibility_company").await;
    rows::entity(&world.app, "employee", &ANNA.to_string(), COMPANY).await;
    rows::calculation(&world.app, "birth_chart", ANNA, COMPANY, json!({})).await;
    run(
        &world.app,
        "insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00')",
    )
    .await;
    for queue in Queue::ALL {
        world.claim_one(queue).await;
    }
    run(
        &world.app,
        "truncate report_generation_queue, entity_update_queue, calculation_jobs, quarterly_update_schedule cascade",
    )
    .await;
    for queue in Queue::ALL {
        let ended = maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap();
        assert_eq!(ended, 0, "{queue}: its lease still holds");
    }
    end_leases(&world.app).await;
    for queue in Queue::ALL {
        assert!(world.rescue(queue).await.is_empty(), "{queue}: there is no row to give back");
        let ended = maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap();
        assert_eq!(ended, 1, "{queue}");
    }
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0);
    world.close().await;
}

#[tokio::test]
async fn the_sweep_finds_rows_that_no_trigger_saw() {
    let world = World::new().await;
    let orphan_after = Duration::from_mins(1);
    let mut connection = world.app.acquire().await.unwrap();
    sqlx::raw_sql("set session_replication_role = replica").execute(&mut *connection).await.unwrap();
    let unseen: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by) values ($1, 'compatibility_company', $2) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let waiting: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, depends_on_queue_id)
         values ($1, 'training_development', $2, $3) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .bind(unseen)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let orphan: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, status, started_at)
         values ($1, 'compatibility_industry', $2, 'processing', now() - interval '2 minutes') returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    let young: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, status, started_at)
         values ($1, 'compatibility_industry', $2, 'processing', now()) returning id",
    )
    .bind(ANNA)
    .bind(USER)
    .fetch_one(&mut *connection)
    .await
    .unwrap();
    sqlx::raw_sql(
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active) values ('employee', 'x', 'y', true);
         insert into calculation_jobs (job_type, entity_type, entity_id, organization_id, input_data, algorithm_version, engine_version)
         values ('birth_chart', 'employee', 'x', 'y', '{}', '1.0.0', '1.0.0');
         insert into quarterly_update_schedule (quarter, year, scheduled_date, execution_start_time, execution_end_time)
         values ('Q1', 2026, '2026-01-02', '02:00', '06:00');
         set session_replication_role = default",
    )
    .execute(&mut *connection)
    .await
    .unwrap();
    drop(connection);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch").await, 0, "no trigger saw them");

    for queue in Queue::ALL {
        let found = maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap();
        assert_eq!(found, if queue == Queue::Report { 3 } else { 1 }, "{queue}");
        assert_eq!(
            maintenance::sweep(&world.worker_pool, queue, orphan_after).await.unwrap(),
            0,
            "{queue}: once is enough"
        );
    }
    assert_eq!(dispatch(&world.app, unseen).await.unwrap().state, "ready");
    assert_eq!(dispatch(&world.app, waiting).await.unwrap().state, "waiting", "also its dependency is seen");
    assert_eq!(standing(&world.app, REPORTS, orphan).await.status, "pending");
    assert_eq!(dispatch(&world.app, orphan).await.unwrap().state, "ready");
    assert_eq!(dispatch(&world.app, young).await, None, "a young one may be running somewhere");
    world.close().await;
}

#[tokio::test]
async fn a_heartbeat_renews_what_holds_and_tells_the_jobs_whose_lease_is_lost() {
    let world = World::new().await;
    for _ in 0..3 {
        rows::report(&world.app, ANNA, "compatibility_company").await;
    }
    let jobs = world.claim(Queue::Report, 3).await;
    let inflight = InFlight::default();
    for job in &jobs {
        inflight.add(job.lease, job.signal.clone());
    }
    run(&world.app, "update orrery.dispatch set lease_expires_at = now() + interval '1 second'").await;
    sqlx::query("update orrery.dispatch set token = nextval('orrery.lease_token') where job_id = $1")
        .bind(jobs[1].lease.job_id)
        .execute(&world.app)
        .await
        .unwrap();
    // Once may be a job that has just completed; twice in a row is a lost lease.
    let beat = || inflight.beat(&world.worker_pool, "tester", Duration::from_mins(1));
    assert_eq!(beat().await.unwrap(), 0);
    assert_eq!(jobs[1].signal.reason(), None);
    assert_eq!(beat().await.unwrap(), 1);
    assert_eq!(jobs[1].signal.reason(), Some(StopReason::LeaseLost));
    assert_eq!((jobs[0].signal.reason(), jobs[2].signal.reason()), (None, None));
    assert_eq!(
        count(
            &world.app,
            "select count(*) from orrery.dispatch where lease_expires_at > now() + interval '50 seconds'"
        )
        .await,
        2
    );
    world.close().await;
}

#[tokio::test]
async fn a_living_worker_keeps_its_row_however_late_its_heartbeat_is_noticed() {
    let world = World::new().await;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let job = world.claim_one(Queue::Report).await;
    let inflight = InFlight::default();
    inflight.add(job.lease, job.signal.clone());
    end_leases(&world.app).await;
    // It was late, but nobody has taken the row: the lease is renewed instead of given up.
    assert_eq!(inflight.beat(&world.worker_pool, "tester", Duration::from_mins(1)).await.unwrap(), 0);
    assert!(world.rescue(Queue::Report).await.is_empty());
    assert!(world.complete(&job).await);
    world.close().await;
}
