//! What the runtime runs: one handler for each queue, and chores that recur.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use serde_json::Value;

use crate::queue::{ClaimedJob, Dependency, JobError, Queue};

/// How a job ended well.
#[derive(Debug, Clone, PartialEq)]
pub enum Done {
    /// The result is published and the row completed, in one transaction.
    Published,
    /// There was nothing to publish in PostgreSQL: the row is still to be completed, which happens in batches. The value says
    /// what the job made; null if there is nothing to say.
    Unpublished(Value),
}

/// Runs the jobs of one queue.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Whose jobs.
    fn queue(&self) -> Queue;

    /// Runs a job to its end.
    ///
    /// Cancel safety: the future may be dropped at any await point (deadline, shutdown); what it wrote by then must be
    /// harmless to a later run of the same row.
    ///
    /// # Errors
    /// Whose class decides what becomes of the row.
    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError>;

    /// How many jobs it wants at once at most, asked each time that a slot is free. A slot never waits for more than one: it
    /// gets what has been claimed by then.
    fn rows(&self) -> usize {
        1
    }

    /// Whether rows that are claimed ahead of a slot are said to wait from the claim on, which costs a statement for each batch that
    /// begins. Otherwise they count as begun until they have waited for two heartbeats.
    fn tells(&self) -> bool {
        false
    }

    /// Runs jobs to their ends and says of each how it ended, in their order. A deadline or a panic is the end of all of them.
    ///
    /// Cancel safety: as [`Handler::run`].
    async fn run_many(&self, jobs: &[Arc<ClaimedJob>]) -> Vec<Result<Done, JobError>> {
        let mut ends = Vec::with_capacity(jobs.len());
        for job in jobs {
            ends.push(self.run(Arc::clone(job)).await);
        }
        ends
    }
}

/// Work that recurs in every worker and is safe to do in all of them at once.
#[async_trait]
pub trait Chore: Send + Sync + 'static {
    /// Name for the log.
    fn name(&self) -> &'static str;

    /// Time between two rounds.
    fn every(&self) -> Duration;

    /// Time that a round may take beside its statements.
    fn takes(&self) -> Duration {
        Duration::ZERO
    }

    /// One round.
    ///
    /// Cancel safety: as [`Handler::run`]; it is dropped when it takes many times as long as a statement may, and [`Chore::takes`]. What it did in steps of its own
    /// stays done.
    ///
    /// # Errors
    /// Are logged; the next round tries again.
    async fn round(&self) -> Result<(), JobError>;
}

/// Something that jobs need beside PostgreSQL, as the worker that looks after it sees it.
#[async_trait]
pub trait Backing: Send + Sync + 'static {
    /// Which.
    fn dependency(&self) -> Dependency;

    /// Whether it answers.
    ///
    /// # Errors
    /// Why it does not, in words for the operator.
    async fn probe(&self) -> Result<(), String>;

    /// Takes from it what a dead worker still holds, such as open transactions that others would wait for.
    ///
    /// # Errors
    /// Are logged; whatever is held ends by itself later.
    async fn release(&self, worker_id: &str) -> Result<(), JobError>;
}
