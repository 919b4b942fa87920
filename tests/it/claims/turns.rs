//! Whose turn it is: organizations by weight and cap, and the rows of one by urgency and age.

use std::sync::Arc;

use orrery::queue::Queue;
use orrery::queue::claim::claim;
use serde_json::json;
use uuid::Uuid;

use super::insert_many;
use crate::support::World;
use crate::support::jobs::terms;
use crate::support::platform::{ANNA, BEN, COMPANY, USER, add_organization};
use crate::support::rows::{self, run};

async fn claimed_of(world: &World, rows: usize, organization: Uuid) -> usize {
    let jobs = world.claim(Queue::Report, rows).await;
    jobs.iter().filter(|job| job.organization_id == organization.to_string()).count()
}

#[tokio::test]
async fn a_small_organization_is_served_beside_a_large_one_that_came_first() {
    let world = World::new().await;
    let (small, employee) = add_organization(&world.app, "small").await;
    insert_many(&world, ANNA, 500).await;
    insert_many(&world, employee, 5).await;
    assert_eq!(claimed_of(&world, 10, small).await, 5, "rows of the small organization among the first ten");
    world.close().await;
}

#[tokio::test]
async fn what_an_organization_runs_already_counts_against_its_turn() {
    let world = World::new().await;
    insert_many(&world, ANNA, 50).await;
    world.claim(Queue::Report, 8).await;
    let (small, employee) = add_organization(&world.app, "small").await;
    insert_many(&world, employee, 20).await;
    assert_eq!(
        claimed_of(&world, 8, small).await,
        8,
        "the newcomer catches up before the other gets its next turn"
    );
    world.close().await;
}

#[tokio::test]
async fn an_organization_of_weight_three_gets_three_of_four_claims() {
    let world = World::new().await;
    let (heavy, employee) = add_organization(&world.app, "heavy").await;
    sqlx::query("insert into orrery.organization_policy (organization_id, weight) values ($1, 3)")
        .bind(heavy.to_string())
        .execute(&world.app)
        .await
        .unwrap();
    insert_many(&world, ANNA, 50).await;
    insert_many(&world, employee, 50).await;
    assert_eq!(claimed_of(&world, 20, heavy).await, 15);
    world.close().await;
}

#[tokio::test]
async fn within_an_organization_the_urgent_goes_first_and_then_the_old() {
    let world = World::new().await;
    let mut wanted = Vec::new();
    // The most urgent is written first: the one of eight that goes by age changes nothing here.
    for (priority, age_s, place) in [(10, 1, 0), (5, 10, 2), (1, 99, 4), (5, 5, 3), (7, 0, 1)] {
        let id: Uuid = sqlx::query_scalar(
            "insert into report_generation_queue (employee_id, report_type, requested_by, priority, created_at)
             values ($1, 'compatibility_company', $2, $3, now() - make_interval(secs => $4)) returning id",
        )
        .bind(ANNA)
        .bind(USER)
        .bind(priority)
        .bind(f64::from(age_s))
        .fetch_one(&world.app)
        .await
        .unwrap();
        wanted.push((place, id));
    }
    wanted.sort_unstable();
    let wanted: Vec<Uuid> = wanted.into_iter().map(|(_, id)| id).collect();
    assert_eq!(world.claim_ids(Queue::Report, 10).await, wanted);
    world.close().await;
}

#[tokio::test]
async fn an_update_of_the_priority_moves_a_row_forward() {
    let world = World::new().await;
    insert_many(&world, ANNA, 3).await;
    let last = rows::report(&world.app, BEN, "compatibility_company").await;
    sqlx::query("update report_generation_queue set priority = 10 where id = $1")
        .bind(last)
        .execute(&world.app)
        .await
        .unwrap();
    // One claim of eight goes by age: that one takes it as well.
    run(&world.app, "update orrery.dispatch set run_at = run_at - interval '1 hour' where priority = 10")
        .await;
    assert_eq!(world.claim_ids(Queue::Report, 1).await, [last]);
    world.close().await;
}

