//! Runs rows of `entity_update_queue`.

use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;

use super::batch;
use super::pace::Pace;
use crate::pipeline::Context;
use crate::queue::{ClaimedJob, JobError, Queue, Stage, StopReason};
use crate::runtime::{Done, Handler};

/// Recalculates entities, as many at once as are there and as the stores take well.
pub struct EntityHandler {
    context: Arc<Context>,
    pace: Pace,
}

impl EntityHandler {
    /// A handler over these stores.
    #[must_use]
    pub fn new(context: Arc<Context>) -> Self {
        Self { pace: Pace::new(context.config.entity.batch), context }
    }
}

#[async_trait]
impl Handler for EntityHandler {
    fn queue(&self) -> Queue {
        Queue::Entity
    }

    fn rows(&self) -> usize {
        self.pace.rows()
    }

    /// Hundreds of rows are claimed ahead, and few of them have begun when a worker dies.
    fn tells(&self) -> bool {
        true
    }

    /// A batch of one.
    async fn run(&self, job: Arc<ClaimedJob>) -> Result<Done, JobError> {
        let end = self.run_many(&[job]).await.pop();
        end.unwrap_or_else(|| Err(JobError::stopped(StopReason::Interrupted, Stage::Collect)))
    }

    async fn run_many(&self, jobs: &[Arc<ClaimedJob>]) -> Vec<Result<Done, JobError>> {
        let started = Instant::now();
        let ends = batch::run(&self.context, jobs).await;
        let refused =
            ends.iter().any(|end| end.as_ref().is_err_and(|error| error.code.starts_with("store.")));
        self.pace.note(jobs.len(), started.elapsed(), refused);
        ends
    }
}
