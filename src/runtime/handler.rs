//! What the runtime runs: one handler for each queue, and chores that recur.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::queue::{ClaimedJob, JobError, Queue};

/// Runs the jobs of one queue.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Whose jobs.
    fn queue(&self) -> Queue;

    /// Runs a job to its end. `Ok` means that the result is published and the row completed, in one transaction.
    ///
    /// Cancel safety: the future may be dropped at any await point (deadline, shutdown); what it wrote by then must be
    /// harmless to a later run of the same row.
    ///
    /// # Errors
    /// Whose class decides what becomes of the row.
    async fn run(&self, job: Arc<ClaimedJob>) -> Result<(), JobError>;
}

/// Work that recurs in every worker and is safe to do in all of them at once.
#[async_trait]
pub trait Chore: Send + Sync + 'static {
    /// Name for the log.
    fn name(&self) -> &'static str;

    /// Time between two rounds.
    fn every(&self) -> Duration;

    /// One round.
    ///
    /// # Errors
    /// Are logged; the next round tries again.
    async fn round(&self) -> Result<(), JobError>;
}
