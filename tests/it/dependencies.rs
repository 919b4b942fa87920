//! Rows that wait for others.

use orrery::queue::{Queue, maintenance};
use uuid::Uuid;

use crate::support::World;
use crate::support::jobs::permanent;
use crate::support::platform::{ANNA, BEN, USER};
use crate::support::rows::{self, REPORTS, count, dispatch, error_codes, run, standing};

const KIND: &str = "compatibility_company";

/// A row that holds back `children` by listing them.
async fn blocker(world: &World, children: &[Uuid]) -> Uuid {
    sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, blocks_queue_ids) values ($1, $2, $3, $4) returning id",
    )
    .bind(ANNA)
    .bind(KIND)
    .bind(USER)
    .bind(children)
    .fetch_one(&world.app)
    .await
    .unwrap()
}

#[tokio::test]
async fn a_chain_of_three_runs_in_order_whatever_the_priorities_say() {
    let world = World::new().await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    let second = rows::report_after(&world.app, ANNA, KIND, first).await;
    let third = rows::report_after(&world.app, ANNA, KIND, second).await;
    run(&world.app, "update report_generation_queue set priority = 10 where depends_on_queue_id is not null")
        .await;
    for id in [first, second, third] {
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.lease.job_id, id);
        assert!(world.claim(Queue::Report, 10).await.is_empty(), "the next waits while {id} runs");
        assert!(world.complete(&job).await);
    }
    assert_eq!(count(&world.app, "select count(*) from orrery.dependency").await, 0);
    world.close().await;
}

#[tokio::test]
async fn a_chain_that_is_inserted_child_first_runs_in_order_too() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
         select id::uuid, '60000000-0000-4000-9000-000000000001', 'compatibility_company', '50000000-0000-4000-9000-000000000001', parent::uuid
         from (values ('a0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000001'),
                      ('a0000000-0000-4000-8000-000000000001', null)) as v (id, parent)",
    )
    .await;
    let job = world.claim_one(Queue::Report).await;
    assert!(job.lease.job_id.to_string().ends_with('1'));
    assert!(world.complete(&job).await);
    assert!(world.claim_one(Queue::Report).await.lease.job_id.to_string().ends_with('2'));
    world.close().await;
}

#[tokio::test]
async fn a_row_waits_for_every_row_that_lists_it_in_blocks_queue_ids() {
    let world = World::new().await;
    let held = rows::report(&world.app, BEN, KIND).await;
    // A row that does not exist yet may be listed too.
    let future = Uuid::new_v4();
    let one = blocker(&world, &[held, future]).await;
    let other = blocker(&world, &[held]).await;
    sqlx::query("insert into report_generation_queue (id, employee_id, report_type, requested_by) values ($1, $2, $3, $4)")
        .bind(future)
        .bind(BEN)
        .bind(KIND)
        .bind(USER)
        .execute(&world.app)
        .await
        .unwrap();
    let jobs = world.claim(Queue::Report, 10).await;
    let mut claimed: Vec<Uuid> = jobs.iter().map(|job| job.lease.job_id).collect();
    claimed.sort_unstable();
    let mut blockers = vec![one, other];
    blockers.sort_unstable();
    assert_eq!(claimed, blockers);
    let of = |id| jobs.iter().find(|job| job.lease.job_id == id).unwrap();
    assert!(world.complete(of(one)).await);
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [future], "{held} still waits for the other");
    assert!(world.complete(of(other)).await);
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [held]);
    world.close().await;
}

#[tokio::test]
async fn a_parent_that_has_completed_holds_nobody_up() {
    let world = World::new().await;
    let parent = rows::report(&world.app, ANNA, KIND).await;
    let job = world.claim_one(Queue::Report).await;
    assert!(world.complete(&job).await);
    let child = rows::report_after(&world.app, ANNA, KIND, parent).await;
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [child]);
    world.close().await;
}

#[tokio::test]
async fn a_failed_parent_fails_its_children_and_theirs_and_says_so() {
    let world = World::new().await;
    let parent = rows::report(&world.app, ANNA, KIND).await;
    let child = rows::report_after(&world.app, ANNA, KIND, parent).await;
    let grandchild = rows::report_after(&world.app, ANNA, KIND, child).await;
    let neighbour = rows::report(&world.app, BEN, KIND).await;
    let jobs = world.claim(Queue::Report, 10).await;
    let job = jobs.iter().find(|job| job.lease.job_id == parent).unwrap();
    world.settle(job, &permanent()).await;
    for id in [child, grandchild] {
        let now = standing(&world.app, REPORTS, id).await;
        assert_eq!(now.status, "failed");
        let message = now.error.unwrap();
        assert!(
            message.contains("depends_on_queue_id") && message.contains(&parent.to_string()),
            "{message}"
        );
        assert_eq!(error_codes(&world.app, id).await, ["dependency.failed"]);
        assert_eq!(dispatch(&world.app, id).await, None);
    }
    assert_eq!(standing(&world.app, REPORTS, neighbour).await.status, "processing");

    // An operator puts all of it right, the child first: it waits for its parent again.
    run(
        &world.app,
        "update report_generation_queue set status = 'pending' where depends_on_queue_id is not null",
    )
    .await;
    sqlx::query("update report_generation_queue set status = 'pending' where id = $1")
        .bind(parent)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [parent]);
    assert_eq!(dispatch(&world.app, grandchild).await.unwrap().state, "waiting");
    world.close().await;
}