#[tokio::test]
async fn a_paused_organization_is_left_alone_until_it_goes_on() {
    let world = World::new().await;
    let (other, employee) = add_organization(&world.app, "other").await;
    insert_many(&world, ANNA, 5).await;
    insert_many(&world, employee, 5).await;
    sqlx::query("insert into orrery.organization_policy (organization_id, paused) values ($1, true)")
        .bind(other.to_string())
        .execute(&world.app)
        .await
        .unwrap();
    let claimed = world.claim(Queue::Report, 20).await;
    assert_eq!(claimed.len(), 5);
    assert!(claimed.iter().all(|job| job.organization_id == COMPANY.to_string()));
    run(&world.app, "update orrery.organization_policy set paused = false").await;
    assert_eq!(claimed_of(&world, 20, other).await, 5);
    world.close().await;
}

#[tokio::test]
async fn an_organization_runs_no_more_at_once_than_its_cap() {
    let world = World::new().await;
    insert_many(&world, ANNA, 10).await;
    sqlx::query("insert into orrery.organization_policy (organization_id, max_in_flight) values ($1, 3)")
        .bind(COMPANY.to_string())
        .execute(&world.app)
        .await
        .unwrap();
    let first = world.claim(Queue::Report, 2).await;
    assert_eq!(first.len(), 2);
    assert_eq!(world.claim(Queue::Report, 10).await.len(), 1, "one more fits under the cap of three");
    assert_eq!(world.claim(Queue::Report, 10).await.len(), 0, "the cap is reached");
    assert!(world.complete(&first[0]).await);
    assert_eq!(world.claim(Queue::Report, 10).await.len(), 1, "a completed row makes room");
    world.close().await;
}

