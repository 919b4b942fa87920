//! One look at one batch, by the state that it is in.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use chrono::Utc;
use uuid::Uuid;

use super::Batcher;
use super::desk::{self, Desk, Ended, Found, Line, Look, NotCreated, Outcome, Sought};
use crate::llm::account::batches::{Held, Item, Release};
use crate::llm::answer::Answer;
use crate::llm::chain::said_something;
use crate::llm::error::LlmError;
use crate::llm::http;
use crate::llm::kind::Kind;
use crate::llm::provider::Provider;
use crate::llm::request::tokens_of_bytes;
use crate::llm::telemetry;

/// Times that a batch is handed in before its questions go the direct way.
const TRIES: i32 = 3;

/// What a look came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// The batch is with the provider.
    Submitted,
    /// It has ended.
    Ended,
    /// It is looked at again later.
    Waits,
}

/// A batch and whom to ask about it.
struct Case<'a> {
    held: &'a Held,
    provider: Provider,
    desk: &'static dyn Desk,
}

impl Batcher {
    /// Looks at a batch. Errors are those of our own stores: then the look is repeated when its hold has run out.
    pub(super) async fn step(&self, held: &Held) -> Result<Step, LlmError> {
        let Some(provider) = self.provider(held) else { return self.wait(held, None).await };
        let Some(desk) = desk::of(provider.wire) else { return self.wait(held, None).await };
        if held.overdue && held.state == "collected" {
            let error = LlmError::new(Kind::BatchExpired, "it could not be handed in in time");
            return self.refused(held, &error).await;
        }
        if let Some(rest) = self.account.rests(&held.provider, &held.model).await? {
            let release = Release { wait: rest.max(self.settings.poll), ..Release::default() };
            self.account.release_batch(held, &release).await?;
            return Ok(Step::Waits);
        }
        let case = Case { held, provider, desk };
        match held.state.as_str() {
            "collected" => self.hand_in(&case).await,
            "submitting" => self.seek(&case).await,
            _ => self.look(&case).await,
        }
    }

    /// From the note on it may be with the provider; the note comes first.
    async fn hand_in(&self, case: &Case<'_>) -> Result<Step, LlmError> {
        let held = case.held;
        if !self.account.begin_batch(held).await? {
            return Ok(Step::Waits);
        }
        let ids: Vec<Uuid> =
            self.account.open_items(held.id).await?.into_iter().map(|item| item.id).collect();
        let questions = match self.account.questions(&ids).await {
            Ok(questions) => questions,
            // Nothing was sent: the next look need not seek it.
            Err(error) => {
                self.again(held, "collected", &error).await?;
                return Err(error);
            }
        };
        if questions.is_empty() {
            self.account.items_are_undone(held, "the question is not there any more").await?;
            self.account.close_batch(held.id, Some(held.held_by), "ended", None).await?;
            return Ok(Step::Ended);
        }
        let created = case.desk.create(&case.provider, held.id, &questions).await;
        self.seen(held, created.as_ref().err().map(|failure| &failure.error)).await;
        match created {
            Ok(id) => self.is_submitted(held, &id).await,
            Err(NotCreated { error, perhaps: true }) => {
                tracing::warn!(batch_id = %held.id, provider = held.provider, %error, "a batch may or may not be with its provider: it is sought");
                self.wait(held, Some(&error)).await
            }
            Err(NotCreated { error, .. }) => {
                // The look began with the count of tries before this one.
                let passes = matches!(
                    error.kind,
                    Kind::RateLimited | Kind::Overloaded | Kind::Timeout | Kind::Connect
                );
                if passes && held.tries + 1 < TRIES {
                    self.again(held, "collected", &error).await?;
                    return Ok(Step::Waits);
                }
                self.refused(held, &error).await
            }
        }
    }

    /// Looks for a batch that may be with the provider, and hands it in if it is not there.
    async fn seek(&self, case: &Case<'_>) -> Result<Step, LlmError> {
        let held = case.held;
        let items: HashSet<String> =
            self.account.open_items(held.id).await?.into_iter().map(|item| item.id.to_string()).collect();
        let sought = Sought {
            batch: held.id,
            items,
            since: held.submitting_at.unwrap_or_else(Utc::now),
            known: self.account.known_batches(&held.provider).await?.into_iter().collect(),
        };
        let found = case.desk.find(&case.provider, &sought).await;
        self.seen(held, found.as_ref().err()).await;
        match found {
            Ok(Found::Here(id)) => {
                tracing::info!(batch_id = %held.id, provider = held.provider, "a batch of a worker that died was found: it is not paid again");
                self.is_submitted(held, &id).await
            }
            Ok(Found::Nowhere) if held.tries < TRIES && !held.overdue => self.hand_in(case).await,
            Ok(Found::Nowhere) => {
                let error = LlmError::new(Kind::BatchExpired, "the provider did not take it");
                self.refused(held, &error).await
            }
            Ok(Found::Unsure) | Err(_) if held.overdue => {
                self.account.items_are_unknown(held).await?;
                let error =
                    LlmError::new(Kind::BatchExpired, "whether the provider had it could not be found out");
                self.account.close_batch(held.id, Some(held.held_by), "failed", Some(&error)).await?;
                Ok(Step::Ended)
            }
            Ok(Found::Unsure) => self.wait(held, None).await,
            Err(error) => self.wait(held, Some(&error)).await,
        }
    }

