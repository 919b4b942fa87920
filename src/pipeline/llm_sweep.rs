//! The chore that puts right what dead workers left in the accounts of language models.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;

use crate::llm::account::{Account, Swept};
use crate::queue::{JobError, Stage};
use crate::runtime::Chore;

/// Time between two rounds; a job does not wait for them, it finds its own calls by itself.
const EVERY: Duration = Duration::from_mins(1);

/// The chore.
#[derive(Debug)]
pub struct LlmSweep {
    account: Arc<Account>,
}

impl LlmSweep {
    /// A chore over these accounts.
    #[must_use]
    pub const fn new(account: Arc<Account>) -> Self {
        Self { account }
    }
}

#[async_trait]
impl Chore for LlmSweep {
    fn name(&self) -> &'static str {
        "llm_sweep"
    }

    fn every(&self) -> Duration {
        EVERY
    }

    async fn round(&self) -> Result<(), JobError> {
        let swept = self
            .account
            .sweep()
            .await
            .map_err(|error| JobError::retry(Stage::Analyse, error.kind.code(), error.to_string()))?;
        if swept != Swept::default() {
            tracing::info!(?swept, "accounts of language models put right");
        }
        Ok(())
    }
}
