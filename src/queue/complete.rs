//! Ending a claim well: one row within the transaction that publishes its result, or many rows in batches.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;
use sqlx::{PgConnection, PgPool};
use tokio::sync::mpsc;
use uuid::Uuid;

use super::error::{JobError, Stage};
use super::inflight::InFlight;
use super::job::{ClaimedJob, Lease};
use super::name::Queue;
use super::outage::Outage;
use super::settle::Settler;
use super::vitals::Heart;

/// Rows that one statement completes at most.
const BATCH: usize = 1000;

/// Completions that may wait for the next batch; whoever brings more waits.
const BACKLOG: usize = 4 * BATCH;

/// Ends the row as completed, as the last statement of the transaction that publishes its result.
/// `false` means that the lease is gone: the caller must roll back.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn complete(
    connection: &mut PgConnection,
    lease: Lease,
    output: &Value,
) -> Result<bool, sqlx::Error> {
    let done = complete_all(connection, lease.queue, &[lease.job_id], &[lease.token], &[output]).await?;
    Ok(!done.is_empty())
}

/// Ends rows of a queue as completed whose tokens still hold, and returns those; the others are fenced and were not touched.
///
/// # Errors
/// When PostgreSQL refuses or does not answer.
pub async fn complete_all(
    connection: &mut PgConnection,
    queue: Queue,
    jobs: &[Uuid],
    tokens: &[i64],
    outputs: &[&Value],
) -> Result<Vec<Uuid>, sqlx::Error> {
    let done: Vec<Uuid> = sqlx::query_scalar(queue.statements().complete)
        .bind(jobs)
        .bind(tokens)
        .bind(outputs)
        .fetch_all(&mut *connection)
        .await?;
    if queue == Queue::Report && !done.is_empty() {
        sqlx::query("select orrery.reports_completed($1)").bind(&done).execute(connection).await?;
    }
    Ok(done)
}

/// A job that ended well and left the completion to us.
struct Completion {
    job: Arc<ClaimedJob>,
    output: Value,
}

/// Completes rows in batches. A batch is what came while the one before it was written, so a single row does not wait and a
/// crowd shares one statement and one commit. Cheap to clone.
#[derive(Clone)]
pub struct Completer {
    sender: mpsc::Sender<Completion>,
}

impl Completer {
    /// A completer and the task behind it, which ends when every clone is gone and all is written.
    pub fn new(
        pool: PgPool,
        settler: Settler,
        inflight: InFlight,
        outage: Outage,
        heart: Heart,
    ) -> (Self, impl Future<Output = ()> + Send + 'static) {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        (Self { sender }, write(receiver, Writer { pool, settler, inflight, outage, heart }))
    }

    /// Hands a job over. The lease stays in flight until the row is written, so the heartbeat keeps it.
    pub async fn complete(&self, job: Arc<ClaimedJob>, output: Value) {
        // The receiver lives as long as any sender; if its task died the row is rescued when its lease runs out.
        let _ = self.sender.send(Completion { job, output }).await;
    }
}

/// What the completions are written with.
struct Writer {
    pool: PgPool,
    settler: Settler,
    inflight: InFlight,
    outage: Outage,
    heart: Heart,
}

async fn write(mut receiver: mpsc::Receiver<Completion>, writer: Writer) {
    let mut batch = Vec::with_capacity(BATCH);
    while receiver.recv_many(&mut batch, BATCH).await > 0 {
        for queue in Queue::ALL {
            let part: Vec<&Completion> = batch.iter().filter(|done| done.job.lease.queue == queue).collect();
            if !part.is_empty() {
                writer.write(queue, &part).await;
            }
        }
        batch.clear();
    }
}

impl Writer {
    async fn write(&self, queue: Queue, part: &[&Completion]) {
        match self.send(queue, part).await {
            Ok(done) => {
                for completion in part {
                    let lease = completion.job.lease;
                    if !done.contains(&lease.job_id) {
                        self.inflight.count_fenced();
                        tracing::info!(%queue, job_id = %lease.job_id, "stopped; nothing was written");
                    }
                    self.inflight.remove(lease);
                }
            }
            Err(error) if part.len() == 1 => {
                let refused = JobError::retry(
                    Stage::Publish,
                    "store.postgres_error",
                    format!("PostgreSQL refused the completion: {error}"),
                );
                self.settler.settle(&part[0].job, &refused).await;
            }
            Err(error) => {
                tracing::warn!(%queue, rows = part.len(), %error, "a batch was refused; its rows go one by one");
                for completion in part {
                    Box::pin(self.write(queue, &[completion])).await;
                }
            }
        }
    }

    /// Sends a batch until PostgreSQL answers. A batch whose answer was lost is sent again under the same tokens: rows that it had
    /// completed are missing from the second answer and count as fenced, which changes nothing.
    async fn send(&self, queue: Queue, part: &[&Completion]) -> Result<HashSet<Uuid>, sqlx::Error> {
        let jobs: Vec<Uuid> = part.iter().map(|done| done.job.lease.job_id).collect();
        let tokens: Vec<i64> = part.iter().map(|done| done.job.lease.token).collect();
        let outputs: Vec<&Value> = part.iter().map(|done| &done.output).collect();
        let attempt = || {
            self.heart.within(async {
                let mut transaction = self.pool.begin().await?;
                let done = complete_all(&mut transaction, queue, &jobs, &tokens, &outputs).await?;
                transaction.commit().await?;
                Ok(done.into_iter().collect())
            })
        };
        self.outage.persist("completions are kept until PostgreSQL answers", attempt).await
    }
}
