//! Ending a claim other than well: put back, fail, give back. Every write names the token; no row touched means fenced.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt as _;
use serde_json::json;
use sqlx::{PgConnection, PgPool};
use tokio::sync::Semaphore;
use uuid::Uuid;

use super::backoff::Backoff;
use super::breaker::Breakers;
use super::error::{ErrorClass, JobError};
use super::inflight::InFlight;
use super::job::{ClaimedJob, Lease};
use super::name::Queue;
use super::outage::Outage;

/// Outcomes of one queue that are written at the same time. More would take the connections of those that publish: a provider that
/// goes down ends a thousand reports at once.
const AT_ONCE: usize = 4;

/// Codes of waits that have an end of their own: an answer on its way, a new month, a person, a turn at a provider that answers well. They take
/// nothing of the time that a row may be put off, and what comes after them has the whole of it again.
const ENDS_BY_ITSELF: [&str; 4] =
    ["llm.batch_waiting", "llm.budget_exceeded", "llm.prompt_unknown", "llm.local_rate_limit"];

/// What the codes of our own stores begin with. While one is away rows neither begin nor end to be put off.
const OF_STORES: [&str; 2] = ["store.", "llm.store_unavailable"];

/// What became of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settled {
    /// Runs again after the wait.
    PutBack {
        /// Until then.
        wait: Duration,
        /// Whether the attempt counted.
        counted: bool,
    },
    /// Ended as failed.
    Failed,
    /// Nothing was written: the row was cancelled or belongs to somebody else.
    Fenced,
}

/// Settles jobs that did not complete by themselves.
#[derive(Debug, Clone)]
pub struct Settler {
    pool: PgPool,
    backoff: Backoff,
    inflight: InFlight,
    breakers: Breakers,
    outage: Outage,
    writing: Arc<Semaphore>,
}

impl Settler {
    /// A settler that writes through `pool`.
    #[must_use]
    pub fn new(
        pool: PgPool,
        backoff: Backoff,
        inflight: InFlight,
        breakers: Breakers,
        outage: Outage,
    ) -> Self {
        Self { pool, backoff, inflight, breakers, outage, writing: Arc::new(Semaphore::new(AT_ONCE)) }
    }

    /// Writes the outcome of a job that failed, was put off or was stopped, and forgets its lease.
    /// While PostgreSQL is down it waits and tries again: the lease cannot be taken over either.
    pub async fn settle(&self, job: &ClaimedJob, error: &JobError) -> Settled {
        let plan = self.plan(job, error);
        let settled = if plan == Settled::Fenced {
            Settled::Fenced
        } else {
            // Closed by nobody; without a permit the outcome is written all the same.
            let _permit = self.writing.acquire().await;
            let attempt = || self.write(job, error, plan);
            self.outage
                .persist("the outcome of a job is kept until PostgreSQL answers", attempt)
                .await
                .unwrap_or_else(|error| {
                    // The row keeps its lease until it expires and is then rescued: nothing is lost.
                    tracing::error!(job_id = %job.lease.job_id, %error, "outcome could not be written");
                    Settled::Fenced
                })
        };
        // What a worker ran into that was silent past its lease tells of its silence, not of the dependency.
        match error.dependency {
            _ if settled == Settled::Fenced => self.inflight.count_fenced(),
            Some(dependency) => self.breakers.failed(dependency, &error.message).await,
            None => {}
        }
        self.inflight.remove(job.lease);
        settled
    }

    fn plan(&self, job: &ClaimedJob, error: &JobError) -> Settled {
        match error.class {
            ErrorClass::Retry if job.attempt < job.max_attempts => {
                let wait = self.backoff.wait(job.attempt, fastrand::f64());
                Settled::PutBack { wait, counted: true }
            }
            ErrorClass::Retry | ErrorClass::Permanent => Settled::Failed,
            ErrorClass::Snooze(wait) => Settled::PutBack { wait, counted: false },
            ErrorClass::Interrupted => Settled::PutBack { wait: Duration::ZERO, counted: false },
            ErrorClass::Cancelled | ErrorClass::LeaseLost => Settled::Fenced,
        }
    }

    async fn write(&self, job: &ClaimedJob, error: &JobError, plan: Settled) -> Result<Settled, sqlx::Error> {
        let mut transaction = self.pool.begin().await?;
        let held = match plan {
            Settled::PutBack { wait, counted } => {
                put_back(&mut transaction, job.lease, wait, counted, Some(error)).await?
            }
            Settled::Failed => fail(&mut transaction, job.lease, error).await?,
            Settled::Fenced => false,
        };
        if !held {
            transaction.rollback().await?;
            return Ok(Settled::Fenced);
        }
        if error.class == ErrorClass::Retry || error.class == ErrorClass::Permanent {
            record(&mut transaction, job, error, plan != Settled::Failed).await?;
        }
        transaction.commit().await?;
        Ok(plan)
    }
}

/// Gives a row back; `false` means that the lease was gone.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn put_back(
    connection: &mut PgConnection,
    lease: Lease,
    wait: Duration,
    counted: bool,
    error: Option<&JobError>,
) -> Result<bool, sqlx::Error> {
    // An interrupted row ran into no error: what it says of itself stays as it was.
    let told = error.filter(|error| error.class != ErrorClass::Interrupted);
    let row: Option<Uuid> = sqlx::query_scalar(lease.queue.statements().put_back)
        .bind(lease.job_id)
        .bind(lease.token)
        .bind(wait.as_secs_f64())
        .bind(!counted)
        .bind(told.map(|error| error.message.as_str()))
        .bind(told.map(|error| error.code.as_ref()))
        .bind(puts_off(counted, told))
        .fetch_optional(connection)
        .await?;
    Ok(row.is_some())
}