    /// Asks how it stands; fetches the answers when it has ended.
    async fn look(&self, case: &Case<'_>) -> Result<Step, LlmError> {
        let held = case.held;
        let id = held.provider_batch_id.clone().unwrap_or_default();
        let looked = case.desk.look(&case.provider, &id).await;
        self.seen(held, looked.as_ref().err()).await;
        match looked {
            Ok(Look::Ended(ended)) => self.fetch(case, &id, &ended).await,
            Ok(Look::UnderWay) if held.overdue && !held.cancelled => {
                let asked = case.desk.cancel(&case.provider, &id).await;
                let error = asked.as_ref().err();
                let release = Release {
                    wait: self.settings.poll,
                    error,
                    cancelled: error.is_none(),
                    ..Release::default()
                };
                self.account.release_batch(held, &release).await?;
                tracing::warn!(batch_id = %held.id, provider = held.provider, "a batch took too long and is cancelled");
                Ok(Step::Waits)
            }
            Ok(Look::UnderWay) => self.wait(held, None).await,
            // It is not there any more, so what had no answer has none.
            Err(error) if error.detail.status == Some(404) => self.refused(held, &error).await,
            Err(error) => self.wait(held, Some(&error)).await,
        }
    }

    /// Commits every answer, then forgets the batch at the provider, then closes it: whoever dies in between is followed by a look
    /// that goes on from there.
    async fn fetch(&self, case: &Case<'_>, id: &str, ended: &Ended) -> Result<Step, LlmError> {
        let held = case.held;
        let open: HashMap<String, Item> = self
            .account
            .open_items(held.id)
            .await?
            .into_iter()
            .map(|item| (item.id.to_string(), item))
            .collect();
        if !open.is_empty() {
            let lines = match case.desk.results(&case.provider, id, ended).await {
                Ok(lines) => lines,
                // Its results are gone.
                Err(error) if error.detail.status == Some(404) => Vec::new(),
                Err(error) => return self.wait(held, Some(&error)).await,
            };
            for Line { id, outcome } in lines {
                let Some(item) = open.get(&id) else { continue };
                self.item(case, item, outcome).await?;
            }
        }
        let why = ended.failed.as_deref().unwrap_or("the batch ended before this question was done");
        let undone = self.account.items_are_undone(held, why).await?;
        case.desk.forget(&case.provider, id, ended).await;
        let error = ended.failed.as_deref().map(|why| LlmError::new(Kind::BatchExpired, why));
        let state = if error.is_some() { "failed" } else { "ended" };
        self.account.close_batch(held.id, Some(held.held_by), state, error.as_ref()).await?;
        tracing::info!(batch_id = %held.id, provider = held.provider, model = held.model, items = open.len(), undone, state, "a batch ended");
        Ok(Step::Ended)
    }

    /// One result, as a direct answer.
    async fn item(&self, case: &Case<'_>, item: &Item, outcome: Outcome) -> Result<(), LlmError> {
        let Outcome::Body { status, request_id, body } = outcome else { return Ok(()) };
        let (held, provider) = (case.held, &case.provider);
        let waited = held.submitted_at.map(|since| Utc::now() - since).unwrap_or_default();
        let waited = waited.to_std().unwrap_or_default();
        let answer = if status.is_success() {
            let asked = tokens_of_bytes(usize::try_from(item.bytes).unwrap_or_default());
            http::read(provider, asked, status, request_id, body).and_then(said_something)
        } else {
            Err(desk::classified(status, &body))
        };
        let result = answer.map(|answer| Answer { latency: waited, ..answer }).map_err(|mut error| {
            if let Some(key) = &provider.key {
                error.detail.provider_message = key.struck_from(&error.detail.provider_message);
            }
            error
        });
        match &result {
            Ok(answer) => self.account.record_item(held, item.id, answer).await?,
            Err(error) => {
                tracing::info!(batch_id = %held.id, call_id = %item.id, code = error.kind.code(), "a question of a batch failed and is asked directly");
                self.account.fail_item(held, item.id, error).await?;
            }
        }
        telemetry::ended_in_batch(provider, held.id, item, &result, waited);
        Ok(())
    }

    async fn is_submitted(&self, held: &Held, id: &str) -> Result<Step, LlmError> {
        if self.account.batch_is_submitted(held, id, self.settings.poll).await? {
            tracing::info!(batch_id = %held.id, provider = held.provider, model = held.model, provider_batch_id = id, "a batch is with its provider");
        }
        Ok(Step::Submitted)
    }

    /// The provider does not take it: its questions go the direct way.
    async fn refused(&self, held: &Held, error: &LlmError) -> Result<Step, LlmError> {
        tracing::warn!(batch_id = %held.id, provider = held.provider, %error, "a batch failed: its questions are asked directly");
        self.account.items_are_undone(held, "the provider did not do the batch").await?;
        self.account.close_batch(held.id, Some(held.held_by), "failed", Some(error)).await?;
        Ok(Step::Ended)
    }

    async fn again(&self, held: &Held, state: &'static str, error: &LlmError) -> Result<(), LlmError> {
        let release = Release {
            wait: self.pause(Some(error)),
            state: Some(state),
            error: Some(error),
            cancelled: false,
        };
        self.account.release_batch(held, &release).await
    }

    async fn wait(&self, held: &Held, error: Option<&LlmError>) -> Result<Step, LlmError> {
        let release = Release { wait: self.pause(error), error, ..Release::default() };
        self.account.release_batch(held, &release).await?;
        Ok(Step::Waits)
    }

    /// Until the next look: what the provider asks for is a minimum.
    fn pause(&self, error: Option<&LlmError>) -> Duration {
        let asked = error.and_then(|error| error.hint).map(|hint| hint + Duration::from_secs(1));
        self.settings.poll.max(asked.unwrap_or_default())
    }

    /// Counts what a provider did for the breaker. Logs its own trouble.
    async fn seen(&self, held: &Held, error: Option<&LlmError>) {
        self.account.batch_seen(&held.provider, &held.model, error).await;
    }
}
