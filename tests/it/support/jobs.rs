//! Claiming and settling in the test's own process, without a worker.

use std::time::Duration;

use orrery::queue::backoff::Backoff;
use orrery::queue::breaker::{Breakers, Policy};
use orrery::queue::claim::{Suspects, Terms, claim};
use orrery::queue::complete;
use orrery::queue::maintenance::{self, Rescued};
use orrery::queue::settle::{Settled, Settler};
use orrery::queue::{ClaimedJob, InFlight, JobError, Outage, Queue, Stage};
use serde_json::json;
use sqlx::{PgPool, Postgres, Transaction};
use uuid::Uuid;

use super::World;
use super::rows::{count, run};

/// Terms of a worker with this name.
pub fn terms(worker: &str) -> Terms {
    Terms {
        worker_id: worker.to_owned(),
        lease: Duration::from_mins(1),
        max_attempts: 3,
        suspects: Suspects::Any,
        tells: false,
    }
}

/// A transient error.
pub fn transient() -> JobError {
    JobError::retry(Stage::Calculate, "test.transient", "a wire was loose")
}

/// A permanent error.
pub fn permanent() -> JobError {
    JobError::permanent(
        Stage::Collect,
        "test.permanent",
        "employee_id: it will never work; do something else",
    )
}

/// Lets every wait end, so that a test need not wait itself.
pub async fn end_waits(pool: &PgPool) {
    run(pool, "update orrery.dispatch set run_at = now() where state = 'ready'").await;
}

/// Lets every lease run out, as if its worker had died a while ago.
pub async fn end_leases(pool: &PgPool) {
    run(
        pool,
        "update orrery.dispatch set lease_expires_at = now() - interval '1 second' where state = 'leased'",
    )
    .await;
}

/// Holds up every row that needs birth data until it is dropped.
pub async fn hold_birth_data(world: &World) -> Transaction<'static, Postgres> {
    let mut transaction = world.app.begin().await.unwrap();
    sqlx::query("lock table entity_birth_data in access exclusive mode")
        .execute(&mut *transaction)
        .await
        .unwrap();
    transaction
}

/// Waits until this many rows are claimed.
pub async fn until_leased(world: &World, rows: i64) {
    world
        .eventually(Duration::from_secs(10), "the rows are claimed", async || {
            let leased =
                count(&world.app, "select count(*) from orrery.dispatch where state = 'leased'").await;
            if leased >= rows { Ok(()) } else { Err(format!("{leased} are")) }
        })
        .await;
}

impl World {
    /// Claims up to `rows` rows of a queue.
    pub async fn claim(&self, queue: Queue, rows: usize) -> Vec<ClaimedJob> {
        claim(&self.worker_pool, queue, &terms("tester"), rows, rows).await.unwrap().jobs
    }

    /// Claims the one row that can be claimed.
    pub async fn claim_one(&self, queue: Queue) -> ClaimedJob {
        let mut jobs = self.claim(queue, 5).await;
        assert_eq!(jobs.len(), 1, "exactly one row can be claimed");
        jobs.remove(0)
    }

    /// Claims one row of many.
    pub async fn claim_one_of(&self, queue: Queue) -> Uuid {
        self.claim(queue, 1).await.first().expect("a row can be claimed").lease.job_id
    }

    /// Ids that can be claimed, in the order of the claim.
    pub async fn claim_ids(&self, queue: Queue, rows: usize) -> Vec<Uuid> {
        self.claim(queue, rows).await.iter().map(|job| job.lease.job_id).collect()
    }

    /// Completes a job, as its pipeline would. `false` means fenced.
    pub async fn complete(&self, job: &ClaimedJob) -> bool {
        let mut transaction = self.worker_pool.begin().await.unwrap();
        let done = complete::complete(&mut transaction, job.lease, &json!({})).await.unwrap();
        if done {
            transaction.commit().await.unwrap();
        } else {
            transaction.rollback().await.unwrap();
        }
        done
    }

    /// Takes rows back whose lease ran out; the third death quarantines.
    pub async fn rescue(&self, queue: Queue) -> Vec<Rescued> {
        maintenance::rescue(&self.worker_pool, queue, 3, Duration::ZERO).await.unwrap()
    }

    /// The breakers as a worker with this name sees them: three failures open one, and its probe is due at once.
    pub fn breakers(&self, worker: &str) -> Breakers {
        let policy = Policy {
            failures: 3,
            window: Duration::from_mins(1),
            rest: Duration::ZERO,
            rest_cap: Duration::from_secs(15),
        };
        Breakers::new(self.worker_pool.clone(), worker.to_owned(), policy, Outage::default())
    }

    /// Settles a job with an error.
    pub async fn settle(&self, job: &ClaimedJob, error: &JobError) -> Settled {
        let backoff = Backoff { base: Duration::from_secs(40), cap: Duration::from_mins(1) };
        let (pool, inflight, outage) = (self.worker_pool.clone(), InFlight::default(), Outage::default());
        let breakers = self.breakers("tester");
        Settler::new(pool, backoff, inflight, breakers, outage).settle(job, error).await
    }
}
