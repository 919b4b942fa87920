//! What surrounds a call: the accounts of the fleet, behind one trait, so that the client needs no database.
//!
//! One guard belongs to one job: it knows the organization, the row and the lease. For each provider of the chain
//! that is tried, [`super::Chain`] calls in this order:
//!
//! ```text
//! stored --Some--> the answer, nothing is sent, nothing else is called
//!   | None
//! defer  --Err---> the question is put down for a batch (only providers with batches, and only what can wait)
//!   | Ok
//! permit --Err---> step down the chain, or give up, as the policy of the error says
//!   | Permit
//! per HTTP request, at most three:  admit --Err--> settle(Err), then as the policy says
//!                                   away
//!                                   (wait, request)
//!                                   back
//!                                   seen
//! record (only a 2xx: commit answer and usage, nobody has looked into it yet)
//! settle (exactly once for each permit, unless the future is dropped)
//! ... the answer is parsed and checked by the caller ...
//! judged (once for each answer that was looked at, stored ones too)
//! ```
//!
//! Cancel safety: a job that is told to stop drops the future between any two of these. A permit may then never be settled, so
//! what it holds must also end by itself (a time limit), and a call that was sent and not recorded counts as unknown.

use std::time::Duration;

use async_trait::async_trait;
use uuid::Uuid;

use super::answer::Answer;
use super::error::LlmError;
use super::limits::Limits;
use super::request::{Digest, Request};

/// One question to one provider of the chain.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// The question.
    pub request: &'a Request,
    /// Name of the provider in the configuration; with `model` the key of breaker and buckets.
    pub provider: &'a str,
    /// The model that is asked, as the configuration names it.
    pub model: &'a str,
    /// Key of the stored answer.
    pub digest: Digest,
    /// Place in the chain, from 0.
    pub step: usize,
    /// Tokens to set aside for the question.
    pub input: u64,
    /// Tokens to set aside for the answer: the cap that is sent.
    pub output: u64,
}

/// The right to make one call. Whoever gave it knows what it holds by this id.
#[derive(Debug, PartialEq, Eq)]
pub struct Permit {
    /// Id of the call; a row of the account.
    pub id: Uuid,
}

/// One HTTP request and what it taught.
#[derive(Debug, Clone, Copy)]
pub struct Exchange<'a> {
    /// Which request of the call, from 1.
    pub attempt: u32,
    /// `None` when it succeeded.
    pub error: Option<&'a LlmError>,
    /// What the headers said about what is left.
    pub limits: &'a Limits,
    /// From sending to the last byte, or to the failure.
    pub latency: Duration,
}

/// What the judge found in an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// Whether it can be used, in whole or section by section.
    pub usable: bool,
    /// Steps of repair, such as `fences`, `syntax`, `coerced`.
    pub repairs: Vec<&'static str>,
    /// Codes of what was wrong, without content.
    pub violations: Vec<String>,
}

/// The accounts around a call. Each refusal is an [`LlmError`] whose kind decides what follows: `CircuitOpen`, `LocalRateLimit`,
/// `BudgetExceeded`, `JobBudgetExceeded` or `Store`, with a hint where one is known. A breaker that a refused key or an empty account
/// opened refuses with that kind, `Auth` or `QuotaExhausted`, so that what follows is the same for the calls after the first.
#[async_trait]
pub trait Guard: Send + Sync {
    /// The answer that was recorded for this digest, if any.
    ///
    /// # Errors
    /// When the store does not answer.
    async fn stored(&self, call: &Call<'_>) -> Result<Option<Answer>, LlmError>;

    /// Whether the answer may come later: then the question is put down for a batch of its provider, and `BatchWaiting` says that
    /// the job sleeps until it is answered. `body` is the question as it would be sent.
    ///
    /// # Errors
    /// `BatchWaiting`; or why it could not be put down.
    async fn defer(
        &self,
        _call: &Call<'_>,
        _body: &(dyn Fn() -> String + Send + Sync),
    ) -> Result<(), LlmError> {
        Ok(())
    }

    /// Before the first request: breaker, then budget (reserved). Writes down that the call begins.
    ///
    /// # Errors
    /// Why the call may not be made now.
    async fn permit(&self, call: &Call<'_>) -> Result<Permit, LlmError>;

    /// Before each request, the first too: the buckets of requests and tokens. Says how long to wait before it is sent: moments; what
    /// takes longer is refused.
    ///
    /// # Errors
    /// `LocalRateLimit` with the wait, or `Store`.
    async fn admit(&self, call: &Call<'_>, permit: &Permit, attempt: u32) -> Result<Duration, LlmError>;

    /// The job is about to wait for a model, or to be allowed to ask it: what it holds of the worker may go to others.
    fn away(&self) {}

    /// The wait is over: holds again what work needs. Everything but waiting happens between this and [`Guard::away`].
    async fn back(&self) {}

    /// After each request: the breaker counts it, the buckets learn from it. Must not fail the call: it logs its own trouble.
    async fn seen(&self, call: &Call<'_>, permit: &Permit, exchange: &Exchange<'_>);

    /// Commits answer and usage before anybody looks into the answer.
    ///
    /// # Errors
    /// When they could not be committed; the answer is then not used.
    async fn record(&self, call: &Call<'_>, permit: &Permit, answer: &Answer) -> Result<(), LlmError>;

    /// Ends the permit: gives back what was set aside and not used, and books what was. Logs its own trouble.
    async fn settle(&self, call: &Call<'_>, permit: Permit, result: Result<&Answer, &LlmError>);

    /// Whether, after [`super::Kind::QuotaExhausted`], the next provider may be paid instead. The organization says so.
    fn allows_other_bill(&self) -> bool {
        false
    }

    /// Notes what was found in an answer. Logs its own trouble.
    async fn judged(&self, call: &Call<'_>, judgement: &Judgement);
}

/// A guard without accounts: stores nothing, refuses nothing. For `orrery llm test` and tests.
#[derive(Debug, Clone, Copy, Default)]
pub struct Unguarded;

#[async_trait]
impl Guard for Unguarded {
    async fn stored(&self, _: &Call<'_>) -> Result<Option<Answer>, LlmError> {
        Ok(None)
    }

    async fn permit(&self, _: &Call<'_>) -> Result<Permit, LlmError> {
        Ok(Permit { id: Uuid::new_v4() })
    }

    async fn admit(&self, _: &Call<'_>, _: &Permit, _: u32) -> Result<Duration, LlmError> {
        Ok(Duration::ZERO)
    }

    async fn seen(&self, _: &Call<'_>, _: &Permit, _: &Exchange<'_>) {}

    async fn record(&self, _: &Call<'_>, _: &Permit, _: &Answer) -> Result<(), LlmError> {
        Ok(())
    }

    async fn settle(&self, _: &Call<'_>, _: Permit, _: Result<&Answer, &LlmError>) {}

    async fn judged(&self, _: &Call<'_>, _: &Judgement) {}
}
