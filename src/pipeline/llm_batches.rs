//! The chore that carries questions to the batch interfaces of language models, and their answers back.

use std::time::Duration;

use async_trait::async_trait;

use crate::llm::batch::{Batcher, Round};
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;

/// The chore.
#[derive(Debug)]
pub struct LlmBatches {
    batcher: Batcher,
}

impl LlmBatches {
    /// A chore over this batcher.
    #[must_use]
    pub const fn new(batcher: Batcher) -> Self {
        Self { batcher }
    }
}

#[async_trait]
impl Chore for LlmBatches {
    fn name(&self) -> &'static str {
        "llm_batches"
    }

    fn every(&self) -> Duration {
        self.batcher.every()
    }

    /// It asks providers for minutes.
    fn takes(&self) -> Duration {
        Duration::from_hours(1)
    }

    async fn round(&self) -> Result<(), JobError> {
        let round = self
            .batcher
            .round()
            .await
            .map_err(|error| JobError::retry(Stage::Analyse, error.kind.code(), error.to_string()))?;
        if round != Round::default() {
            tracing::info!(?round, "batches of questions to language models");
        }
        Ok(())
    }
}
