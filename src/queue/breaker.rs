//! Circuit breakers, shared by all workers through `orrery.breaker`.
//!
//! A dependency that fails `failures` times within the window opens its breaker: nothing of the queues that need it is claimed,
//! so no attempt is burnt and no slot waits. When the rest is over one worker of the fleet probes it; a good answer closes the
//! breaker and wakes the queues, a bad one doubles the rest.

use std::time::Duration;

use metrics::counter;
use sqlx::PgPool;

use super::metrics::BREAKER_OPENED;
use super::name::Queue;
use super::outage::Outage;
use crate::store::pg::within;

/// Time that the count of a failure may take: longer than a worker waits for a lock. A connection over which no answer comes may be dark,
/// and the slot of the job must not wait with it.
const TO_COUNT: Duration = Duration::from_secs(15);

/// Something that jobs need beside PostgreSQL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dependency {
    /// The document store.
    Mongodb,
}

impl Dependency {
    /// Name of its breaker.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mongodb => "mongodb",
        }
    }

    /// Queues whose rows cannot run without it.
    #[must_use]
    pub const fn queues(self) -> &'static [Queue] {
        match self {
            Self::Mongodb => &[Queue::Report, Queue::Entity, Queue::Calculation],
        }
    }
}

/// When a breaker opens and how long it rests.
#[derive(Debug, Clone, Copy)]
pub struct Policy {
    /// Failures in a row that open it.
    pub failures: i32,
    /// A failure older than this starts the count anew.
    pub window: Duration,
    /// First rest; doubles with each probe that fails.
    pub rest: Duration,
    /// Longest rest.
    pub rest_cap: Duration,
}

/// The breakers, as one worker sees them.
#[derive(Debug, Clone)]
pub struct Breakers {
    pool: PgPool,
    worker_id: String,
    policy: Policy,
    outage: Outage,
}

impl Breakers {
    /// The breakers in the database behind `pool`.
    #[must_use]
    pub const fn new(pool: PgPool, worker_id: String, policy: Policy, outage: Outage) -> Self {
        Self { pool, worker_id, policy, outage }
    }

    /// The same breakers, asked over other connections.
    #[must_use]
    pub fn over(&self, pool: PgPool) -> Self {
        Self { pool, ..self.clone() }
    }

    /// A job ran into a dependency that is down. Never fails: a count that is lost comes again with the next job.
    pub async fn failed(&self, dependency: Dependency, reason: &str) {
        let queues: Vec<&str> = dependency.queues().iter().map(|queue| queue.as_str()).collect();
        let counting = sqlx::query_scalar("select orrery.breaker_failed($1, $2, $3, $4, $5, $6)")
            .bind(dependency.name())
            .bind(&queues)
            .bind(reason)
            .bind(self.policy.failures)
            .bind(self.policy.window.as_secs_f64())
            .bind(self.policy.rest.as_secs_f64())
            .fetch_one(&self.pool);
        let opened: Result<bool, sqlx::Error> = within(TO_COUNT, counting).await;
        match opened {
            Ok(true) => {
                counter!(BREAKER_OPENED, "breaker" => dependency.name()).increment(1);
                tracing::error!(
                    breaker = dependency.name(),
                    reason,
                    "breaker opened: rows that need it wait, no attempt is burnt"
                );
            }
            Ok(false) => {}
            Err(error) => self.outage.failed("failure of a dependency could not be counted", &error),
        }
    }

    /// Takes the probe if it is due and nobody else has it. `limit` is how long the probe may take.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn take_probe(&self, name: &str, limit: Duration) -> Result<bool, sqlx::Error> {
        let taken: Option<String> = sqlx::query_scalar(include_str!("sql/breaker_probe.sql"))
            .bind(name)
            .bind(&self.worker_id)
            .bind(limit.as_secs_f64())
            .fetch_optional(&self.pool)
            .await?;
        Ok(taken.is_some())
    }

    /// The probe came back: closes the breaker, or lets it rest for twice as long.
    ///
    /// # Errors
    /// When PostgreSQL refuses or does not answer.
    pub async fn probed(&self, name: &str, result: &Result<(), String>) -> Result<(), sqlx::Error> {
        match result {
            Ok(()) => {
                sqlx::query("select orrery.breaker_closed($1)").bind(name).execute(&self.pool).await?;
                tracing::info!(breaker = name, "breaker closed: the dependency answers again");
            }
            Err(reason) => {
                sqlx::query(include_str!("sql/breaker_rest.sql"))
                    .bind(name)
                    .bind(reason)
                    .bind(self.policy.rest.as_secs_f64())
                    .bind(self.policy.rest_cap.as_secs_f64())
                    .execute(&self.pool)
                    .await?;
                tracing::debug!(breaker = name, reason, "probe failed");
            }
        }
        Ok(())
    }
}