#[tokio::test]
async fn a_row_of_low_priority_is_not_starved_by_a_stream_of_urgent_ones() {
    let world = World::new().await;
    let humble = rows::report(&world.app, ANNA, "training_development").await;
    sqlx::query("update report_generation_queue set priority = 1 where id = $1")
        .bind(humble)
        .execute(&world.app)
        .await
        .unwrap();
    insert_many(&world, ANNA, 220).await;
    run(&world.app, "update report_generation_queue set priority = 10 where priority = 5").await;
    // One claim in eight goes by age alone: that 200 claims of one row pass it by has a chance of 2.5e-12.
    let mut claims = 0;
    while world.claim_one_of(Queue::Report).await != humble {
        claims += 1;
        assert!(claims < 200, "passed by {claims} times");
    }
    // Asked for many at once, the eighth row is the old one at the latest.
    rows::report(&world.app, ANNA, "training_development").await;
    run(&world.app, "update report_generation_queue set priority = 1 where priority = 5").await;
    run(&world.app, "update orrery.dispatch set run_at = now() - interval '1 hour' where priority = 1").await;
    let batch = world.claim(Queue::Report, 8).await;
    assert!(
        batch.iter().any(|job| job.payload.columns()["priority"] == json!(1)),
        "the old row is not among eight"
    );
    world.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cap_is_kept_by_claimers_that_race() {
    let world = Arc::new(World::new().await);
    insert_many(&world, ANNA, 200).await;
    sqlx::query("insert into orrery.organization_policy (organization_id, max_in_flight) values ($1, 7)")
        .bind(COMPANY.to_string())
        .execute(&world.app)
        .await
        .unwrap();
    let claimers = (0..8).map(|number| {
        let world = Arc::clone(&world);
        tokio::spawn(async move {
            let terms = terms(&format!("claimer {number}"));
            claim(&world.worker_pool, Queue::Report, &terms, 5, 5).await.unwrap().jobs.len()
        })
    });
    let all: usize = futures::future::join_all(claimers).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(all, 7, "rows that run at once");
    Arc::into_inner(world).unwrap().close().await;
}

/// A small platform with this many organizations, each with its weight and one employee.
async fn organizations(world: &World, weights: &[i64]) -> Vec<(Uuid, Uuid)> {
    let mut all = Vec::new();
    for (number, weight) in weights.iter().enumerate() {
        let (organization, employee) = add_organization(&world.app, &format!("tenant {number}")).await;
        sqlx::query("insert into orrery.organization_policy (organization_id, weight) values ($1, $2)")
            .bind(organization.to_string())
            .bind(weight)
            .execute(&world.app)
            .await
            .unwrap();
        all.push((organization, employee));
    }
    all
}

/// Property: while an organization has ready rows, no more rows of others are claimed between two of its own than its share and
/// the slots allow, whatever the weights, the backlogs, the number of slots and the order in which jobs end.
#[tokio::test]
async fn the_wait_of_every_organization_is_bounded_by_its_share() {
    for seed in 1..=6 {
        let mut random = fastrand::Rng::with_seed(seed);
        let world = World::new().await;
        let weights: Vec<i64> = (0..random.usize(2..6)).map(|_| random.i64(1..6)).collect();
        let tenants = organizations(&world, &weights).await;
        let mut left: Vec<i32> = weights.iter().map(|_| random.i32(5..25)).collect();
        for ((_, employee), rows) in tenants.iter().zip(&left) {
            insert_many(&world, *employee, *rows).await;
        }
        let slots = random.usize(1..5);
        let total: i64 = weights.iter().sum();
        let mut passed_by = vec![0; tenants.len()];
        let mut running: Vec<orrery::queue::ClaimedJob> = Vec::new();
        while left.iter().any(|rows| *rows > 0) {
            if running.len() == slots {
                let job = running.swap_remove(random.usize(..slots));
                assert!(world.complete(&job).await);
            }
            let job = world.claim(Queue::Report, 1).await.remove(0);
            let who = tenants.iter().position(|(id, _)| id.to_string() == job.organization_id).unwrap();
            left[who] -= 1;
            for (tenant, passed) in passed_by.iter_mut().enumerate() {
                *passed = if tenant == who || left[tenant] == 0 { 0 } else { *passed + 1 };
                let bound = (total + weights[tenant] - 1) / weights[tenant]
                    + i64::try_from(tenants.len() + slots * tenants.len()).unwrap();
                assert!(
                    *passed <= bound,
                    "seed {seed}: tenant {tenant} of {weights:?} was passed by {passed} times, {slots} slots, bound {bound}"
                );
            }
            running.push(job);
        }
        world.close().await;
    }
}

#[tokio::test]
async fn a_turn_at_the_entity_queue_is_a_run_of_rows_and_none_is_passed_over() {
    let world = World::new().await;
    run(
        &world.app,
        "insert into entity_update_queue (entity_type, entity_id, organization_id, subscription_active, priority)
         select 'employee', 'e' || n, 'org ' || o, true, case when n = 50 then 9 else 3 end
         from generate_series(1, 5) o, generate_series(1, 60) n",
    )
    .await;
    let mut had = std::collections::BTreeMap::<String, usize>::new();
    for turn in 0..5 {
        let jobs = world.claim(Queue::Entity, 20).await;
        let first = &jobs[0].organization_id;
        assert!(jobs.iter().all(|job| job.organization_id == *first), "turn {turn} is of one organization");
        let urgent = jobs.iter().any(|job| job.payload.columns()["priority"] == 9);
        assert!(urgent, "the urgent row is in the first run of its organization");
        *had.entry(first.clone()).or_default() += jobs.len();
        for job in &jobs {
            assert!(world.complete(job).await);
        }
    }
    assert_eq!(had.len(), 5, "everybody had a turn before anybody had two: {had:?}");
    let rest = world.claim(Queue::Entity, 500).await;
    assert_eq!(rest.len(), 200, "and every row is claimed in the end");
    world.close().await;
}