/// Whether the time from here on, or from an earlier such end on, is time that the row is put off; an attempt that counted begins anew.
/// `None`: all stays as it was.
fn puts_off(counted: bool, told: Option<&JobError>) -> Option<bool> {
    if counted {
        return Some(false);
    }
    let code: &str = &told?.code;
    (!OF_STORES.iter().any(|store| code.starts_with(store))).then(|| !ENDS_BY_ITSELF.contains(&code))
}

/// For how long the row of a lease has been put off since its last attempt that counted; zero before its first snooze, and once the lease
/// is gone.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn put_off_for(pool: &PgPool, lease: Lease) -> Result<Duration, sqlx::Error> {
    let waited_s: Option<Option<f64>> = sqlx::query_scalar(include_str!("sql/put_off_for.sql"))
        .bind(lease.queue.as_str())
        .bind(lease.job_id)
        .bind(lease.token)
        .fetch_optional(pool)
        .await?;
    Ok(waited_s.flatten().and_then(|waited_s| Duration::try_from_secs_f64(waited_s).ok()).unwrap_or_default())
}

/// Gives rows back that a process no longer runs, to run again at once; no attempt is burnt. All of a queue in one statement; those
/// that somebody holds locked go by themselves, a few side by side. A lease that is gone needs nothing.
///
/// # Errors
/// When PostgreSQL refuses or does not answer: what was not given back is rescued when its lease runs out.
pub async fn give_back(pool: &PgPool, leases: &[Lease]) -> Result<(), sqlx::Error> {
    for queue in Queue::ALL {
        let part: Vec<Lease> = leases.iter().copied().filter(|lease| lease.queue == queue).collect();
        if part.is_empty() {
            continue;
        }
        let given: Vec<Uuid> = sqlx::query_scalar(queue.statements().give_back)
            .bind(part.iter().map(|lease| lease.job_id).collect::<Vec<_>>())
            .bind(part.iter().map(|lease| lease.token).collect::<Vec<_>>())
            .fetch_all(pool)
            .await?;
        let given: HashSet<Uuid> = given.into_iter().collect();
        let left = part.into_iter().filter(|lease| !given.contains(&lease.job_id));
        let one_by_one = left.map(|lease| async move {
            let mut connection = pool.acquire().await?;
            put_back(&mut connection, lease, Duration::ZERO, false, None).await
        });
        let ended: Vec<Result<bool, sqlx::Error>> =
            futures::stream::iter(one_by_one).buffer_unordered(AT_ONCE).collect().await;
        ended.into_iter().collect::<Result<Vec<bool>, _>>()?;
    }
    Ok(())
}

async fn fail(connection: &mut PgConnection, lease: Lease, error: &JobError) -> Result<bool, sqlx::Error> {
    let row: Option<Uuid> = sqlx::query_scalar(lease.queue.statements().fail)
        .bind(lease.job_id)
        .bind(lease.token)
        .bind(&error.message)
        .bind(error.code.as_ref())
        .fetch_optional(&mut *connection)
        .await?;
    if row.is_some() && lease.queue == Queue::Report {
        sqlx::query("select orrery.fail_dependents($1)").bind(lease.job_id).execute(&mut *connection).await?;
        sqlx::query("delete from orrery.report_slot where queue_id = $1")
            .bind(lease.job_id)
            .execute(&mut *connection)
            .await?;
    }
    Ok(row.is_some())
}

/// Keeps the error where the documents want it: `report_generation_errors`, or the audit log of calculations.
async fn record(
    connection: &mut PgConnection,
    job: &ClaimedJob,
    error: &JobError,
    again: bool,
) -> Result<(), sqlx::Error> {
    let stack = error.source.as_ref().map(|source| chain(source.as_ref()));
    let row = job.payload.columns();
    match job.lease.queue {
        Queue::Report => sqlx::query(include_str!("sql/record_report_error.sql"))
            .bind(job.lease.job_id)
            .bind(error.code.as_ref())
            .bind(error.class_word())
            .bind(&error.message)
            .bind(stack)
            .bind(error.stage.as_str())
            .bind((!error.input.is_null()).then_some(error.input.as_ref()))
            .bind(again),
        Queue::Entity | Queue::Calculation => sqlx::query(include_str!("sql/record_calculation_error.sql"))
            .bind(job.lease.job_id)
            .bind(job.lease.queue.as_str())
            .bind(&job.organization_id)
            .bind(json!({ "code": error.code, "message": error.message, "stage": error.stage.as_str(),
                          "attempt": job.attempt, "again": again, "input": error.input }))
            .bind(row["entity_type"].as_str())
            .bind(row["entity_id"].as_str()),
        Queue::Quarter => return Ok(()),
    }
    .execute(connection)
    .await?;
    Ok(())
}

fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut lines = vec![error.to_string()];
    let mut below = error.source();
    while let Some(error) = below {
        lines.push(error.to_string());
        below = error.source();
    }
    lines.join("\ncaused by: ")
}
