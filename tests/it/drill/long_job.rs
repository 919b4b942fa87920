//! A job of an hour. Only the differences between a lease's times and the clock of the database count, so instead of
//! waiting for three seconds the times of the lease are moved back by three seconds; everything else is the real thing.

use std::time::Duration;

use orrery::queue::claim::{Suspects, Terms, claim};
use orrery::queue::{InFlight, Queue, maintenance};
use sqlx::PgPool;

use crate::support::World;
use crate::support::platform::ANNA;
use crate::support::rows;

/// Heartbeats of an hour.
const HEARTBEATS: u64 = 1200;

/// Lets this time pass for every lease.
async fn pass(pool: &PgPool, time: Duration) {
    sqlx::query(
        "update orrery.dispatch set leased_at = leased_at - x, heartbeat_at = heartbeat_at - x, lease_expires_at = lease_expires_at - x
         from make_interval(secs => $1) as x where state = 'leased'",
    )
    .bind(time.as_secs_f64())
    .execute(pool)
    .await
    .unwrap();
}

#[tokio::test]
async fn a_job_of_an_hour_is_never_rescued_while_its_worker_lives_and_is_when_it_dies() {
    let world = World::new().await;
    let (lease, beat) = (world.config.queue.lease(), Duration::from_secs(world.config.queue.heartbeat_s));
    let pool = &world.worker_pool;
    rows::report(&world.app, ANNA, "compatibility_company").await;
    let terms = Terms {
        worker_id: "tester".to_owned(),
        lease,
        max_attempts: 3,
        suspects: Suspects::Any,
        tells: false,
    };
    let job = claim(pool, Queue::Report, &terms, 1, 1).await.unwrap().jobs.remove(0);
    let inflight = InFlight::default();
    inflight.add(job.lease, job.signal.clone());
    let rescue = async || maintenance::rescue(pool, Queue::Report, 3, Duration::ZERO).await.unwrap().len();

    let mut rng = fastrand::Rng::with_seed(1);
    let mut hour = 0;
    while hour < HEARTBEATS {
        // Up to two heartbeats in a row may be late or lost.
        let late = rng.u64(1..=3);
        for _ in 0..late {
            pass(pool, beat).await;
            assert_eq!(rescue().await, 0, "after {} s", hour * beat.as_secs());
        }
        hour += late;
        assert_eq!(inflight.beat(pool, "tester", lease).await.unwrap(), 0, "the worker keeps its row");
    }
    let held: f64 = sqlx::query_scalar(
        "select extract(epoch from clock_timestamp() - leased_at)::float8 from orrery.dispatch",
    )
    .fetch_one(pool)
    .await
    .unwrap();
    assert!(held >= 3600.0, "the job ran for {held} s");

    pass(pool, lease).await;
    assert_eq!(rescue().await, 1, "without a heartbeat it is noticed at the next look");
    world.close().await;
}