#[tokio::test]
async fn a_cancelled_or_deleted_parent_fails_its_children() {
    let world = World::new().await;
    let cancelled = rows::report(&world.app, ANNA, KIND).await;
    let child = rows::report_after(&world.app, ANNA, KIND, cancelled).await;
    sqlx::query("update report_generation_queue set status = 'cancelled' where id = $1")
        .bind(cancelled)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(error_codes(&world.app, child).await, ["dependency.failed"]);

    let late = rows::report_after(&world.app, ANNA, KIND, cancelled).await;
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    assert_eq!(
        error_codes(&world.app, late).await,
        ["dependency.failed"],
        "also one that comes after the cancellation"
    );

    let held = rows::report(&world.app, BEN, KIND).await;
    let deleted = blocker(&world, &[held]).await;
    sqlx::query("delete from report_generation_queue where id = $1")
        .bind(deleted)
        .execute(&world.app)
        .await
        .unwrap();
    assert_eq!(error_codes(&world.app, held).await, ["dependency.failed"]);
    world.close().await;
}

#[tokio::test]
async fn rows_that_wait_for_themselves_fail_and_their_neighbours_go_on() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
         select id::uuid, '60000000-0000-4000-9000-000000000001', 'compatibility_company', '50000000-0000-4000-9000-000000000001', parent::uuid
         from (values ('a0000000-0000-4000-8000-000000000001', 'a0000000-0000-4000-8000-000000000001'),
                      ('a0000000-0000-4000-8000-000000000002', 'a0000000-0000-4000-8000-000000000004'),
                      ('a0000000-0000-4000-8000-000000000003', 'a0000000-0000-4000-8000-000000000002'),
                      ('a0000000-0000-4000-8000-000000000004', 'a0000000-0000-4000-8000-000000000003')) as v (id, parent)",
    )
    .await;
    let neighbour = rows::report(&world.app, BEN, KIND).await;
    let outside: Uuid = "a0000000-0000-4000-8000-000000000003".parse().unwrap();
    let hanger_on = rows::report_after(&world.app, BEN, KIND, outside).await;
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [neighbour]);
    // As every worker does every few seconds.
    for _ in 0..2 {
        maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    }
    for last in 1..=4 {
        let id: Uuid = format!("a0000000-0000-4000-8000-00000000000{last}").parse().unwrap();
        let now = standing(&world.app, REPORTS, id).await;
        assert_eq!(now.status, "failed", "{id}");
        assert!(now.error.unwrap().contains("waits for itself"), "{id}");
        assert_eq!(error_codes(&world.app, id).await, ["dependency.cycle"], "{id}");
    }
    assert_eq!(error_codes(&world.app, hanger_on).await, ["dependency.failed"]);
    assert_eq!(count(&world.app, "select count(*) from orrery.dependency").await, 0);
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_child_that_is_inserted_while_its_parent_completes_is_never_left_waiting() {
    let world = World::new().await;
    for round in 0..20 {
        let parent = rows::report(&world.app, ANNA, KIND).await;
        let job = world.claim_one(Queue::Report).await;
        let (done, child) =
            tokio::join!(world.complete(&job), rows::report_after(&world.app, ANNA, KIND, parent));
        assert!(done, "round {round}");
        maintenance::settle_waiting(&world.worker_pool).await.unwrap();
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.lease.job_id, child, "round {round}");
        assert!(world.complete(&job).await);
    }
    world.close().await;
}

#[tokio::test]
async fn a_listed_row_whose_insert_is_open_while_its_parent_completes_is_never_left_waiting() {
    let world = World::new().await;
    let child = Uuid::new_v4();
    blocker(&world, &[child]).await;
    let job = world.claim_one(Queue::Report).await;
    // No foreign key holds these two transactions apart.
    let mut open = world.app.begin().await.unwrap();
    sqlx::query("insert into report_generation_queue (id, employee_id, report_type, requested_by) values ($1, $2, $3, $4)")
        .bind(child)
        .bind(BEN)
        .bind(KIND)
        .bind(USER)
        .execute(&mut *open)
        .await
        .unwrap();
    assert!(world.complete(&job).await);
    open.commit().await.unwrap();
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    assert_eq!(world.claim_ids(Queue::Report, 10).await, [child]);
    world.close().await;
}

