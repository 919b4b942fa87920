//! Batches: questions for which nobody waits go together through the batch interface of their provider, at its lower price.
//!
//! A row that may wait puts its question down ([`super::Guard::defer`]) and sleeps. A [`Batcher`] in every worker makes rounds: it
//! takes out what waits in vain, collects what waits, hands batches in, looks at them, commits their answers as if they had been
//! given directly, and wakes the rows. A woken row finds its answer by the digest of its question; one whose question
//! was not done asks directly.
//!
//! What is paid once: a batch is noted as `submitting` before it is handed in, under a mark that the provider keeps. Whoever finds
//! a batch in that state looks for the mark before anything is handed in again. All state is in PostgreSQL, so a worker may die anywhere.

mod anthropic;
mod desk;
mod gemini;
mod openai;
mod steps;

#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use self::steps::Step;
use super::account::Account;
use super::account::batches::{Collecting, Held};
use super::error::LlmError;
use super::provider::Provider;
use crate::config::LlmBatch;

/// Batches that one round looks at. The next round goes on.
const LOOKS: usize = 50;

/// When questions are collected, and how long batches are waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Settings {
    /// When questions become a batch.
    pub collecting: Collecting,
    /// Time between two looks.
    pub poll: Duration,
}

impl From<&LlmBatch> for Settings {
    fn from(config: &LlmBatch) -> Self {
        Self {
            collecting: Collecting {
                age: Duration::from_secs(config.age_s),
                most_items: config.most_items,
                most_bytes: config.most_bytes,
                give_up: give_up(config),
            },
            poll: Duration::from_secs(config.poll_s),
        }
    }
}

/// How long a question may wait for a batch, and in it.
#[must_use]
pub fn give_up(config: &LlmBatch) -> Duration {
    Duration::from_hours(u64::from(config.give_up_h))
}

/// What one round did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Round {
    /// Questions that were taken out.
    pub taken_out: usize,
    /// Questions that were collected.
    pub collected: usize,
    /// Batches that were handed in, or found again.
    pub submitted: usize,
    /// Batches that ended.
    pub ended: usize,
    /// Rows that were woken.
    pub woken: usize,
}

/// Carries questions to the batch interfaces and answers back.
#[derive(Debug)]
pub struct Batcher {
    account: Arc<Account>,
    providers: Vec<Provider>,
    settings: Settings,
}

impl Batcher {
    /// For the providers that take batches.
    #[must_use]
    pub fn new(account: Arc<Account>, providers: &[Provider], settings: Settings) -> Self {
        let providers = providers.iter().filter(|provider| provider.batch).cloned().collect();
        Self { account, providers, settings }
    }

    /// Time between two rounds.
    #[must_use]
    pub const fn every(&self) -> Duration {
        self.settings.poll
    }

    /// One round. Any number of workers may make rounds at once: each batch is looked at by one of them.
    ///
    /// # Errors
    /// When a store of ours does not answer; the next round goes on. What a provider does wrong is noted with its batch.
    pub async fn round(&self) -> Result<Round, LlmError> {
        let mut round = Round { taken_out: self.account.take_out_questions().await?, ..Round::default() };
        for provider in &self.providers {
            let collecting = &self.settings.collecting;
            while let Some(items) =
                self.account.collect_batch(&provider.name, &provider.model, collecting).await?
            {
                tracing::info!(
                    provider = provider.name,
                    model = provider.model,
                    items,
                    "questions collected for a batch"
                );
                round.collected += usize::try_from(items).unwrap_or_default();
            }
        }
        let names: Vec<String> = self.providers.iter().map(|provider| provider.name.clone()).collect();
        for _ in 0..LOOKS {
            let Some(held) = self.account.hold_batch(&names, self.hold()).await? else { break };
            match self.step(&held).await? {
                Step::Submitted => round.submitted += 1,
                Step::Ended => round.ended += 1,
                Step::Waits => {}
            }
        }
        self.account.close_overdue_batches().await?;
        let woken = self.account.wake_waiting_rows().await?;
        round.woken = usize::try_from(woken).unwrap_or_default();
        Ok(round)
    }

    /// Time after which a worker that looks at a batch counts as dead: longer than all requests of a look.
    fn hold(&self) -> Duration {
        let longest = self.providers.iter().map(|provider| provider.timeout).max().unwrap_or_default();
        longest * 4 + Duration::from_mins(2)
    }

    /// The provider of a batch, with the model of the batch: the configuration may name another by now.
    fn provider(&self, held: &Held) -> Option<Provider> {
        let provider = self.providers.iter().find(|provider| provider.name == held.provider)?;
        Some(Provider { model: held.model.clone(), ..provider.clone() })
    }
}