#[tokio::test]
async fn an_urgent_row_lifts_all_that_it_waits_for() {
    let world = World::new().await;
    let first = rows::report(&world.app, ANNA, KIND).await;
    let second = rows::report_after(&world.app, ANNA, KIND, first).await;
    let urgent: Uuid = sqlx::query_scalar(
        "insert into report_generation_queue (employee_id, report_type, requested_by, depends_on_queue_id, priority)
         values ($1, $2, $3, $4, 9) returning id",
    )
    .bind(BEN)
    .bind(KIND)
    .bind(USER)
    .bind(second)
    .fetch_one(&world.app)
    .await
    .unwrap();
    for id in [first, second, urgent] {
        assert_eq!(dispatch(&world.app, id).await.unwrap().priority, 9, "{id}");
    }
    let asked = count(&world.app, "select count(*) from report_generation_queue where priority = 5").await;
    assert_eq!(asked, 2, "what the application asked for stays as it was");

    // A row that becomes urgent later lifts too, and a change of the parent does not undo it.
    run(&world.app, "update report_generation_queue set priority = 10 where priority = 9").await;
    run(&world.app, "update report_generation_queue set priority = 2 where depends_on_queue_id is null")
        .await;
    assert_eq!(dispatch(&world.app, first).await.unwrap().priority, 10);
    let held_back = rows::report(&world.app, BEN, KIND).await;
    run(&world.app, &format!("update report_generation_queue set priority = 7 where id = '{held_back}'"))
        .await;
    let blocker = blocker(&world, &[held_back]).await;
    assert_eq!(dispatch(&world.app, blocker).await.unwrap().priority, 7, "blocks_queue_ids lifts as well");
    world.close().await;
}

#[tokio::test]
async fn twenty_thousand_rows_wake_when_the_one_they_wait_for_completes() {
    let world = World::new().await;
    let parent = rows::report(&world.app, ANNA, KIND).await;
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (employee_id, report_type, requested_by, depends_on_queue_id)
             select '{BEN}', '{KIND}', '{USER}', '{parent}' from generate_series(1, 20000)"
        ),
    )
    .await;
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    let job = world.claim_one(Queue::Report).await;
    assert_eq!(job.lease.job_id, parent, "of all of them only the parent can be claimed");
    assert!(world.complete(&job).await);
    assert_eq!(count(&world.app, "select count(*) from orrery.dispatch where state = 'ready'").await, 20_000);
    assert_eq!(count(&world.app, "select count(*) from orrery.dependency").await, 0);
    world.close().await;
}

#[tokio::test]
async fn a_chain_of_ten_thousand_rows_is_looked_through_and_goes_on() {
    let world = World::new().await;
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
             select md5('link' || n)::uuid, '{BEN}', '{KIND}', '{USER}', case when n > 1 then md5('link' || n - 1)::uuid end
             from generate_series(1, 10000) n"
        ),
    )
    .await;
    for link in 1..=2 {
        maintenance::settle_waiting(&world.worker_pool).await.unwrap();
        let id: Uuid = sqlx::query_scalar("select md5('link' || $1::integer)::uuid")
            .bind(link)
            .fetch_one(&world.app)
            .await
            .unwrap();
        let job = world.claim_one(Queue::Report).await;
        assert_eq!(job.lease.job_id, id, "link {link}");
        assert!(world.complete(&job).await);
    }
    world.close().await;
}

#[tokio::test]
async fn a_chain_whose_ids_rise_towards_the_parent_is_looked_through_as_well() {
    let world = World::new().await;
    let link = |n: &str| format!("('00000000-0000-4000-9000-' || lpad(to_hex({n}), 12, '0'))::uuid");
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
             select {}, '{BEN}', '{KIND}', '{USER}', case when n < 20000 then {} end from generate_series(1, 20000) n",
            link("n"),
            link("n + 1")
        ),
    )
    .await;
    // Half the square of it would be two hundred million steps, which no statement has the time for.
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    let job = world.claim_one(Queue::Report).await;
    assert_eq!(
        job.lease.job_id.as_u128() & 0xffff,
        20_000,
        "it is the last of the chain that waits for nothing"
    );
    world.close().await;
}

#[tokio::test]
async fn a_cycle_that_waits_for_a_long_chain_fails_and_the_chain_goes_on() {
    let world = World::new().await;
    let id = |n: &str| format!("md5('link' || {n})::uuid");
    run(
        &world.app,
        &format!(
            "insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
             select {}, '{BEN}', '{KIND}', '{USER}', case when n < 20000 then {} end from generate_series(1, 20000) n;
             insert into report_generation_queue (id, employee_id, report_type, requested_by, depends_on_queue_id)
             values ({}, '{BEN}', '{KIND}', '{USER}', {}), ({}, '{BEN}', '{KIND}', '{USER}', {});
             update report_generation_queue set blocks_queue_ids = array[{}] where id = {}",
            id("n"),
            id("(n + 1)"),
            id("'a'"),
            id("'b'"),
            id("'b'"),
            id("'a'"),
            id("'a'"),
            id("1"),
        ),
    )
    .await;
    // All pairs of the chain would be two hundred million steps, which no statement has the time for.
    maintenance::settle_waiting(&world.worker_pool).await.unwrap();
    let failed = "select count(*) from report_generation_queue where status = 'failed'";
    assert_eq!(count(&world.app, failed).await, 2);
    let last = world.claim_one(Queue::Report).await;
    assert!(world.complete(&last).await);
    world.close().await;
}
